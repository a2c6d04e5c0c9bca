#!/usr/bin/env bash
# A real Kubernetes node. usage: cluster.sh up | down | healthy | load FILE | api off | api on | node off | node on
set -euo pipefail
# shellcheck source=lib.sh
source "$(dirname "$0")/lib.sh"
export KUBECONFIG=$STATE/admin.kubeconfig
parts=(etcd kube-apiserver kube-controller-manager kube-scheduler containerd kubelet kube-proxy)
pki=$STATE/pki

own_cluster() { [ -z "${DRYDOCK_KUBECONFIG:-}" ]; }
containers() { ctr --address "$SOCKET" --namespace k8s.io "$@"; }
answers() { kubectl --request-timeout=2s get --raw /readyz; }
answers_or_off() { ! alive kube-apiserver || answers; }
node_ready() { kubectl --request-timeout=2s get node node1 -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}' | grep -qx True; }

healthy() {
  if own_cluster; then
    local part
    for part in "${parts[@]}"; do alive "$part" || return 1; done
    node_ready 2>/dev/null
  else
    cmp -s "$DRYDOCK_KUBECONFIG" "$KUBECONFIG"
  fi
}

authority() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=lab-ca -keyout ca.key -out ca.crt
}
certificate() { # certificate NAME SUBJECT [ALTERNATIVE-NAMES] [RSA]
  local name=$1 subject=$2 names=${3:-} kind=(ec -pkeyopt ec_paramgen_curve:P-256)
  [ -z "${4:-}" ] || kind=("$4")
  openssl req -newkey "${kind[@]}" -nodes -subj "$subject" -keyout "$name.key" -out "$name.csr"
  openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 -out "$name.crt" \
    ${names:+-extfile <(echo "subjectAltName=$names")}
  rm "$name.csr"
}
kubeconfig() { # kubeconfig NAME
  cat <<K
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://$GATEWAY:6443", certificate-authority-data: $(base64 -w0 ca.crt)}}]
users: [{name: lab, user: {client-certificate-data: $(base64 -w0 "$1.crt"), client-key-data: $(base64 -w0 "$1.key")}}]
contexts: [{name: lab, context: {cluster: lab, user: lab}}]
current-context: lab
K
}
keys() {
  cd "$pki"
  authority
  certificate apiserver /CN=kube-apiserver "DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:127.0.0.1,IP:10.96.0.1,IP:$GATEWAY"
  # Java clients can't read the elliptic-curve keys that openssl writes.
  certificate admin /O=system:masters/CN=admin "" rsa:2048
  certificate kube-controller-manager /CN=system:kube-controller-manager
  certificate kube-scheduler /CN=system:kube-scheduler
  certificate kube-proxy /CN=system:kube-proxy
  certificate kubelet /O=system:nodes/CN=system:node:node1 "DNS:node1,IP:$GATEWAY"
  certificate kubelet-client /O=system:masters/CN=apiserver-kubelet-client
  openssl genrsa -out sa.key 2048
  openssl rsa -in sa.key -pubout -out sa.pub
  local user
  for user in kube-controller-manager kube-scheduler kube-proxy kubelet; do kubeconfig $user >$user.kubeconfig; done
  (umask 077 && kubeconfig admin >"$KUBECONFIG")
}

api_on() {
  start kube-apiserver "$BIN/kube-apiserver" --etcd-servers http://127.0.0.1:12379 --secure-port 6443 --advertise-address "$GATEWAY" \
    --service-cluster-ip-range 10.96.0.0/16 --tls-cert-file "$pki/apiserver.crt" --tls-private-key-file "$pki/apiserver.key" --client-ca-file "$pki/ca.crt" \
    --service-account-key-file "$pki/sa.pub" --service-account-signing-key-file "$pki/sa.key" --service-account-issuer https://kubernetes.default.svc \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction --allow-privileged \
    --kubelet-client-certificate "$pki/kubelet-client.crt" --kubelet-client-key "$pki/kubelet-client.key" --kubelet-preferred-address-types InternalIP \
    --audit-policy-file "$LAB/cluster/audit-policy.yaml" --audit-log-path "$STATE/log/audit.log" --audit-log-maxsize 100
  until_ok 60 answers_or_off
  alive kube-apiserver || { echo "kube-apiserver ended: see $STATE/log/kube-apiserver.log" >&2; exit 1; }
}
# As when its machine is gone: all else goes on.
api_off() { stop kube-apiserver; }

