#!/usr/bin/env bash
# Measures how well latency tables predict whole networks on this machine. For each space it makes two profiles, one after
# the other. Then it measures random architectures from end to end, and compares them with the sums of the first
# profile's blocks and operators.
#
#     benchmarks/profile.sh [SECONDS [NETWORK_SECONDS]]
#
# SECONDS is the time that each profile may take, NETWORK_SECONDS the time for all networks together. Nothing else should
# run meanwhile. docs/results.md shows what came out.
set -euo pipefail
cd "$(dirname "$0")/.."

budget=${1:-300}
networks=${2:-540}
onepath=.build/release/onepath

for case in fashion-mnist:100 single-path-mobile:30; do
    echo "${case%:*}"
    $onepath benchmark profile --space "${case%:*}" --architectures "${case#*:}" --budget "$budget" \
        --network-budget "$networks" | sed 's/^/    /'
done
