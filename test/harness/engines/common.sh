#!/bin/bash
# What the engine scripts share; they source it. Every engine runs in network namespaces of its own on one bridge, and every
# daemon group in a PID namespace of its own, so that ending one process ends all of it and nothing can be left behind.
set -euo pipefail
CACHE=${ASGI_SYNTH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/asgi-synth}
LAB=${ASGI_SYNTH_LAB:-/var/tmp/asgi-synth-lab}
NET=${ASGI_SYNTH_NETWORK:-10.78.0} # a /24 that nothing else on the machine uses
GATEWAY=$NET.254
BRIDGE=synthlab0
PREFIX=synth-                      # of every network namespace
PODS=10.244
SERVICES=10.96.0.0/16
# A loopback address is a registry without TLS for every engine, with no configuration, and leads to ours in every namespace.
REGISTRY_PORT=${ASGI_SYNTH_REGISTRY_PORT:-5078}
# shellcheck disable=SC2034 # these two are for the scripts that source this one
REGISTRY=127.0.0.1:$REGISTRY_PORT USER_DOCKER_CONFIG=${DOCKER_CONFIG:-}
export DOCKER_CONFIG=$CACHE/docker-config # so that the user's own is neither used nor changed

say() { echo "engines: $*" >&2; }
fail() {
  say "$*"
  say "The tests that need no engine: npm run test:unit"
  exit 1
}

# until_true SECONDS WHAT COMMAND...: polls; on giving up says what was waited for
until_true() {
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { say "gave up waiting for $what: $*"; return 1; }
    sleep 0.1
  done
}

need_linux_root() {
  [ "$(uname -s)" = Linux ] || fail "starting $1 needs Linux, this is $(uname -s). Name an engine of your own instead: test/harness/README.md"
  [ "$(id -u)" = 0 ] || fail "starting $1 needs root, this is $(id -un). Name an engine of your own instead: test/harness/README.md"
}

network_up() {
  sysctl -qw net.ipv4.ip_forward=1
  if ! ip link show $BRIDGE >/dev/null 2>&1; then
    # An address of its own: else it is that of whichever port has the lowest, and with each new machine the others lose their gateway
    # until they ask for it again.
    ip link add $BRIDGE address 02:0a:4e:00:00:fe type bridge
    ip addr add "$GATEWAY/24" dev $BRIDGE
    ip link set $BRIDGE up
  fi
  network_rules -C 2>/dev/null || { network_rules -D 2>/dev/null || true; network_rules -I; }
}

# network_rules -C|-I|-D
network_rules() {
  local source failed=0
  iptables -w "$1" FORWARD -i $BRIDGE -j ACCEPT || failed=1
  iptables -w "$1" FORWARD -o $BRIDGE -j ACCEPT || failed=1
  for source in "$NET.0/24" "$PODS.0.0/16"; do
    iptables -w -t nat "$1" POSTROUTING -s "$source" ! -o $BRIDGE -j MASQUERADE || failed=1
  done
  return $failed
}

network_down() {
  ip netns list | grep -q "^$PREFIX" && return
  network_rules -D 2>/dev/null || true
  ip link del $BRIDGE 2>/dev/null || true
}

# netns_up NAME NUMBER: a machine on the lab's bridge, with the address $NET.NUMBER
netns_up() {
  local ns=$PREFIX$1 node
  netns_down "$1"
  ip netns add "$ns"
  ip link add "sl-$2" type veth peer name eth0 netns "$ns"
  ip link set "sl-$2" master $BRIDGE up
  ip -n "$ns" addr add "$NET.$2/24" dev eth0
  ip -n "$ns" link set eth0 up
  ip -n "$ns" link set lo up
  ip -n "$ns" route add default via "$GATEWAY"
  for node in 1 2 3; do [ "$2" = "2$node" ] || ip -n "$ns" route add "$PODS.$node.0/24" via "$NET.2$node"; done
  [[ $2 == 2[1-3] ]] || ip -n "$ns" route add $SERVICES via "$NET.21"
  nsenter --net="/run/netns/$ns" sysctl -qw net.ipv4.ip_forward=1 net.ipv4.conf.all.route_localnet=1
  nsenter --net="/run/netns/$ns" iptables -w -t nat -A OUTPUT -d 127.0.0.1 -p tcp --dport "$REGISTRY_PORT" -j DNAT --to-destination "$GATEWAY:$REGISTRY_PORT"
  nsenter --net="/run/netns/$ns" iptables -w -t nat -A POSTROUTING -d "$GATEWAY" -p tcp --dport "$REGISTRY_PORT" -j MASQUERADE
}