control_plane() {
  start etcd etcd --data-dir "$STATE/etcd" --listen-client-urls http://127.0.0.1:12379 --advertise-client-urls http://127.0.0.1:12379 \
    --listen-peer-urls http://127.0.0.1:12380 --initial-advertise-peer-urls http://127.0.0.1:12380 --initial-cluster default=http://127.0.0.1:12380 \
    --log-level warn --unsafe-no-fsync
  api_on
  start kube-controller-manager "$BIN/kube-controller-manager" --kubeconfig "$pki/kube-controller-manager.kubeconfig" --use-service-account-credentials \
    --service-account-private-key-file "$pki/sa.key" --root-ca-file "$pki/ca.crt" --cluster-signing-cert-file "$pki/ca.crt" --cluster-signing-key-file "$pki/ca.key" \
    --allocate-node-cidrs --cluster-cidr 10.244.0.0/16 --bind-address 127.0.0.1 --leader-elect=false
  start kube-scheduler "$BIN/kube-scheduler" --kubeconfig "$pki/kube-scheduler.kubeconfig" --bind-address 127.0.0.1 --leader-elect=false
}

containers_up() {
  # Masquerading is the lab's own table's: the plug-in would do it by iptables, in chains that stay behind.
  cat >"$STATE/cni/10-pods.conflist" <<K
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{
  "type": "bridge", "bridge": "$BRIDGE", "isGateway": true, "ipMasq": false, "hairpinMode": true,
  "ipam": {"type": "host-local", "dataDir": "$STATE/cni/addresses", "routes": [{"dst": "0.0.0.0/0"}],
    "ranges": [[{"subnet": "10.244.0.0/24", "rangeStart": "10.244.0.10", "rangeEnd": "10.244.0.199"}]]}}]}
K
  cat >"$STATE/containerd.toml" <<K
version = 2
root = "$STATE/containerd/root"
state = "$STATE/containerd/state"
oom_score = 0
[grpc]
address = "$SOCKET"
[plugins."io.containerd.grpc.v1.cri"]
sandbox_image = "local/pause:1"
restrict_oom_score_adj = true
disable_apparmor = true
netns_mounts_under_state_dir = true
[plugins."io.containerd.grpc.v1.cri".cni]
bin_dir = "/usr/lib/cni"
conf_dir = "$STATE/cni"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
K
  start containerd containerd -c "$STATE/containerd.toml"
  until_ok 30 containers version
}

image() { # image NAME:TAG PROGRAM PATH-IN-IMAGE    an image of one file
  local archive work
  archive=$CACHE/image/$(echo "$1" | tr '/:' '--')-$(sha256sum <"$2" | cut -c1-12).tar
  if [ ! -s "$archive" ]; then
    mkdir -p "$CACHE/image"
    work=$(mktemp -d "$CACHE/image/build.XXXXXX")
    umoci init --layout "$work/oci"
    umoci new --image "$work/oci:x"
    umoci unpack --image "$work/oci:x" "$work/b"
    install -D "$2" "$work/b/rootfs$3"
    umoci repack --image "$work/oci:x" "$work/b"
    umoci config --image "$work/oci:x" --config.entrypoint "$3"
    skopeo copy -q "oci:$work/oci:x" "docker-archive:$work/x.tar:$1"
    mv "$work/x.tar" "$archive"
    rm -rf "$work"
  fi
  containers images import "$archive"
}
images() {
  gcc -O2 -static -s -o "$STATE/pause" "$LAB/cluster/pause.c"
  image local/pause:1 "$STATE/pause" /pause
  image local/coredns:1 "$BIN/coredns" /coredns
}

node_on() {
  start kubelet "$BIN/kubelet" --kubeconfig "$pki/kubelet.kubeconfig" --config "$STATE/kubelet.yaml" --hostname-override node1 \
    --node-ip "$GATEWAY" --root-dir "$STATE/kubelet" --cert-dir "$STATE/kubelet/pki"
  start kube-proxy "$BIN/kube-proxy" --config "$STATE/kube-proxy.yaml"
}
pods_ports_down() {
  local port
  for port in $(ip -o link show master "$BRIDGE" 2>/dev/null | awk -F'[ :@]+' '$2 ~ /^veth/ { print $2 }'); do
    ip link del "$port" 2>/dev/null || true
  done
}
# As when its power fails: what ran on it is gone in the middle of whatever it did, and so is what it kept in memory. The control
# plane stands elsewhere.
node_off() {
  # Without the kubelet nothing is started again.
  stop kubelet
  stop kube-proxy containerd
  cgroup_clear kubepods
  pods_ports_down
  unmount_below "$STATE/containerd"
  unmount_below "$STATE/kubelet"
  rm -rf --one-file-system "$STATE/containerd/state" /run/containerd/runc/k8s.io
}

