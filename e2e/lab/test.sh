#!/usr/bin/env bash
# Runs every test: the modules', the chart's, the image's, and the end-to-end stories on the lab. usage: ./lab test [--quick]
#   --quick   the modules' alone
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
cd "$LAB/../.."
# The JVM takes from it what a file's name may hold.
export LC_ALL=C.UTF-8
quick=
case ${1:-} in "") ;; --quick) quick=yes ;; *) die "usage: ./lab test [--quick]" ;; esac

started=$SECONDS
say "packages and programs"
"$LAB/packages.sh" ${quick:+test}
"$LAB/binaries.sh" "$BIN" kube-apiserver kubectl helm

say "the modules' tests"
# With the parent, which the stories need to find.
./mvnw -B -ntp -pl crds,operator -am install
if [ -n "$quick" ]; then
  say "passed, after $((SECONDS - started)) s"
  exit 0
fi

say "the chart's tests"
helm/test

say "the image's tests"
image=$(mktemp -d)
image/build "$image/drydock.tar" >/dev/null
image/test "$image/drydock.tar"
rm -r "$image"

say "the lab, and the stories on it"
./lab down
./lab up
status=0
./mvnw -B -ntp -pl e2e install -De2e.excluded= -De2e.must=true || status=$?
if [ $status != 0 ]; then
  say "the operator's last words:"
  kubectl --kubeconfig "$STATE/admin.kubeconfig" -n drydock-system logs deploy/drydock --tail=60 || true
fi
./lab down
say "after $((SECONDS - started)) s"
exit $status
