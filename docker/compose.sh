#!/usr/bin/env bash
# Compose, whichever of `docker compose` and `docker-compose` there is, on the engine that docker/engine.sh finds.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
settings=$("$root/docker/engine.sh" env)
eval "$settings"
cd "$root"
if docker compose version 2>/dev/null | grep -q -i 'compose version'; then
  exec docker compose "$@"
fi
exec docker-compose "$@"
