#!/usr/bin/env bash
# Installs what the lab needs of Debian. usage: packages.sh [test]    test: only what the tests without a lab need
set -euo pipefail
tests=(busybox etcd-server openssh-server openssh-client openssl pgbouncer postgresql redis-server)
lab=(containerd runc containernetworking-plugins iptables nftables conntrack socat ethtool ipset skopeo umoci mmdebstrap
  systemd-container gcc libc6-dev curl jq python3-venv)

wanted=("${tests[@]}")
[ "${1:-}" = test ] || wanted+=("${lab[@]}")
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

[ "$(id -u)" = 0 ] || { echo "lab: these packages are missing, and installing them needs root: ${missing[*]}" >&2; exit 1; }
command -v apt-get >/dev/null || { echo "lab: install these by hand, this system has no apt-get: ${missing[*]}" >&2; exit 1; }
echo "lab: installing ${missing[*]}"
# No service of the machine's own starts because the lab's parts are installed.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod +x "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" </dev/null >/dev/null
