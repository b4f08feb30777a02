#!/bin/bash
# A Docker registry which every engine of the lab reaches as the same address.
#   registry.sh up|down
# What was pushed stays in the cache folder; `up` forgets everything but the base images.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
STORE=$CACHE/registry

configuration() { # configuration ADDRESS
  cat <<T
version: 0.1
log: {level: warn}
storage:
  filesystem: {rootdirectory: $STORE}
  delete: {enabled: true}
http: {addr: "$1:$REGISTRY_PORT"}
T
}

serve() { # serve NAME ADDRESS
  configuration "$2" >"$LAB/registry/$1.yml"
  setsid docker-registry serve "$LAB/registry/$1.yml" >"$LAB/registry/$1.log" 2>&1 </dev/null &
  echo $! >"$LAB/registry/$1.pid"
}

answers() { curl -fsS -o /dev/null "http://$1:$REGISTRY_PORT/v2/"; }

forget_built_images() {
  local repositories=$STORE/docker/registry/v2/repositories
  [ -d "$repositories" ] || return 0
  find "$repositories" -mindepth 1 -maxdepth 1 ! -name python ! -name nginx ! -name postgres ! -name redis -exec rm -rf {} +
  configuration 127.0.0.1 >"$LAB/registry/collect.yml"
  docker-registry garbage-collect --delete-untagged "$LAB/registry/collect.yml" >"$LAB/registry/collect.log" 2>&1 || true
}

case ${1:-} in
  up)
    need_linux_root 'the registry'
    mkdir -p "$LAB/registry" "$STORE"
    network_up
    answers 127.0.0.1 2>/dev/null && [ -f "$LAB/registry/host.pid" ] && answers "$GATEWAY" 2>/dev/null && exit
    "$0" down
    network_up
    forget_built_images
    # Two listeners instead of one on every address: nothing outside this machine may reach it.
    serve host 127.0.0.1
    serve lab "$GATEWAY"
    until_true 20 'the registry' answers 127.0.0.1 || fail "the registry did not start: $LAB/registry/host.log: $(tail -n 3 "$LAB/registry/host.log")"
    until_true 20 'the registry' answers "$GATEWAY" ;;
  down)
    for file in "$LAB"/registry/*.pid; do
      [ -f "$file" ] || continue
      grep -qaF docker-registry "/proc/$(cat "$file")/cmdline" 2>/dev/null && kill "$(cat "$file")"
      rm -f "$file"
    done
    network_down ;;
  *) sed -n 2,4p "$0" >&2; exit 2 ;;
esac
