#!/bin/bash
# Starts and stops the engines that the integration tests run on.
#   engines.sh install [docker|swarm|kubernetes|judges|pebble|pipelines|engine29|all]...
#   engines.sh up      [docker|swarm|kubernetes|all]... [--for PID]
#   engines.sh env     [docker|swarm|kubernetes]        lines for `eval`
#   engines.sh down    [docker|swarm|kubernetes|all]... [--for PID]
#   engines.sh client  NAME | client-down NAME          a machine of its own beside the engines; prints NETNS ADDRESS
#   engines.sh node    stop|start NAME                  a power cut of swarm1..3 or kube1..2, a shutdown of docker
#   engines.sh volume  NAME [SIZE]                      a Kubernetes persistent volume
# With --for an engine lives as long as one of the processes that asked for it; without it until `down` without it.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
HERE=$(cd "$(dirname "$0")" && pwd)
HOLDERS=$LAB/holders

script() { "$HERE/$1.sh" "${@:2}" 9>&-; } # a daemon that inherits the lock's descriptor would keep the lock

started_at() { cut -d ')' -f 2- "/proc/$1/stat" 2>/dev/null | awk '{print $20}'; } # tells a process from a later one with the same id

drop_dead_holders() { # drop_dead_holders ENGINE
  local file
  for file in "$HOLDERS/$1"/[0-9]*; do
    [ -f "$file" ] || continue
    [ "$(cat "$file")" = "$(started_at "${file##*/}")" ] || rm -f "$file"
  done
}
held() { [ -n "$(ls -A "$HOLDERS/$1" 2>/dev/null)" ]; }
hold() {
  mkdir -p "$HOLDERS/$1"
  if [ -n "$HOLDER" ]; then started_at "$HOLDER" >"$HOLDERS/$1/$HOLDER"; else : >"$HOLDERS/$1/hand"; fi
}
release() {
  if [ -n "$HOLDER" ]; then rm -f "$HOLDERS/$1/$HOLDER"; else rm -rf "${HOLDERS:?}/$1"; fi
  drop_dead_holders "$1"
}

start() { # start ENGINE
  drop_dead_holders "$1"
  # Nobody's engine is what a run left that was killed: it may hold that run's containers.
  if ! held "$1" && [ -e "$LAB/env/$1" ]; then script "$1" down; fi
  script "$1" up
  hold "$1"
}

up() {
  local engine
  if [ -z "${ASGI_SYNTH_REGISTRY:-}" ]; then
    need_linux_root 'the engines'
    script install "$@"
    script registry up
  else
    script install "$@"
  fi
  start docker # the others' images are built there
  script images up
  for engine in "$@"; do [ "$engine" = docker ] || start "$engine"; done
}

down() {
  local engine
  for engine in "$@"; do
    [ "$engine" = docker ] && continue
    release "$engine"
    held "$engine" || script "$engine" down
  done
  [[ " $* " == *' docker '* ]] || return 0
  release docker
  if held docker || held swarm || held kubernetes; then return; fi
  script docker down
  for engine in "$LAB"/clients/*; do [ ! -e "$engine" ] || client_down "${engine##*/}"; done
  script registry down
  rm -rf --one-file-system "${LAB:?}"
}

environment() {
  local file
  [ -f "$LAB/env/$1" ] || fail "$1 is not up: $0 up $1"
  for file in docker images "$1"; do sed "s/=\(.*\)/='\1'/; s/^/export /" "$LAB/env/$file"; done
  echo "export DOCKER_CONFIG='$DOCKER_CONFIG'"
  case :$PATH: in *":$CACHE/path:"*) ;; *) echo "export PATH='$CACHE/path':\"\$PATH\"" ;; esac
}

client() {
  local number
  mkdir -p "$LAB/clients"
  network_up
  if [ -f "$LAB/clients/$1" ] && [ -e "/run/netns/$PREFIX$1" ]; then number=$(cat "$LAB/clients/$1"); else
    number=100
    while ip link show "sl-$number" >/dev/null 2>&1; do number=$((number + 1)); done
    netns_up "$1" "$number"
    echo "$number" >"$LAB/clients/$1"
  fi
  echo "$PREFIX$1 $NET.$number"
}
client_down() {
  netns_down "$1"
  rm -f "$LAB/clients/$1"
}

HOLDER='' arguments=()
while [ $# -gt 0 ]; do
  case $1 in
    --for) HOLDER=$2; shift ;;
    *) arguments+=("$1") ;;
  esac
  shift
done
set -- "${arguments[@]}"
command=${1:-}
[ $# -eq 0 ] || shift
mkdir -p "$CACHE"
exec 9>"$CACHE/engines.lock"
case $command in
  up | down)
    if [ $# -eq 0 ] || [ "$1" = all ]; then set -- docker swarm kubernetes; fi
    for engine in "$@"; do [[ $engine =~ ^(docker|swarm|kubernetes)$ ]] || fail "no engine is called $engine"; done ;;
esac
case $command in
  install) "$HERE/install.sh" "$@" ;;
  env) environment "${1:-docker}" ;;
  up | down) flock 9; "$command" "$@" ;;
  client) flock 9; client "$1" ;;
  client-down) flock 9; client_down "$1" ;;
  node) case $2 in docker) script docker "$1-node" ;; swarm*) script swarm "$1-node" "${2#swarm}" ;; *) script kubernetes "$1-node" "${2#kube}" ;; esac ;;
  volume) script kubernetes volume "$@" ;;
  *) sed -n 2,10p "$0" >&2; exit 2 ;;
esac
