#!/usr/bin/env bash
# The bridge of pods and hosts, and their way out. usage: network.sh up | down | healthy
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

ours() { # a bridge that somebody else made is left alone
  [[ "$(cat "/sys/class/net/$BRIDGE/ifalias" 2>/dev/null)" == "drydock-lab "* ]]
}
healthy() {
  ours && ip -4 -o addr show dev "$BRIDGE" | grep -q " $GATEWAY/24 " && [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] \
    && nft list table ip drydock_lab >/dev/null 2>&1
}
down() {
  if ours; then
    ip -o link show master "$BRIDGE" | awk -F'[ :@]+' '{ print $2 }' | while read -r port; do ip link del "$port" 2>/dev/null || true; done
    ip link del "$BRIDGE"
  fi
  local table
  for table in "ip drydock_lab" "bridge drydock_lab"; do
    # shellcheck disable=SC2086
    ! nft list table $table >/dev/null 2>&1 || nft delete table $table
  done
  if command -v iptables >/dev/null; then
    while iptables -D DOCKER-USER -j DRYDOCK-LAB 2>/dev/null; do :; done
    if iptables -F DRYDOCK-LAB 2>/dev/null; then iptables -X DRYDOCK-LAB; fi
  fi
  # An older run's value of the forwarding switch is not known any more if its folder went, and 1 does no harm.
  [ ! -s "$STATE/run/ip_forward" ] || cat "$STATE/run/ip_forward" >/proc/sys/net/ipv4/ip_forward
}
up() {
  down
  ! [ -e "/sys/class/net/$BRIDGE" ] || die "a network device $BRIDGE that the lab did not make is here already: remove it, or run the lab elsewhere"
  ! ip -4 -o addr | grep -q " $GATEWAY/" || die "the address $GATEWAY is taken by another device: run the lab elsewhere"
  [ -s "$STATE/run/ip_forward" ] || cat /proc/sys/net/ipv4/ip_forward >"$STATE/run/ip_forward"
  ip link add "$BRIDGE" type bridge
  ip link set "$BRIDGE" alias "drydock-lab $STATE"
  ip addr add "$GATEWAY/24" dev "$BRIDGE"
  ip link set "$BRIDGE" up
  echo 1 >/proc/sys/net/ipv4/ip_forward
  # A pod that calls a Service gets its answers over the bridge: they have to pass the translation of addresses.
  [ ! -w /proc/sys/net/bridge/bridge-nf-call-iptables ] || echo 1 >/proc/sys/net/bridge/bridge-nf-call-iptables
  nft -f - <<K
table ip drydock_lab {
  chain out {
    type nat hook postrouting priority srcnat;
    ip saddr 10.244.0.0/24 ip daddr != { 10.244.0.0/16, 10.96.0.0/16 } masquerade
  }
}
K
  # Docker, where the machine has it, drops what it does not forward itself, and offers this chain for exceptions.
  if command -v iptables >/dev/null && iptables -L DOCKER-USER -n >/dev/null 2>&1; then
    iptables -N DRYDOCK-LAB
    iptables -A DRYDOCK-LAB -i "$BRIDGE" -j ACCEPT
    iptables -A DRYDOCK-LAB -o "$BRIDGE" -j ACCEPT
    iptables -I DOCKER-USER -j DRYDOCK-LAB
  fi
}
case ${1:-} in up | down | healthy) "$1" ;; *) die "usage: network.sh up | down | healthy" ;; esac
