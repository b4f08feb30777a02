#!/bin/bash
# A Swarm of managers, each a Docker engine in a network namespace of its own.
#   swarm.sh up [NODES] | stop-node N | start-node N | down
# stop-node ends a node as a power cut would; start-node switches it on again with the state it had.
# ASGI_SYNTH_SWARM_HOST names a manager of another Swarm; ASGI_SYNTH_DOCKERD and ASGI_SYNTH_RUNC another build of ours.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

start_node() {
  netns_up "swarm$1" "1$1"
  dockerd_up "swarm$1" "$LAB/swarm$1/data"
}

node_ready() { [ "$(on swarm1 node ls --format '{{.Status}} {{.ManagerStatus}}' 2>/dev/null | grep -cE '^Ready (Leader|Reachable)')" = "$1" ]; }

# in_swarm N init|join ARGUMENT...: on a busy machine the command gives up after 20 s, and the engine goes on in the background.
in_swarm() {
  case $(on "swarm$1" info --format '{{.Swarm.LocalNodeState}}') in
    active) ;;
    pending) return 1 ;;
    *) on "swarm$1" swarm "$2" --advertise-addr "$NET.1$1" "${@:3}" ;;
  esac
}

nodes() { find "$LAB" -maxdepth 1 -name 'swarm[0-9]' -printf '%f\n' 2>/dev/null | sort; }

environment() {
  local node addresses=()
  for node in $(nodes); do addresses+=("$node=$NET.1${node#swarm}=$PREFIX$node"); done
  write_environment swarm "DOCKER_HOST=unix://$LAB/swarm1/docker.sock" "LAB_NODES=${addresses[*]}"
}

case ${1:-} in
  up)
    count=${2:-3}
    if [ -n "${ASGI_SYNTH_SWARM_HOST:-}" ]; then
      [ "$(timeout 20 docker -H "$ASGI_SYNTH_SWARM_HOST" info --format '{{.Swarm.ControlAvailable}}' 2>/dev/null)" = true ] || fail "ASGI_SYNTH_SWARM_HOST=$ASGI_SYNTH_SWARM_HOST is not a Swarm manager that answers"
      write_environment swarm "DOCKER_HOST=$ASGI_SYNTH_SWARM_HOST" "LAB_NODES=$(docker -H "$ASGI_SYNTH_SWARM_HOST" node ls -q | xargs docker -H "$ASGI_SYNTH_SWARM_HOST" node inspect --format '{{.Description.Hostname}}={{.Status.Addr}}' | tr '\n' ' ')"
      exit
    fi
    need_linux_root 'a Swarm'
    [ -f "$LAB/env/swarm" ] && node_ready "$count" && exit
    "$0" down
    network_up
    for n in $(seq "$count"); do start_node "$n"; done
    for n in $(seq "$count"); do until_true 60 "engine swarm$n" engine_answers "swarm$n" || fail "dockerd of swarm$n did not start: $(tail -n 3 "$LAB/swarm$n/log")"; done
    until_true 60 'the first manager' in_swarm 1 init
    token=$(on swarm1 swarm join-token -q manager)
    for n in $(seq 2 "$count"); do until_true 60 "swarm$n to join" in_swarm "$n" join --token "$token" "$NET.11:2377"; done
    until_true 60 "$count managers" node_ready "$count"
    environment ;;
  stop-node) daemon_down "swarm$2" ;;
  start-node)
    start_node "$2"
    until_true 120 "engine swarm$2" engine_answers "swarm$2" || fail "swarm$2 did not come back: $(tail -n 3 "$LAB/swarm$2/log")" ;;
  down)
    rm -f "$LAB/env/swarm"
    for node in $(nodes); do
      daemon_down "$node"
      rm -rf --one-file-system "${LAB:?}/$node"
    done
    network_down ;;
  *) sed -n 2,5p "$0" >&2; exit 2 ;;
esac
