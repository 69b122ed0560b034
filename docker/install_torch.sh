#!/bin/sh
# Installs the torch that requirements.lock pins: a CPU build where there is no GPU to use another with.
#
#   docker/install_torch.sh PIP CONSTRAINTS
#
# TORCH_INDEX  index of the build wanted; unset: the CPU builds' own, unless nvidia-smi finds a GPU;
#              empty: pip's own. Where the index does not answer, pip looks where it is set up to look.
set -eu

pip=$1
constraints=$2
cpu=https://download.pytorch.org/whl/cpu
if [ -z "${TORCH_INDEX+set}" ]; then
  TORCH_INDEX=$cpu
  if command -v nvidia-smi >/dev/null && nvidia-smi -L >/dev/null 2>&1; then TORCH_INDEX=; fi
fi
if [ -n "$TORCH_INDEX" ] && python3 -c "
import sys, urllib.request
urllib.request.urlopen(sys.argv[1] + '/torch/', timeout=10).read(1)" "$TORCH_INDEX" 2>/dev/null; then
  "$pip" install --quiet --no-compile -c "$constraints" --extra-index-url "$TORCH_INDEX" torch
else
  "$pip" install --quiet --no-compile -c "$constraints" torch
fi
