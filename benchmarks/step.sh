#!/usr/bin/env bash
# Times a training step of the supernet, ours and PyTorch's, in turn on the same machine. Prints medians over rounds, and
# the most memory that each process took. docs/results.md shows what came out.
#
#     benchmarks/step.sh [ROUNDS]
#
# If PyTorch is missing, it is installed from PyPI into .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-3}
onepath=.build/release/onepath
python=.venv/bin/python
if [ ! -x "$python" ]; then
    python3 -m venv .venv
    .venv/bin/pip install --quiet torch
fi

number() { tr -d '\n' | sed -nE "s/.*\"$1\": *([0-9.e+-]+).*/\1/p"; echo; }
median() { sort -g | awk '{ value[NR] = $1 } END { print NR % 2 ? value[(NR + 1) / 2] : (value[NR / 2] + value[NR / 2 + 1]) / 2 }'; }

# Enough for a measurement of some seconds.
steps() { echo $(($1 < 100 ? 5 : 20)); }

line='%-18s %5s  %-8s %9s %9s %9s %8s %8s\n'
printf "$line" space batch '' onepath eager compiled eager compiled
for case in searchspaces/single-path-mobile.json:32 searchspaces/fashion-mnist.json:128 benchmarks/peer-fashion.json:128; do
    space=${case%:*} batch=${case#*:}
    step="--space $space --batch $batch --steps $(steps "$batch")"
    work=$(mktemp -d)
    for _ in $(seq "$rounds"); do
        $onepath benchmark step $step --json > "$work/onepath"
        for mode in eager compile; do
            $python benchmarks/pytorch_supernet_step.py $step --mode $mode --json > "$work/$mode"
        done
        for name in onepath eager compile; do
            number images_per_second < "$work/$name" >> "$work/$name.rates"
            number peak_memory_bytes < "$work/$name" >> "$work/$name.memory"
        done
    done
    for figure in rates memory; do
        [ $figure = rates ] && what=images/s unit=1 || what=MiB unit=1048576
        # The ratio of images a second is ours over theirs, so is that of memory.
        echo "$(median < "$work/onepath.$figure") $(median < "$work/eager.$figure") $(median < "$work/compile.$figure")" |
            awk -v n="$(basename "$space" .json)" -v s="$batch" -v w="$what" -v u="$unit" -v line="$line" '{
                printf line, n, s, w, sprintf("%.1f", $1 / u), sprintf("%.1f", $2 / u), sprintf("%.1f", $3 / u),
                    sprintf("%.2fx", $1 / $2), sprintf("%.2fx", $1 / $3) }'
    done
    rm -r "$work"
done
