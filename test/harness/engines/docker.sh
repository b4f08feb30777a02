#!/bin/bash
# A Docker engine for the bare-metal target: the machine's own if it has one, else a dockerd in a network namespace of its own.
#   docker.sh up|stop-node|start-node|down
# stop-node shuts our engine's machine down, start-node switches it on again with the state it had.
# ASGI_SYNTH_DOCKER_HOST names another engine; ASGI_SYNTH_DOCKERD and ASGI_SYNTH_RUNC another build of ours.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"
SOCKET=unix://$LAB/docker/docker.sock
ADDRESS=$NET.10

# own_engine: prints the address of the engine that the machine has, unless another build is asked for
own_engine() {
  [ -z "${ASGI_SYNTH_DOCKERD:-}" ] && [[ ${DOCKER_HOST:-} != "unix://$LAB/"* ]] || return 1
  local host version
  host=$(unset DOCKER_CONFIG; [ -z "$USER_DOCKER_CONFIG" ] || export DOCKER_CONFIG=$USER_DOCKER_CONFIG; docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || return 1
  version=$(timeout 10 docker -H "$host" version --format '{{.Server.Version}}' 2>/dev/null) || return 1
  [ "$(printf '%s\n' 20.10 "$version" | sort -V | head -n 1)" = 20.10 ] && echo "$host"
}

# published_at HOST: the address where that engine's published ports are, for the machine and for the lab's clients
published_at() {
  case $1 in
    unix:*) echo "$GATEWAY" ;;
    *) sed -E 's,^[a-z]+://([^@/]*@)?([^:/]+).*,\2,' <<<"$1" ;;
  esac
}

# The image and build caches stay between runs, everything else goes.
data_folder() { echo "$CACHE/engine-$("${ASGI_SYNTH_DOCKERD:-dockerd}" --version | tr -c 'a-zA-Z0-9.\n' - | cut -c 1-60)"; }

clean() {
  on docker ps -aq | xargs -r docker -H "$SOCKET" rm -f -v >/dev/null 2>&1 || true
  on docker volume ls -q | xargs -r docker -H "$SOCKET" volume rm -f >/dev/null 2>&1 || true
  on docker network prune -f >/dev/null 2>&1 || true
}

case ${1:-} in
  up)
    if [ -n "${ASGI_SYNTH_DOCKER_HOST:-}" ]; then
      timeout 20 docker -H "$ASGI_SYNTH_DOCKER_HOST" info >/dev/null 2>&1 || fail "ASGI_SYNTH_DOCKER_HOST=$ASGI_SYNTH_DOCKER_HOST does not answer"
      write_environment docker "DOCKER_HOST=$ASGI_SYNTH_DOCKER_HOST" "LAB_ADDRESS=$(published_at "$ASGI_SYNTH_DOCKER_HOST")" LAB_NETNS=
    elif own=$(own_engine); then
      write_environment docker "DOCKER_HOST=$own" "LAB_ADDRESS=$(published_at "$own")" LAB_NETNS=
    else
      need_linux_root 'a Docker engine'
      daemon_alive docker && engine_answers docker && exit
      "$0" down
      network_up
      netns_up docker 10
      dockerd_up docker "$(data_folder)"
      until_true 60 'the Docker engine' engine_answers docker || fail "dockerd did not start: $LAB/docker/log: $(tail -n 3 "$LAB/docker/log")"
      clean
      write_environment docker "DOCKER_HOST=$SOCKET" "LAB_ADDRESS=$ADDRESS" "LAB_NETNS=${PREFIX}docker"
    fi ;;
  stop-node)
    [ -f "$LAB/docker/pid" ] || fail 'this Docker engine is not ours to stop'
    daemon_down docker 20 ;;
  start-node)
    netns_up docker 10
    dockerd_up docker "$(data_folder)"
    until_true 120 'the Docker engine' engine_answers docker || fail "dockerd did not come back: $LAB/docker/log: $(tail -n 3 "$LAB/docker/log")" ;;
  down)
    if daemon_alive docker; then
      engine_answers docker && clean
      on docker builder prune -f --keep-storage 6GB >/dev/null 2>&1 || true
    fi
    rm -f "$LAB/env/docker"
    daemon_down docker 20
    rm -rf --one-file-system "${LAB:?}/docker"
    network_down ;;
  *) sed -n 2,5p "$0" >&2; exit 2 ;;
esac
