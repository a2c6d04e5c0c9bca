#!/usr/bin/env bash
# Puts the operator, and what the runbooks declare, into the lab's cluster. usage: operator.sh up
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
export KUBECONFIG=$STATE/admin.kubeconfig
TOP=$(cd "$LAB/../.." && pwd)
NAMESPACE=drydock-system

# An image is loaded again only if what it is built from has changed: its name says so.
content() {
  cd "$TOP"
  find pom.xml crds/pom.xml crds/src/main operator/pom.xml operator/src/main image -type f -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum | sha256sum | cut -c1-12
}

load_image() { # load_image TAG
  local archive
  if [ ! -s "$STATE/k3s.container" ] && node_has "$1"; then return 0; fi
  archive=$(mktemp --suffix=.tar)
  "$TOP/image/build" "$archive" "localhost/drydock:$1"
  if [ -s "$STATE/k3s.container" ]; then "$LAB/k3s.sh" load "$archive"; else "$LAB/cluster.sh" load "$archive"; fi
  rm -f "$archive"
}
node_has() { ctr -a "$SOCKET" -n k8s.io images ls -q 2>/dev/null | grep -qx "localhost/drydock:$1"; }

install_operator() {
  local tag
  local image=()
  if [ -n "${DRYDOCK_IMAGE:-}" ]; then
    image=(--set "image.repository=${DRYDOCK_IMAGE%:*}" --set "image.tag=${DRYDOCK_IMAGE##*:}")
  elif [ -n "${DRYDOCK_KUBECONFIG:-}" ] && [ ! -s "$STATE/k3s.container" ]; then
    die "there is no way to bring an image to the nodes of a cluster that is not the lab's: build one (image/README.md), bring it there, and say DRYDOCK_IMAGE=repository:tag"
  else
    tag=$(content)
    load_image "$tag"
    image=(--set "image.tag=$tag")
  fi
  kubectl create namespace $NAMESPACE --dry-run=client -o yaml | kubectl apply -f - >/dev/null
  kubectl label namespace $NAMESPACE pod-security.kubernetes.io/enforce=restricted --overwrite >/dev/null
  helm upgrade --install drydock "$TOP/helm/drydock" --namespace $NAMESPACE "${image[@]}" --wait --timeout 3m
  "$LAB/inventory.sh" | kubectl apply -f -
  kubectl label namespace ops pod-security.kubernetes.io/enforce=restricted --overwrite >/dev/null
  kubectl apply -f "$LAB/runbook/channels.yaml"
  kubectl apply --namespace ops -f "$TOP/examples/2-host-health-policies.yaml" -f "$TOP/examples/3-maintenance-schedules.yaml"
  kubectl wait --namespace ops --for=condition=Ready --timeout=90s hosts --all
  kubectl wait --namespace ops --for=condition=Ready --timeout=90s notificationchannels --all
  kubectl wait --namespace ops --for=condition=Ready --timeout=90s hosthealthpolicies,maintenanceschedules --all
}

case ${1:-} in up) install_operator ;; *) die "usage: operator.sh up" ;; esac
