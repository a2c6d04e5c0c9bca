#!/usr/bin/env bash
# Prints, for kubectl apply, the namespace ops with the lab's hosts and the Secrets to reach them and what they tell.
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
[ -s "$STATE/hosts.env" ] || die "the lab is not up: run ./lab up --bare first"
declare -A secret=([ethbig]=ethbig-ssh [eth2-claw]=openclaw-migration [offchain]=offchain-ssh)
declare -A role=([ethbig]=main [eth2-claw]=edge [offchain]=offchain)

secret() { # secret NAME KEY=VALUE…
  local pair
  printf -- '---\napiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: ops}\nstringData:\n' "$1"
  shift
  for pair in "$@"; do printf '  %s: "%s"\n' "${pair%%=*}" "${pair#*=}"; done
}

cat <<K
apiVersion: v1
kind: Namespace
metadata: {name: ops}
K
while read -r name address user; do
  cat <<K
---
apiVersion: v1
kind: Secret
metadata: {name: ${secret[$name]}, namespace: ops}
type: kubernetes.io/ssh-auth
stringData:
  ssh-privatekey: |
$(sed 's/^/    /' "$STATE/keys/$name")
---
apiVersion: drydock.dev/v1alpha1
kind: Host
metadata: {name: $name, namespace: ops, labels: {role: ${role[$name]}}}
spec:
  address: $address
  user: $user
  identity: {secretName: ${secret[$name]}}
  hostKeys:
  - $(awk -v a="$address" '$1 == a { print $2, $3 }' "$STATE/known_hosts")
  sudo: Passwordless
  permits: [Check, Restart, Update, Reboot, Command, Backup, Deploy]
  probe: {interval: 10s, timeout: 5s}
K
done <"$STATE/hosts.env"
secret slack "url=http://$GATEWAY:8099/slack/ops"
secret pagerduty routing-key=0123456789abcdef0123456789abcdef
secret smtp "host=$GATEWAY" port=8025
secret offchain-db host=localhost port=5432 dbname=offchain username=offchain password=offchain-lab
secret s3-keys "AWS_ACCESS_KEY_ID=$S3_ACCESS_KEY" "AWS_SECRET_ACCESS_KEY=$S3_SECRET_KEY"
secret restic password=restic-lab
