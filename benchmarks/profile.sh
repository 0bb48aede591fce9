#!/usr/bin/env bash
# How well latency tables predict whole networks on this machine: for each space, two profiles one after the other, and
# random architectures from end to end, against the sums from the first profile's blocks and operators.
#
#     benchmarks/profile.sh [SECONDS [NETWORK_SECONDS]]
#
# SECONDS is what each profile may take, NETWORK_SECONDS what all the networks together. Nothing else should run
# meanwhile.
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
