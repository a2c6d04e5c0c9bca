#!/usr/bin/env bash
# Offers a version of a package on a host, in an apt archive of the host's own. usage: publish.sh HOST VERSION [SUITE]
# The package is drydock-lab; the first version that is offered is installed, too. Later ones say, when they are
# installed, that the host needs a reboot. SUITE: stable (the default), or stable-security for an archive of security
# updates. publish.sh HOST none takes everything away again.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

host=$1 version=$2 suite=${3:-stable}
known_host "$host"
[[ $version =~ ^[0-9][0-9.]*$ || $version = none ]] || die "a version is a number, such as 2 or 1.1: not '$version'"
[[ $suite =~ ^stable(-security)?$ ]] || die "a suite is stable or stable-security: not '$suite'"

# The host's shell gets the text on its standard input, and these words.
"$LAB/hosts.sh" on "$host" sudo sh -s "$version" "$suite" <<'HOST'
set -eu
version=$1 suite=$2 archive=/srv/apt-$2
if [ "$version" = none ]; then
  rm -rf /srv/apt-stable /srv/apt-stable-security /etc/apt/sources.list.d/drydock-lab-*.list
  dpkg --purge drydock-lab
  exit
fi
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir -p "$made/DEBIAN" "$made/usr/share/drydock-lab" "$archive"
echo "$version" >"$made/usr/share/drydock-lab/version"
cat >"$made/DEBIAN/control" <<K
Package: drydock-lab
Version: $version
Architecture: all
Maintainer: Drydock <lab@example.com>
Description: a package for trying updates
K
cat >"$made/DEBIAN/postinst" <<'K'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -n "$2" ]; then
  # As long as a real one, so that somebody can see it at work.
  sleep 12
  while [ -e /run/drydock-lab.hold ]; do sleep 1; done
  touch /run/reboot-required
  echo drydock-lab >>/run/reboot-required.pkgs
fi
K
chmod 755 "$made" "$made/DEBIAN" "$made/DEBIAN/postinst"
dpkg-deb --root-owner-group -b "$made" "$archive/drydock-lab_${version}_all.deb" >/dev/null
cd "$archive"
for file in *.deb; do
  dpkg-deb -f "$file"
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$file" "$(stat -c %s "$file")" "$(sha256sum "$file" | cut -d' ' -f1)"
done >Packages
label=Lab
[ "$suite" = stable ] || label=Debian-Security
printf 'Origin: Debian\nLabel: %s\nSuite: %s\nDate: %s\nSHA256:\n %s %s Packages\n' "$label" "$suite" \
  "$(date -Ru)" "$(sha256sum Packages | cut -d' ' -f1)" "$(stat -c %s Packages)" >Release
echo "deb [trusted=yes] file:$archive ./" >"/etc/apt/sources.list.d/drydock-lab-$suite.list"
if ! dpkg-query -W drydock-lab >/dev/null 2>&1; then
  dpkg -i "$archive/drydock-lab_${version}_all.deb" >/dev/null
fi
HOST
