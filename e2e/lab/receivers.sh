#!/usr/bin/env bash
# Where Drydock tells and keeps things: receivers of messages and mail, and an S3 server. usage: receivers.sh up | down | healthy
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"

healthy() {
  alive receivers && alive s3 && curl -sf -m 2 "http://$GATEWAY:8099/_health" >/dev/null && listening "$GATEWAY" 8025 && listening "$GATEWAY" 9000
}
down() {
  stop receivers s3
  rm -rf "$STATE/s3" "$STATE/s3-meta"
}
up() {
  down
  # A directory of the backend is a bucket of the server.
  mkdir -p "$STATE/s3/backups"
  start receivers /usr/bin/python3 "$LAB/receivers.py" "$GATEWAY" 8099 8025
  ROOT_ACCESS_KEY=$S3_ACCESS_KEY ROOT_SECRET_KEY=$S3_SECRET_KEY start s3 "$BIN/versitygw" --port "$GATEWAY:9000" posix "$STATE/s3"
  until_ok 30 healthy
}
case ${1:-} in up | down | healthy) "$1" ;; *) die "usage: receivers.sh up | down | healthy" ;; esac
