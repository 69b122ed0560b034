#!/bin/sh
# Gives `train` and `eval` the executor beside them, unless the command line names one.
set -eu

case "${1:-}" in
  train | eval)
    for argument in "$@"; do
      case $argument in --executor-url | --executor-url=*) RLTF_EXECUTOR_URL= ;; esac
    done
    if [ -n "${RLTF_EXECUTOR_URL:-}" ]; then set -- "$@" --executor-url "$RLTF_EXECUTOR_URL"; fi
    ;;
esac
exec rltf-trainer "$@"
