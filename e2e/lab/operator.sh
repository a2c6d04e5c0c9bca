#!/usr/bin/env bash
# Puts the operator into the lab's cluster. usage: operator.sh up
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
export KUBECONFIG=$STATE/admin.kubeconfig

install_operator() {
  :
}

case ${1:-} in up) install_operator ;; *) die "usage: operator.sh up" ;; esac
