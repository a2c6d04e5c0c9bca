#!/usr/bin/env bash
# Makes the hosts' root file systems, once, into the cache. usage: roots.sh [path HOST]
# path: only says where a host's root lies
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
store=$CACHE/hosts
pm2=pm2@6.0.14

key() { # key NAME…    changes when what a root is made of changes
  (cd "$LAB" && { for name in "$@"; do find "hosts/$name" -type f -exec sha256sum {} + | sort; done; cat roots.sh; } | sha256sum | cut -c1-12)
}
path() { if [ "$1" = base ]; then echo "$store/base-$(key base)"; else echo "$store/$1-$(key base "$1")"; fi; }

inside() { # inside ROOT COMMAND…    runs it in the root, with the machine's network
  local root=$1; shift
  systemd-nspawn -q -D "$root" --register=no --keep-unit --as-pid2 --pipe --resolv-conf=off --link-journal=no --hostname=localhost \
    --setenv=DEBIAN_FRONTEND=noninteractive --setenv=PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@" </dev/null
}
finish() { # finish NAME ROOT    its packages are there: its files and its set-up
  # Git keeps no empty directory.
  [ ! -d "$LAB/hosts/$1/files" ] || cp -r "$LAB/hosts/$1/files/." "$2/"
  install -m 755 "$LAB/hosts/$1/setup.sh" "$2/setup.sh"
  inside "$2" /setup.sh
  rm -f "$2/setup.sh"
}

base() {
  local root=$1 mirrors=()
  mapfile -t mirrors < <("$LAB/adapt.sh" sources)
  mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Languages "none"' --aptopt="$("$LAB/adapt.sh" apt)" \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="$(tr -s ' \n' ',,' <"$LAB/hosts/base/packages" | sed 's/,$//')" bookworm "$root" "${mirrors[@]}"
  finish base "$root"
}
host() {
  local name=$1 root=$2 packages
  cp -a --reflink=auto "$(path base)/." "$root/"
  "$LAB/adapt.sh" host "$root"
  useradd --root "$root" -m -s /bin/bash "${LOGIN[$name]}"
  echo "${LOGIN[$name]} ALL=(ALL) NOPASSWD: ALL" >"$root/etc/sudoers.d/${LOGIN[$name]}"
  read -ra packages <"$LAB/hosts/$name/packages" || true
  if [ ${#packages[@]} -gt 0 ]; then
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod +x "$root/usr/sbin/policy-rc.d"
    inside "$root" apt-get update -qq
    inside "$root" apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${packages[@]}"
    inside "$root" apt-get clean
    rm -f "$root/usr/sbin/policy-rc.d"
  fi
  [ "$name" != offchain ] || NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} \
    npm install --global --prefix "$root/usr/local" --no-audit --no-fund --loglevel=error "$pm2"
  finish "$name" "$root"
}

make() { # make NAME
  local name=$1 kept part
  kept=$(path "$name")
  [ ! -d "$kept" ] || return 0
  say "making the root of $name"
  part=$(mktemp -d "$store/build.XXXXXX")
  chmod 755 "$part"
  if [ "$name" = base ]; then base "$part"; else host "$name" "$part"; fi
  mv "$part" "$kept"
}

if [ "${1:-}" = path ]; then
  path "$2"
  exit
fi
mkdir -p "$store"
exec 8>"$store/.lock"
flock 8
rm -rf "$store"/build.*
missing=()
for name in "${HOSTS[@]}"; do
  [ -d "$(path "$name")" ] || missing+=("$name")
done
[ ${#missing[@]} -gt 0 ] || exit 0
if [[ " ${missing[*]} " == *" offchain "* ]] && ! command -v npm >/dev/null; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends npm >/dev/null
fi
nspawn_ready
make base
for name in "${missing[@]}"; do make "$name"; done
# Roots of older versions of these files are of no more use.
for old in "$store"/*-*; do
  name=$(basename "${old%-*}")
  [ "$old" = "$(path "$name")" ] || rm -rf "$old"
done
