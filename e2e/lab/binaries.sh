#!/usr/bin/env bash
# Builds the programs of the cluster from their Go modules, once. usage: binaries.sh DIRECTORY [NAME …]
# NAME: kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl coredns helm versitygw (default: these)
#       promtool (out of Debian's package: its module takes longer than all the others)
set -euo pipefail
directory=${1:?usage: binaries.sh DIRECTORY [NAME …]}; shift
wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=(kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy kubectl coredns helm versitygw)
here=$(cd "$(dirname "$0")" && pwd)
kubernetes=v1.34.4
command -v go >/dev/null || { echo "lab: Go is missing: install Go 1.26 or later" >&2; exit 1; }
mkdir -p "$directory"
exec 9> "$directory/.lock"
flock 9

export CGO_ENABLED=0 GOFLAGS=-buildvcs=false
component="k8s.io/component-base/version"
kubernetes_flags="-s -w -X $component.gitVersion=$kubernetes -X $component.gitMajor=1 -X $component.gitMinor=34 -X $component.gitTreeState=clean"

for name in "${wanted[@]}"; do
  flags="-s -w"
  case $name in
    coredns) module=github.com/coredns/coredns@v1.15.0 ;;
    helm)
      module=helm.sh/helm/v3/cmd/helm@v3.22.0
      # Which Kubernetes `helm template` takes for granted: without it, one of 2020.
      flags="$flags -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=34"
      ;;
    versitygw) module=github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
    promtool) module=debian@package ;;
    kube*) module= ;;
    *) echo "lab: no such program: $name" >&2; exit 1 ;;
  esac
  # The name says the version, so that a newer one is built anew.
  kept=$directory/.$name-${module##*@}
  [ -n "$module" ] || kept=$directory/.$name-$kubernetes
  if [ ! -x "$kept" ]; then
    echo "lab: building $name"
    part=$(mktemp -d "$directory/build.XXXXXX")
    if [ "$name" = promtool ]; then
      (cd "$part" && { apt-get download -qq prometheus || { apt-get update -qq && apt-get download -qq prometheus; }; } &&
        dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x --strip-components=3 ./usr/bin/promtool && rm prometheus_*.deb)
    elif [ -n "$module" ]; then
      GOBIN=$part go install -ldflags "$flags" "$module"
    else
      (cd "$here/kubernetes" && go build -ldflags "$kubernetes_flags" -o "$part/$name" "k8s.io/kubernetes/cmd/$name")
    fi
    mv "$part/$name" "$kept"
    rmdir "$part"
  fi
  ln -sfn "$(basename "$kept")" "$directory/$name"
done
