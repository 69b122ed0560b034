#!/usr/bin/env bash
# One Docker engine for the tests, the demo and compose, whatever the machine offers.
#
#   docker/engine.sh up       use the engine that answers, else start one (Debian or Ubuntu, as root);
#                             the last line printed is for the shell: eval "$(docker/engine.sh up | tail -1)"
#   docker/engine.sh down     stop the engine that this script started; leave any other alone
#   docker/engine.sh status   say which engine answers; exit 1 if none does
#   docker/engine.sh env      print that last line for the engine that answers, and start nothing
#   docker/engine.sh run [--optional] COMMAND...
#                             run COMMAND with an engine, and stop it afterwards if it was started for that;
#                             --optional: where no engine can be had, run it without one
#
# Base images come from the registry. Where none is reached, stand-ins under the same names are made from Debian
# packages, with this machine's certificates and pip settings in them, so that every Dockerfile builds as it is.
#
# ENGINE_STATE   folder for the engine's data, log and pid          (/var/tmp/rltf-engine)
# ENGINE_SOCKET  where an engine started here listens               (/var/run/docker.sock)
# ENGINE_FLAGS   more options for dockerd
# ENGINE_BASES   base images to provide, as NAME=DEBIAN_SUITE
set -euo pipefail

STATE=${ENGINE_STATE:-/var/tmp/rltf-engine}
SOCKET=${ENGINE_SOCKET:-/var/run/docker.sock}
BASES=${ENGINE_BASES:-"python:3.11-slim-bookworm=bookworm python:3.13-slim-trixie=trixie"}
OWNED=$STATE/started-by-engine.sh # two words: the pid of our dockerd, and `up` or `run`

say() { printf 'engine: %s\n' "$*" >&2; }
die() {
  say "$*"
  return 1
}

# --- which engine answers -------------------------------------------------------------------------------------------

answers() { timeout 20 docker -H "$1" version >/dev/null 2>&1; }

find_engine() { # prints the address of the first engine that answers
  command -v docker >/dev/null || return 1
  local candidate
  for candidate in ${DOCKER_HOST:-} "unix://$SOCKET" unix:///var/run/docker.sock "unix://$STATE/docker.sock"; do
    if answers "$candidate"; then
      echo "$candidate"
      return 0
    fi
  done
  return 1
}

# --- packages of the distribution -----------------------------------------------------------------------------------

apt_install() { # the first of the names given that the distribution has
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
  local name
  mkdir -p "$STATE"
  if [ -z "${apt_updated:-}" ]; then
    apt-get update -qq >"$STATE/apt.log" 2>&1 || say "apt-get update failed (log: $STATE/apt.log); trying all the same"
    apt_updated=yes
  fi
  for name in "$@"; do
    [ -n "$(apt-cache policy "$name" 2>/dev/null | sed -n 's/^  Candidate: \([^(].*\)/\1/p')" ] || continue
    say "installing $name"
    if DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$name" \
      >>"$STATE/apt.log" 2>&1 </dev/null; then
      return 0
    fi
    say "could not install $name (log: $STATE/apt.log)"
  done
  return 1
}

provide_compose() {
  docker compose version 2>/dev/null | grep -q -i 'compose version' && return
  command -v docker-compose >/dev/null && return
  apt_install docker-compose-v2 docker-compose-plugin docker-compose ||
    say "no Compose here: 'make up' needs one, nothing else does"
}

# --- starting and stopping ------------------------------------------------------------------------------------------