netns_down() {
  [ -e "/run/netns/$PREFIX$1" ] || return 0
  ip -n "$PREFIX$1" link del eth0 2>/dev/null || true
  ip netns del "$PREFIX$1" 2>/dev/null || true
}

# daemon_up NAME COMMAND...: the command as init's only child in NAME's network namespace, log in $LAB/NAME/log
daemon_up() {
  local name=$1
  shift
  mkdir -p "$LAB/$name"
  cat >"$LAB/$name/init.sh" <<'T'
hostname "$1"; shift
for folder in docker containerd netns; do mkdir -p /run/$folder; mount -t tmpfs tmpfs /run/$folder; done
trap 'kill -TERM $child; wait $child; exit' TERM
"$@" & child=$!
wait $child
T
  setsid nsenter --net="/run/netns/$PREFIX$name" unshare --mount --uts --pid --fork --kill-child --mount-proc \
    bash "$LAB/$name/init.sh" "${name//\//-}" "$@" >"$LAB/$name/log" 2>&1 </dev/null &
  echo $! >"$LAB/$name/pid"
}

daemon_alive() { [ -f "$LAB/$1/pid" ] && is_ours "$(cat "$LAB/$1/pid")" "$1"; }

# A process id outlives a crash only as a number in a file: whatever has it now is ended only if it is this daemon.
is_ours() { tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF "$LAB/$2/init.sh"; }

daemon_down() { # daemon_down NAME [SECONDS]: with seconds, asks first
  local pid
  if daemon_alive "$1"; then
    pid=$(cat "$LAB/$1/pid")
    if [ "${2:-0}" -gt 0 ]; then
      pkill -TERM -P "$pid" || true
      until_true "$2" "the end of $1" not kill -0 "$pid" || true
    fi
    kill -KILL "$pid" 2>/dev/null || true
    until_true 20 "the end of $1" not kill -0 "$pid" || true
  fi
  rm -f "$LAB/$1/pid"
  cgroups_down "$PREFIX$1"
  netns_down "$1"
}

cgroups_down() {
  local group
  for group in /sys/fs/cgroup/"$1" /sys/fs/cgroup/*/"$1"; do
    [ -d "$group" ] || continue
    until_true 5 "the end of control group $group" cgroup_empty "$group" || true
    find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

cgroup_empty() { [ -z "$(find "$1" -name cgroup.procs -exec cat {} + 2>/dev/null)" ]; }

not() { ! "$@"; }

# dockerd_up NAME DATA: a Docker engine in NAME's network namespace, socket $LAB/NAME/docker.sock
dockerd_up() {
  local options=(-H "unix://$LAB/$1/docker.sock" --data-root "$2" --exec-root "$LAB/$1/exec" --pidfile "$LAB/$1/docker.pid"
    --cgroup-parent "/$PREFIX$1" --exec-opt native.cgroupdriver=cgroupfs --label asgi-synth.harness=true)
  [ -z "${ASGI_SYNTH_RUNC:-}" ] || options+=(--add-runtime "lab=$ASGI_SYNTH_RUNC" --default-runtime lab)
  # After a power cut the number in a file is that of another process now, and dockerd would wait for a containerd that is none.
  rm -f "$LAB/$1/docker.pid" "$LAB/$1/docker.sock" "$LAB/$1/exec/containerd/containerd.pid"
  mkdir -p "$2"
  daemon_up "$1" "${ASGI_SYNTH_DOCKERD:-dockerd}" "${options[@]}"
}

on() { docker -H "unix://$LAB/$1/docker.sock" "${@:2}"; } # on NAME ARGUMENTS...: docker against that engine

engine_answers() { on "$1" info >/dev/null 2>&1; }

# write_environment ENGINE LINE...: KEY=VALUE lines, last step of an engine's start: the file says that it is up
write_environment() {
  mkdir -p "$LAB/env"
  printf '%s\n' "${@:2}" >"$LAB/env/$1.new"
  mv "$LAB/env/$1.new" "$LAB/env/$1"
}
