#!/usr/bin/env bash
# Times the loading of training photos, ours and torchvision's, in turn on the same machine: decoded from their files, and
# read from our cache of decoded images. Prints medians over rounds. docs/results.md shows what came out.
#
#     benchmarks/loading.sh DATA [ROUNDS [RESOLUTION]]
#
# DATA has train/<class>/... . If torchvision is missing, it is installed from PyPI into .venv, or give the interpreter as
# PYTHON.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 64; }
data=$(realpath "$1") rounds=${2:-5} resolution=${3:-224}
cd "$(dirname "$0")/.."

onepath=.build/release/onepath
python=${PYTHON:-.venv/bin/python}
if ! "$python" -c 'import torch, torchvision' 2> /dev/null; then
    [ -z "${PYTHON:-}" ] || { echo "$PYTHON: expected an interpreter with torch and torchvision" >&2; exit 66; }
    python3 -m venv .venv
    .venv/bin/pip install --quiet torch torchvision
fi
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

rate() { python3 -c 'import json, sys; print(json.load(sys.stdin)["images_per_second"])'; }
median() { sort -g | awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'; }

for jitter in 0 0.2; do
    ours=(benchmark loading --data "$data" --resolution "$resolution" --threads 2 --jitter $jitter --json)
    # Makes the cache.
    $onepath "${ours[@]}" --batches 1 > "$work/first"
    for _ in $(seq "$rounds"); do
        $onepath "${ours[@]}" --no-cache | rate >> "$work/files"
        $python benchmarks/pytorch_loading.py --data "$data" --resolution "$resolution" --jitter $jitter | rate >> "$work/peer"
        $onepath "${ours[@]}" --batches 200 | rate >> "$work/cache"
    done
    echo "$(median < "$work/files") $(median < "$work/cache") $(median < "$work/peer")" | awk -v jitter=$jitter '{
        printf "jitter %s  torchvision %.0f images/s  from files %.0f (%.1fx)  from the cache %.0f (%.1fx)\n",
            jitter, $3, $1, $1 / $3, $2, $2 / $3 }'
    rm "$work"/files "$work"/peer "$work"/cache
done