start_engine() { # $1: up or run; prints the address
  local mode=$1 host pid
  [ "$(id -u)" = 0 ] || die "no Docker engine answers, and only root can start one" || return 1
  if ! command -v dockerd >/dev/null; then
    apt_install docker.io || die "no Docker engine here, and none could be installed" || return 1
    command -v docker >/dev/null || apt_install docker-cli || return 1
    for _ in $(seq 10); do # where an init system runs, the package has started it
      host=$(find_engine) && echo "$host" && return 0
      [ -d /run/systemd/system ] || break
      sleep 1
    done
  fi
  command -v iptables >/dev/null || apt_install iptables || true
  mkdir -p "$STATE"
  say "starting dockerd (log: $STATE/dockerd.log)"
  # A session of its own: an interrupt at the terminal is for the command that uses the engine.
  # shellcheck disable=SC2086 # ENGINE_FLAGS holds several words
  setsid dockerd -H "unix://$SOCKET" --data-root "$STATE/data" --exec-root "$STATE/exec" \
    --pidfile "$STATE/dockerd.pid" ${ENGINE_FLAGS:-} >"$STATE/dockerd.log" 2>&1 </dev/null 8>&- &
  pid=$!
  for _ in $(seq 120); do
    if answers "unix://$SOCKET"; then
      echo "$(cat "$STATE/dockerd.pid") $mode" >"$OWNED"
      echo "unix://$SOCKET"
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.5
  done
  tail -5 "$STATE/dockerd.log" >&2
  die "dockerd did not come up"
}

owned_pid() { # prints the pid of the dockerd that this script started, if it still runs
  local pid _mode
  read -r pid _mode 2>/dev/null <"$OWNED" || return 1
  [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = dockerd ] && echo "$pid"
}

stop_engine() {
  local pid
  if ! pid=$(owned_pid); then
    rm -f "$OWNED"
    say "no engine of ours is running"
    return 0
  fi
  kill -TERM "$pid"
  for _ in $(seq 120); do
    [ -d "/proc/$pid" ] || break
    sleep 0.25
  done
  if [ -d "/proc/$pid" ]; then
    say "dockerd did not stop in 30 s; killing it"
    kill -KILL "$pid"
  fi
  rm -f "$OWNED"
}

# --- base images ----------------------------------------------------------------------------------------------------

pip_setting() { # what pip uses here for an option; nothing where there is no pip
  python3 -m pip config list 2>/dev/null |
    sed -n -e "s/^:env:\.$1='\(.*\)'\$/\1/p" -e "s/^global\.$1='\(.*\)'\$/\1/p" | head -1
}

write_pip_settings() { # $1: root of an image, $2: wheel tag of its Python
  local root=$1 tag=$2 word remote="" copied="" option
  for word in $(pip_setting find-links); do
    case $word in
      http://* | https://*) remote="$remote $word" ;;
      *)
        [ -d "$word" ] || continue
        mkdir -p "$root/wheels"
        find "$word" -maxdepth 1 -name '*.whl' \
          \( -name "*-$tag-$tag-*" -o -name '*-abi3-*' -o -name '*-py3-none-any.whl' \) -exec cp -t "$root/wheels" {} +
        copied=" /wheels"
        ;;
    esac
  done
  {
    echo "[global]"
    echo "break-system-packages = true"
    [ -z "$copied$remote" ] || echo "find-links =$copied$remote"
    for option in index-url extra-index-url trusted-host; do
      remote=""
      for word in $(pip_setting "$option"); do
        case $word in file:*) ;; *) remote="$remote $word" ;; esac
      done
      [ -z "$remote" ] || echo "$option =$remote"
    done
  } >"$root/etc/pip.conf"
}

build_stand_in() { # $1: address, $2: image name, $3: Debian suite
  local host=$1 image=$2 suite=$3 work tag
  work=$(mktemp -d "$STATE/stand-in.XXXXXX")
  case $suite in bookworm) tag=cp311 ;; trixie) tag=cp313 ;; *) tag=py3 ;; esac
  # A tar of packages first, then our files beside it: no hook has to know about this script.
  mkdir -p "$work/extra/usr/local/bin" "$work/extra/etc/ssl/certs"
  ln -s /usr/bin/python3 "$work/extra/usr/local/bin/python3"
  ln -s /usr/bin/python3 "$work/extra/usr/local/bin/python"
  [ ! -e /etc/ssl/certs/ca-certificates.crt ] || cp -L /etc/ssl/certs/ca-certificates.crt "$work/extra/etc/ssl/certs/"
  write_pip_settings "$work/extra" "$tag"
  # shellcheck disable=SC2016 # $1 in a hook is the image's root, for mmdebstrap to fill in
  if mmdebstrap --quiet --variant=minbase --include=ca-certificates,python3,python3-pip,python3-venv \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --customize-hook="tar -C '$work/extra' -cf - . | tar -C \"\$1\" --keep-directory-symlink -xf -" \
    --customize-hook='rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*' \
    "$suite" "$work/image.tar" >"$work/log" 2>&1 &&
    docker -H "$host" import \
      -c 'ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8' \
      -c 'ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt' \
      -c 'LABEL org.opencontainers.image.title="stand-in from Debian packages"' \
      -c 'CMD ["python3"]' "$work/image.tar" "$image" >>"$work/log" 2>&1; then
    rm -rf "$work"
  else
    tail -5 "$work/log" >&2
    rm -rf "$work"
    die "could not make a stand-in for $image"
  fi
}

