#!/bin/bash
# A Kubernetes cluster: the control plane and every node (containerd, kubelet, kube-proxy) in network namespaces of their own,
# pods routed from node to node and from the host.
#   kubernetes.sh up [NODES] | stop-node N | start-node N | volume NAME [SIZE] | down
# stop-node ends a node as a power cut would. volume makes a persistent volume that any claim without a class can take.
# ASGI_SYNTH_KUBECONFIG names another cluster. NetworkPolicy objects are accepted but not enforced by this one.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
HERE=$(cd "$(dirname "$0")" && pwd)
DNS=10.96.0.10 API=$NET.20
KUBE=$CACHE/current/kube
export KUBECONFIG=$LAB/kube/kubeconfig

kubectl() { "$KUBE" kubectl "$@"; }

# image_archive NAME BINARY: an image with one static program, as `docker save` would write it
image_archive() {
  local work layer
  work=$(mktemp -d)
  mkdir "$work/root"
  install -m 755 "$2" "$work/root/$1"
  tar -C "$work/root" --owner=0 --group=0 -cf "$work/layer.tar" .
  layer=$(sha256sum "$work/layer.tar" | cut -d ' ' -f 1)
  printf '{"architecture":"%s","os":"linux","config":{"Entrypoint":["/%s"]},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$(architecture)" "$1" "$layer" >"$work/config.json"
  printf '[{"Config":"config.json","RepoTags":["lab.local/%s:1"],"Layers":["layer.tar"]}]' "$1" >"$work/manifest.json"
  tar -C "$work" -cf "$LAB/kube/$1.tar" manifest.json config.json layer.tar
  rm -rf "$work"
}
architecture() { case $(uname -m) in x86_64) echo amd64 ;; aarch64) echo arm64 ;; *) uname -m ;; esac; }

control_plane() {
  local k=$LAB/kube token
  mkdir -p "$k/pki"
  token=$(openssl rand -hex 16)
  openssl genrsa -out "$k/pki/sa.key" 2048 2>/dev/null
  front_proxy "$k/pki"
  echo "$token,admin,admin,system:masters" >"$k/pki/tokens.csv"
  image_archive pause "$CACHE/current/pause"
  image_archive coredns "$CACHE/current/coredns"
  cat >"$k/start.sh" <<T
etcd --data-dir $k/etcd --unsafe-no-fsync --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 >$k/etcd.log 2>&1 &
$KUBE kube-apiserver --etcd-servers=http://127.0.0.1:2379 --cert-dir=$k/pki --bind-address=0.0.0.0 --advertise-address=$API --secure-port=6443 \\
  --service-cluster-ip-range=$SERVICES --service-account-issuer=https://kubernetes.default.svc --service-account-key-file=$k/pki/sa.key \\
  --service-account-signing-key-file=$k/pki/sa.key --token-auth-file=$k/pki/tokens.csv --authorization-mode=Node,RBAC --allow-privileged \\
  --client-ca-file=$k/pki/front.crt --requestheader-client-ca-file=$k/pki/front.crt --requestheader-username-headers=X-Remote-User --requestheader-group-headers=X-Remote-Group \\
  --requestheader-extra-headers-prefix=X-Remote-Extra- --proxy-client-cert-file=$k/pki/front.crt --proxy-client-key-file=$k/pki/front.key \\
  --enable-aggregator-routing --kubelet-preferred-address-types=InternalIP >$k/apiserver.log 2>&1 & # else exec and logs look node names up in DNS
until [ -f $KUBECONFIG ]; do sleep 0.1; done
$KUBE kube-controller-manager --kubeconfig=$KUBECONFIG --service-account-private-key-file=$k/pki/sa.key --root-ca-file=$k/pki/apiserver.crt \\
  --use-service-account-credentials --cert-dir=$k/pki --node-monitor-grace-period=12s --leader-elect=false \\
  --horizontal-pod-autoscaler-sync-period=5s --horizontal-pod-autoscaler-downscale-stabilization=30s >$k/controller-manager.log 2>&1 &
$KUBE kube-scheduler --kubeconfig=$KUBECONFIG --authentication-kubeconfig=$KUBECONFIG --authorization-kubeconfig=$KUBECONFIG --leader-elect=false >$k/scheduler.log 2>&1 &
until $KUBE kubectl --kubeconfig=$KUBECONFIG get --raw /readyz >/dev/null 2>&1; do sleep 0.2; done
$CACHE/current/metrics-server --kubeconfig=$KUBECONFIG --authentication-kubeconfig=$KUBECONFIG --authorization-kubeconfig=$KUBECONFIG --secure-port=4443 \\
  --cert-dir=$k/metrics-pki --kubelet-insecure-tls --kubelet-preferred-address-types=InternalIP --metric-resolution=10s --kubelet-request-timeout=5s >$k/metrics-server.log 2>&1 &
wait
T
  netns_up kube 20
  daemon_up kube bash "$k/start.sh"
  until_true 60 'the API server' api_answers || fail "the API server did not start: $k/apiserver.log: $(tail -n 3 "$k/apiserver.log")"
  kubeconfig "$token" >"$KUBECONFIG.new"
  mv "$KUBECONFIG.new" "$KUBECONFIG"
  until_true 60 'the API server' kubectl get --raw /readyz
}
# The API server proves with it that a request to the metrics API is the one that it has let in.
front_proxy() { openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=front -keyout "$1/front.key" -out "$1/front.crt" 2>/dev/null; }
api_answers() { curl -fsSk -o /dev/null "https://$API:6443/livez"; }

