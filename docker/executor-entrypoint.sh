#!/bin/sh
# Starts the service as an ordinary user whose only extra group is the one that owns the engine's socket: the
# number of that group differs from host to host, so that no image and no compose file can name it.
set -eu

socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
socket=${socket#unix://}
if [ "$(id -u)" != 0 ]; then
  exec rltf-executor "$@"
fi
if [ -S "$socket" ]; then
  group=$(stat -c %g "$socket")
else
  group=10001
fi
export HOME=/tmp
exec setpriv --reuid 10001 --regid 10001 --groups "$group" --no-new-privs -- rltf-executor "$@"