provide_bases() { # $1: address
  local host=$1 base image builds="" build
  for base in $BASES; do
    image=${base%%=*}
    docker -H "$host" image inspect "$image" >/dev/null 2>&1 && continue
    timeout 900 docker -H "$host" pull -q "$image" >/dev/null 2>&1 && continue
    say "no registry: making a stand-in for $image from Debian packages (${base#*=})"
    command -v mmdebstrap >/dev/null || apt_install mmdebstrap || die "mmdebstrap is needed for that" || return 1
    [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || apt_install debian-archive-keyring || true
    build_stand_in "$host" "$image" "${base#*=}" &
    builds="$builds $!"
  done
  for build in $builds; do wait "$build" || return 1; done
}

# --- commands -------------------------------------------------------------------------------------------------------

provide_engine() { # $1: up or run; prints the address
  local host
  host=$(find_engine) || host=$(start_engine "$1") || return 1
  provide_bases "$host" >&2 || return 1
  echo "$host"
}

settings_of() { # shell text that points a client, and compose, at an engine
  case $1 in
    unix://*) echo "export DOCKER_HOST=$1 DOCKER_SOCKET=${1#unix://}" ;;
    *) echo "export DOCKER_HOST=$1" ;;
  esac
}

up() {
  local host pid
  host=$(provide_engine up)
  provide_compose
  if pid=$(owned_pid); then echo "$pid up" >"$OWNED"; fi # from here on only `down` stops it
  say "ready: $(docker -H "$host" version -f '{{.Server.Version}}') at $host"
  settings_of "$host"
}

environment() {
  local host
  host=$(find_engine) || die "no Docker engine answers (docker/engine.sh up starts one)" || return 1
  settings_of "$host"
}

status() {
  local host
  host=$(find_engine) || die "no Docker engine answers" || return 1
  echo "engine: $(docker -H "$host" version -f '{{.Server.Version}}') at $host$(owned_pid >/dev/null && echo ', started by this script')"
}

run() {
  local host="" optional="" child result=0 mode=""
  if [ "${1:-}" = --optional ]; then
    optional=yes
    shift
  fi
  [ $# -gt 0 ] || die "run: no command given" || return 2
  mkdir -p "$STATE"
  exec 8>"$STATE/users.lock"
  flock --shared 8 # whoever is last to leave stops an engine that was started for `run`
  trap 'stop_if_last' EXIT
  if host=$(provide_engine run); then
    provide_compose
    eval "$(settings_of "$host")"
  elif [ -n "$optional" ]; then
    unset DOCKER_HOST # one that does not answer is none
  else
    return 1
  fi
  set -m # the command gets a process group of its own, so that an interrupt reaches it once, through us
  "$@" 8>&- &
  child=$!
  trap 'kill -INT -- "-$child" 2>/dev/null' INT
  trap 'kill -TERM -- "-$child" 2>/dev/null' TERM HUP
  while :; do
    result=0
    wait "$child" || result=$?
    kill -0 "$child" 2>/dev/null || break
  done
  return "$result"
}

stop_if_last() {
  local mode=""
  read -r _ mode 2>/dev/null <"$OWNED" || return 0
  if [ "$mode" = run ] && flock --exclusive --nonblock 8; then stop_engine; fi
}

command=${1:-}
[ $# -eq 0 ] || shift
case $command in
  up) up ;;
  down) stop_engine ;;
  status) status ;;
  env) environment ;;
  run) run "$@" ;;
  *)
    sed -n '2,/^set -e/{/^set -e/d;s/^# \{0,1\}//;p}' "$0" >&2
    exit 2
    ;;
esac