kubeconfig() { # kubeconfig TOKEN
  cat <<T
apiVersion: v1
kind: Config
clusters: [{name: lab, cluster: {server: "https://$API:6443", certificate-authority-data: $(base64 -w 0 "$LAB/kube/pki/apiserver.crt")}}]
users: [{name: lab, user: {token: $1}}]
contexts: [{name: lab, context: {cluster: lab, user: lab}}]
current-context: lab
T
}

node() {
  local name=kube$1 d=$LAB/kube$1
  mkdir -p "$d/cni"
  netns_up "$name" "2$1"
  ip route replace "$PODS.$1.0/24" via "$NET.2$1"
  cat >"$d/containerd.toml" <<T
version = 2
root = "$d/containerd"
state = "$d/state"
[grpc]
  address = "$d/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "lab.local/pause:1"
  disable_apparmor = true
  restrict_oom_score_adj = true # without CAP_SYS_RESOURCE every sandbox would die
  stream_server_port = "0"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$d/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
T
  cat >"$d/cni/10.conflist" <<T
{"cniVersion":"0.4.0","name":"pods","plugins":[
 {"type":"bridge","bridge":"cni0","isGateway":true,"ipMasq":false,"hairpinMode":true,"ipam":{"type":"host-local","dataDir":"$d/ipam","ranges":[[{"subnet":"$PODS.$1.0/24"}]],"routes":[{"dst":"0.0.0.0/0"}]}},
 {"type":"portmap","capabilities":{"portMappings":true}}]}
T
  cat >"$d/kubelet.yaml" <<T
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
cgroupDriver: cgroupfs
cgroupRoot: /$PREFIX$name
failSwapOn: false
failCgroupV1: false
enforceNodeAllocatable: []
containerRuntimeEndpoint: unix://$d/containerd.sock
clusterDNS: ["$DNS"]
clusterDomain: cluster.local
evictionHard: {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%"}
imageGCHighThresholdPercent: 100
nodeStatusUpdateFrequency: 3s
podLogsDir: $d/pod-logs # in a folder of all nodes each removes the logs of pods that only another one knows
registryPullQPS: 0
serializeImagePulls: false
T
  cat >"$d/start.sh" <<T
mount --bind $d $d; mount --make-rshared $d
for c in /sys/fs/cgroup/*/; do [ ! -e "\$c/cgroup.procs" ] || mkdir -p "\$c/$PREFIX$name"; done
[ ! -e /sys/fs/cgroup/cgroup.procs ] || mkdir -p /sys/fs/cgroup/$PREFIX$name
if [ -d /sys/fs/cgroup/cpuset ]; then # version 1 leaves a new cpuset empty, and nothing may run in it
  for f in cpus mems; do cat /sys/fs/cgroup/cpuset/cpuset.\$f >/sys/fs/cgroup/cpuset/$PREFIX$name/cpuset.\$f; done
fi
containerd -c $d/containerd.toml >$d/containerd.log 2>&1 &
until ctr -a $d/containerd.sock version >/dev/null 2>&1; do sleep 0.1; done
for i in pause coredns; do ctr -a $d/containerd.sock -n k8s.io images import $LAB/kube/\$i.tar >/dev/null; done
# The conntrack settings are global and may be read-only.
$KUBE kube-proxy --kubeconfig=$KUBECONFIG --proxy-mode=iptables --hostname-override=$name --cluster-cidr=$PODS.0.0/16 --bind-address=$NET.2$1 \\
  --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0 --conntrack-tcp-timeout-close-wait=0 >$d/proxy.log 2>&1 &
$KUBE kubelet --kubeconfig=$KUBECONFIG --config=$d/kubelet.yaml --root-dir=$d/kubelet --cert-dir=$d/pki --hostname-override=$name --node-ip=$NET.2$1 >$d/kubelet.log 2>&1 &
wait
T
  daemon_up "$name" bash "$d/start.sh"
}

dns_ready() { [ "$(kubectl -n kube-system get deploy coredns -o 'jsonpath={.status.readyReplicas}')" = 2 ]; }
nodes_ready() { [ "$(kubectl get nodes 2>/dev/null | grep -c ' Ready')" = "$1" ]; }
# The cluster believes in a node for 50 s after its last word.
heard_since() { [ "$(kubectl get node "$1" -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status} {.status.conditions[?(@.type=="Ready")].lastHeartbeatTime}')" '>' "True $2" ]; }
cluster_up() { [ -f "$LAB/env/kubernetes" ] && daemon_alive kube && nodes_ready "$1"; }
nodes() { find "$LAB" -maxdepth 1 -name 'kube[0-9]' -printf '%f\n' 2>/dev/null | sort; }

environment() {
  local node addresses=()
  for node in $(nodes); do addresses+=("$node=$NET.2${node#kube}=$PREFIX$node"); done
  write_environment kubernetes "KUBECONFIG=$KUBECONFIG" "LAB_NODES=${addresses[*]}"
}

node_down() {
  daemon_down "$1"
  ip route del "$PODS.${1#kube}.0/24" 2>/dev/null || true
}

volume() {
  mkdir -p "$LAB/kube/volumes/$1"
  chmod 777 "$LAB/kube/volumes/$1"
  kubectl apply -f - <<T
apiVersion: v1
kind: PersistentVolume
metadata: {name: "$1"}
spec: {capacity: {storage: "${2:-1Gi}"}, accessModes: [ReadWriteOnce, ReadWriteMany], hostPath: {path: "$LAB/kube/volumes/$1"}, persistentVolumeReclaimPolicy: Delete}
T
}

case ${1:-} in
  up)
    count=${2:-2}
    if [ -n "${ASGI_SYNTH_KUBECONFIG:-}" ]; then
      KUBECONFIG=$ASGI_SYNTH_KUBECONFIG
      kubectl get --raw /readyz >/dev/null || fail "the cluster of ASGI_SYNTH_KUBECONFIG=$ASGI_SYNTH_KUBECONFIG does not answer"
      write_environment kubernetes "KUBECONFIG=$KUBECONFIG" "LAB_NODES=$(kubectl get nodes -o 'jsonpath={range .items[*]}{.metadata.name}={.status.addresses[?(@.type=="InternalIP")].address} {end}')"
      exit
    fi
    need_linux_root 'a Kubernetes cluster'
    cluster_up "$count" && exit
    "$0" down
    network_up
    control_plane
    for n in $(seq "$count"); do node "$n"; done
    kubectl apply --server-side -f "$CACHE/current/gateway-api/" >/dev/null
    until_true 60 "$count nodes" nodes_ready "$count" || fail "the nodes did not get ready: $(tail -n 3 "$LAB/kube1/kubelet.log")"
    sed "s/DNS_ADDRESS/$DNS/" "$HERE/coredns/coredns.yaml" | kubectl apply -f - >/dev/null
    sed "s/API_ADDRESS/$API/" "$HERE/metrics/metrics.yaml" | kubectl apply -f - >/dev/null
    until_true 60 'the cluster DNS' dns_ready
    ip route replace $SERVICES via "$NET.21"
    environment ;;
  stop-node) node_down "kube$2" ;;
  start-node)
    begun=$(date -u +%FT%TZ)
    node "$2"
    until_true 120 "kube$2" heard_since "kube$2" "$begun" || fail "kube$2 did not come back: $(tail -n 3 "$LAB/kube$2/kubelet.log")" ;;
  volume) volume "$2" "${3:-}" ;;
  down)
    rm -f "$LAB/env/kubernetes"
    for name in $(nodes) kube; do
      node_down "$name"
      rm -rf --one-file-system "${LAB:?}/$name"
    done
    ip route del $SERVICES 2>/dev/null || true
    network_down ;;
  *) sed -n 2,6p "$0" >&2; exit 2 ;;
esac
