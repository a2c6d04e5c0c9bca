#!/bin/sh
# Runs inside the root that all hosts are copies of.
set -eu
rm -f /etc/ssh/ssh_host_*
mkdir -p /var/log/journal
systemctl enable systemd-networkd ssh cron cgroup-writable
# A host's own apt timers would take the package lock at any moment; the others have nothing to do in a container.
systemctl mask apt-daily.timer apt-daily-upgrade.timer fstrim.timer e2scrub_all.timer e2scrub_reap.service \
  console-getty.service getty.target systemd-networkd-wait-online.service
