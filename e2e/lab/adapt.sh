#!/usr/bin/env bash
# What only this machine knows (mirrors, proxies, certificates, name servers), for the hosts that it runs.
# usage: adapt.sh sources | apt | host ROOT
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

sources() { # the machine's own lists of Debian's packages, if they are for the hosts' Debian
  local file
  grep -qs '^VERSION_CODENAME=bookworm$' /etc/os-release && [ "$(. /etc/os-release && echo "$ID")" = debian ] || return 0
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ ! -f "$file" ] || ! grep -v '^[[:space:]]*#' "$file" | grep -qE '/debian(-security)?/?([[:space:]]|$)' || echo "$file"
  done
}
apt() {
  apt-config dump 2>/dev/null | grep -E '^Acquire::(https?|Check-Valid-Until|Check-Date|Retries)' || true
  [ -z "${http_proxy:-}" ] || echo "Acquire::http::Proxy \"$http_proxy\";"
  [ -z "${https_proxy:-}" ] || echo "Acquire::https::Proxy \"$https_proxy\";"
}
host() {
  local root=$1 files=() file
  mapfile -t files < <(sources)
  if [ ${#files[@]} -gt 0 ]; then
    rm -f "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
    for file in "${files[@]}"; do
      install -m 644 "$file" "$root$file"
      sed -n 's/^Signed-By: *\//\//p' "$file" | while read -r key; do
        [ -e "$root$key" ] || install -D -m 644 "$key" "$root$key"
      done
    done
  fi
  apt >"$root/etc/apt/apt.conf.d/90machine"
  if [ -s /etc/ssl/certs/ca-certificates.crt ]; then
    cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
    for file in /usr/local/share/ca-certificates/*.crt; do
      [ ! -f "$file" ] || install -D -m 644 "$file" "$root$file"
    done
  fi
  rm -f "$root/etc/resolv.conf"
  nameservers >"$root/etc/resolv.conf"
}
"$@"
