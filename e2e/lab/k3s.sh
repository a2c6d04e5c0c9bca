#!/usr/bin/env bash
# k3s in a container, where a Docker engine answers and no other cluster is asked for.
# usage: k3s.sh wanted | up | down | load FILE    wanted: ends with 0 if the lab's cluster is to be k3s
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
TOP=$(cd "$LAB/../.." && pwd)
CONTAINER=$STATE/k3s.container

wanted() {
  [ -s "$CONTAINER" ] && return 0
  # A cluster of the lab's own that is there stays.
  [ -z "${DRYDOCK_KUBECONFIG:-}" ] && [ ! -s "$STATE/admin.kubeconfig" ] &&
    timeout 5 docker version --format '{{.Server.Version}}' >/dev/null 2>&1
}

up() {
  if [ -s "$CONTAINER" ] && [ "$(docker inspect --format '{{.State.Running}}' "$(cat "$CONTAINER")" 2>/dev/null)" = true ]; then return 0; fi
  down
  (cd "$TOP" && ./mvnw -B -ntp -q -pl crds,e2e install -DskipTests &&
    ./mvnw -B -ntp -q -pl e2e dependency:build-classpath -DincludeScope=test -Dmdep.outputFile="$STATE/k3s.classpath")
  local jdk
  jdk=$("$TOP/image/jdk" java)
  # The container is to outlive the program that starts it.
  TESTCONTAINERS_RYUK_DISABLED=true "$jdk/bin/java" -cp "$TOP/e2e/target/test-classes:$(cat "$STATE/k3s.classpath")" \
    dev.drydock.e2e.K3s "$STATE/k3s.kubeconfig" "$CONTAINER"
}
down() {
  [ ! -s "$CONTAINER" ] || docker rm --force --volumes "$(cat "$CONTAINER")" >/dev/null
  rm -f "$CONTAINER" "$STATE/k3s.kubeconfig"
}

case ${1:-} in
  wanted | up | down) "$1" ;;
  load) docker exec -i "$(cat "$CONTAINER")" ctr -n k8s.io images import - <"${2:?usage: k3s.sh load FILE}" ;;
  *) die "usage: k3s.sh wanted | up | down | load FILE" ;;
esac
