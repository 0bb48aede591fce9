#!/usr/bin/env bash
# One default search for each of five λ: latency, MACs, parameters and the supernet's test accuracy.
#
#     benchmarks/lambda_sweep.sh [SPACE] [DEVICE] [DATA]
#
# Runs stay in runs/sweep-SPACE-DEVICE; a λ that has its run already is only read.
set -euo pipefail
cd "$(dirname "$0")/.."

space=${1:-fashion-mnist}
device=${2:-pixel1}
data=${3:-fashion-mnist}
onepath=.build/release/onepath
runs=runs/sweep-$space-$device
mkdir -p "$runs"

field() { sed -nE "s/^ *\"$1\": *([0-9.e+-]+).*/\1/p" "$2"; }

printf '%8s %12s %12s %12s %10s\n' lambda 'latency ms' MACs parameters 'accuracy %'
for lambda in 0 0.01 0.02 0.05 0.2; do
    result=$runs/$lambda.json
    if [ ! -s "$result" ]; then
        rm -rf "${runs:?}/$lambda"
        $onepath search --space "$space" --device "$device" --data "$data" --lambda "$lambda" \
            --output "$runs/$lambda" --json > "$result.new"
        mv "$result.new" "$result"
    fi
    accuracy=$(awk -v right="$(field correct "$result")" -v all="$(field test_images "$result")" \
        'BEGIN { printf "%.2f", 100 * right / all }')
    # The first figure of each name is that of the network found.
    printf '%8s %12.4f %12d %12d %10s\n' "$lambda" "$(field latency_ms "$result" | head -n 1)" \
        "$(field macs "$result" | head -n 1)" "$(field parameters "$result" | head -n 1)" "$accuracy"
done
