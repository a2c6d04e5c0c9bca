#!/usr/bin/env bash
# The hosts: real Debians that systemd boots. usage: hosts.sh up | down | healthy [HOST] | on HOST [COMMAND…] | unplug|plug|reboot HOST
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

remote() { # remote HOST [COMMAND…]
  local name=$1; shift
  ssh -i "$STATE/keys/$name" -o IdentitiesOnly=yes -o UserKnownHostsFile="$STATE/known_hosts" -o StrictHostKeyChecking=yes \
    -o GlobalKnownHostsFile=/dev/null -o ConnectTimeout=5 -o BatchMode=yes -o LogLevel=ERROR -F /dev/null \
    "${LOGIN[$name]}@${ADDRESS[$name]}" "$@"
}
healthy() {
  local name
  for name in ${1:-"${HOSTS[@]}"}; do
    alive "host-$name" && listening "${ADDRESS[$name]}" 22 || return 1
  done
}

# The loop is the host's power: systemd-nspawn ends with 133 when the guest asks for a reboot.
run() {
  local name=$1 status
  cgroup_enter "drydock-lab/$name"
  while :; do
    status=0
    systemd-nspawn --boot --quiet -D "$STATE/hosts/$name" --machine="$name" --network-bridge="$BRIDGE" --register=no --keep-unit \
      --capability=all --system-call-filter="add_key keyctl bpf @swap" --resolv-conf=off --link-journal=no --timezone=off || status=$?
    [ $status -eq 133 ] || exit $status
  done
}

make() { # make HOST    a fresh copy of its root, with keys, name and address of its own
  local name=$1 root=$STATE/hosts/$1 user=${LOGIN[$1]}
  cp -a --reflink=auto "$("$LAB/roots.sh" path "$name")" "$root"
  "$LAB/adapt.sh" host "$root"
  echo "$name" >"$root/etc/hostname"
  printf '127.0.0.1 localhost\n%s %s\n' "${ADDRESS[$name]}" "$name" >"$root/etc/hosts"
  tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
  printf '[Match]\nName=host0\n[Network]\nAddress=%s/24\nGateway=%s\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n' \
    "${ADDRESS[$name]}" "$GATEWAY" >"$root/etc/systemd/network/80-container-host0.network"
  ssh-keygen -q -t ed25519 -N '' -C "root@$name" -f "$root/etc/ssh/ssh_host_ed25519_key"
  ssh-keygen -q -t ed25519 -N '' -C "drydock-lab" -f "$STATE/keys/$name"
  install -d -m 700 "$root/home/$user/.ssh"
  install -m 600 "$STATE/keys/$name.pub" "$root/home/$user/.ssh/authorized_keys"
  chown -R --reference="$root/home/$user" "$root/home/$user/.ssh"
}
switch_off() { # switch_off HOST    at once, as if its power were cut
  stop "host-$1"
  cgroup_clear "drydock-lab/$1"
  ip link del "vb-$1" 2>/dev/null || true
  plug "$1"
  unmount_below "$STATE/hosts/$1"
}
remove() { # remove HOST…
  local name waited=()
  for name in "$@"; do switch_off "$name"; done
  for name in "$@"; do
    rm -rf --one-file-system "$STATE/hosts/$name" "$STATE/keys/$name" "$STATE/keys/$name.pub" &
    waited+=($!)
  done
  for name in "${waited[@]}"; do wait "$name"; done
}
booted() { # or off: there is nothing to wait for then
  # shellcheck disable=SC2016
  ! alive "host-$1" || remote "$1" 'case $(systemctl is-system-running) in running | degraded) ;; *) exit 1 ;; esac'
}
up() {
  local name made=()
  mkdir -p "$STATE"/{hosts,keys,log,run}
  chmod 700 "$STATE/keys"
  nspawn_ready
  for name in "${HOSTS[@]}"; do
    healthy "$name" || made+=("$name")
  done
  remove "${made[@]}"
  for name in "${made[@]}"; do
    make "$name"
    start "host-$name" "$LAB/hosts.sh" run "$name"
  done
  for name in "${HOSTS[@]}"; do
    echo "${ADDRESS[$name]} $(cut -d' ' -f1,2 "$STATE/hosts/$name/etc/ssh/ssh_host_ed25519_key.pub")"
  done >"$STATE/known_hosts"
  for name in "${HOSTS[@]}"; do echo "$name ${ADDRESS[$name]} ${LOGIN[$name]}"; done >"$STATE/hosts.env"
  for name in "${made[@]}"; do
    until_ok 90 booted "$name"
    alive "host-$name" || { echo "$name went off: see $STATE/log/host-$name.log" >&2; exit 1; }
  done
}
down() {
  remove "${HOSTS[@]}"
  cgroup_clear drydock-lab
  if grep -q '^drydock-lab /run/systemd/nspawn ' /proc/mounts; then
    umount -l /run/systemd/nspawn
    rmdir --ignore-fail-on-non-empty -p /run/systemd/nspawn
  fi
  rm -f "$STATE/known_hosts" "$STATE/hosts.env"
}

# Frames are dropped on the bridge, in both directions and without an answer, as if the cable were out. ARP passes:
# a neighbor that is gone would make the kernel answer "no route" in its place.
unplug() {
  nft -f - <<K
table bridge drydock_lab {
  set unplugged { type ifname; }
  chain input { type filter hook input priority 0; }
  chain forward { type filter hook forward priority 0; }
  chain output { type filter hook output priority 0; }
}
flush chain bridge drydock_lab input
flush chain bridge drydock_lab forward
flush chain bridge drydock_lab output
add rule bridge drydock_lab input iifname @unplugged ether type != arp drop
add rule bridge drydock_lab forward iifname @unplugged ether type != arp drop
add rule bridge drydock_lab forward oifname @unplugged ether type != arp drop
add rule bridge drydock_lab output oifname @unplugged ether type != arp drop
add element bridge drydock_lab unplugged { "vb-$1" }
K
}
plug() {
  nft delete element bridge drydock_lab unplugged "{ \"vb-$1\" }" 2>/dev/null || true
}
unplugged() { nft get element bridge drydock_lab unplugged "{ \"vb-$1\" }" >/dev/null 2>&1; }

boot_id() { remote "$1" cat /proc/sys/kernel/random/boot_id; }
rebooted() { local now; now=$(boot_id "$1") && [ "$now" != "$2" ]; }
reboot() {
  local before
  before=$(boot_id "$1")
  remote "$1" sudo systemctl reboot || true
  until_ok 90 rebooted "$1" "$before" || die "$1 did not come back within 90 s: read $STATE/log/host-$1.log"
}

case ${1:-} in
  up | down) "$1" ;;
  healthy) healthy "${2:-}" ;;
  on)
    known_host "${2:-}"
    shift
    remote "$@"
    ;;
  run | unplug | plug | unplugged | reboot)
    known_host "${2:-}"
    "$1" "$2"
    ;;
  *) die "usage: hosts.sh up | down | healthy [HOST] | on HOST [COMMAND…] | unplug|plug|reboot HOST" ;;
esac