node() {
  nameservers >"$STATE/resolv.conf"
  cat >"$STATE/kubelet.yaml" <<K
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
cgroupDriver: cgroupfs
failCgroupV1: false
failSwapOn: false
oomScoreAdj: 0
makeIPTablesUtilChains: false
resolvConf: $STATE/resolv.conf
podLogsDir: $STATE/log/pods
staticPodPath: ""
volumePluginDir: $STATE/kubelet/plugins
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix://$SOCKET
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
maxPods: 150
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%}
K
  cat >"$STATE/kube-proxy.yaml" <<K
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: $pki/kube-proxy.kubeconfig}
clusterCIDR: 10.244.0.0/16
mode: nftables
oomScoreAdj: 0
hostnameOverride: node1
conntrack: {maxPerCore: 0}
healthzBindAddress: 127.0.0.1:10256
metricsBindAddress: 127.0.0.1:10249
K
  node_on
  kubectl apply -f "$LAB/cluster/dns.yaml"
  until_ok 60 node_ready
  kubectl -n kube-system rollout status deploy/coredns --timeout=60s
}

free_ports() {
  local port
  for port in 6443 10250 10257 10259 12379 12380; do
    ! listening 127.0.0.1 $port || die "port $port is taken by a program that is not the lab's: end it first"
  done
}

down() {
  # Without the kubelet nothing is started again.
  stop kubelet
  stop "${parts[@]}"
  local family link
  # Only where a cluster of the lab's own was made: k3s in a container has its pods' control groups here, and is seen on no port.
  if [ -e "$STATE/run/outside" ]; then
    listening 127.0.0.1 10250 || cgroup_clear kubepods
    for family in ip ip6; do
      ! nft list table $family kube-proxy >/dev/null 2>&1 || nft delete table $family kube-proxy
    done
  fi
  for link in /var/log/containers/*; do
    case $(readlink "$link" || true) in "$STATE"/*) rm -f "$link" ;; esac
  done
  pods_ports_down
  local task socket
  for task in "$STATE"/containerd/state/io.containerd.runtime.v2.task/k8s.io/*; do
    socket=$(sed 's,^unix://,,' "$task/address" 2>/dev/null) || true
    rm -rf "${socket:-$task}" /run/containerd/runc/k8s.io/"${task##*/}" /var/lib/cni/results/*-"${task##*/}"-*
  done
  unmount_below "$STATE/containerd"
  unmount_below "$STATE/kubelet"
  rm -rf --one-file-system "$STATE"/{etcd,pki,cni,containerd,kubelet,pause,kubelet.yaml,kube-proxy.yaml,containerd.toml,containerd.sock,containerd.sock.ttrpc,resolv.conf} "$KUBECONFIG"
  # What the kubelet and containerd keep outside the directories that they are told to use.
  if [ -e "$STATE/run/outside" ]; then
    rm -f /var/lib/kubelet/device-plugins/kubelet.sock /var/lib/kubelet/device-plugins/DEPRECATION
    rmdir --ignore-fail-on-non-empty /run/containerd/{runc/k8s.io,runc,s,fifo,} /var/lib/cni/{results,} /var/lib/kubelet/{device-plugins,} \
      /var/log/{containers,pods} 2>/dev/null || true
    rm -f "$STATE/run/outside"
  fi
}

up() {
  down
  mkdir -p "$STATE"/{log,run}
  if ! own_cluster; then
    install -m 600 "$DRYDOCK_KUBECONFIG" "$KUBECONFIG"
    answers
    return
  fi
  free_ports
  mkdir -p "$STATE"/{pki,etcd,cni,containerd,kubelet,log/pods}
  chmod 700 "$pki"
  touch "$STATE/run/outside"
  rm -f "$STATE/log/audit.log"
  keys
  # Nothing of the one needs the other before the node registers.
  containers_up
  control_plane
  images
  node
}

case ${1:-} in
  up | down | healthy) "$1" ;;
  load) containers images import "${2:?usage: cluster.sh load FILE}" ;;
  api)
    own_cluster || die "that is not the lab's own API server"
    case ${2:-} in on) alive kube-apiserver || api_on ;; off) api_off ;; *) die "usage: cluster.sh api on | off" ;; esac
    ;;
  node)
    own_cluster || die "that is not the lab's own node"
    case ${2:-} in
      on) alive kubelet || { containers_up; node_on; } ;;
      off) node_off ;;
      *) die "usage: cluster.sh node on | off" ;;
    esac
    ;;
  *) die "usage: cluster.sh up | down | healthy | load FILE | api on | off | node on | off" ;;
esac
