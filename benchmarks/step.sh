#!/usr/bin/env bash
# A training step of the supernet, ours and PyTorch's, in turn on the same machine: medians over rounds.
#
#     benchmarks/step.sh [ROUNDS]
#
# PyTorch comes from PyPI into .venv when it is not there; only this benchmark needs it.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-3}
onepath=.build/release/onepath
python=.venv/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv .venv
    .venv/bin/pip install --quiet torch
fi

rate() { sed -nE 's/.*"images_per_second": *([0-9.e+-]+).*/\1/p'; }
median() { sort -g | awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'; }

printf '%-20s %6s %18s %18s %18s %8s %8s\n' space batch 'onepath images/s' 'eager images/s' 'compiled images/s' ratio ratio
for case in searchspaces/single-path-mobile.json:32 benchmarks/peer-fashion.json:128; do
    space=${case%:*} batch=${case#*:}
    ours=() eager=() compiled=()
    for _ in $(seq "$rounds"); do
        ours+=("$($onepath benchmark step --space "$space" --batch "$batch" --json | rate)")
        eager+=("$($python benchmarks/pytorch_supernet_step.py --space "$space" --batch "$batch" --mode eager --json | rate)")
        compiled+=("$($python benchmarks/pytorch_supernet_step.py --space "$space" --batch "$batch" --mode compile --json | rate)")
    done
    a=$(printf '%s\n' "${ours[@]}" | median) b=$(printf '%s\n' "${eager[@]}" | median) c=$(printf '%s\n' "${compiled[@]}" | median)
    awk -v n="$(basename "$space" .json)" -v s="$batch" -v a="$a" -v b="$b" -v c="$c" \
        'BEGIN { printf "%-20s %6d %18.1f %18.1f %18.1f %7.2fx %7.2fx\n", n, s, a, b, c, a / b, a / c }'
done
