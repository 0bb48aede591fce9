#!/usr/bin/env bash
# Are searched networks better than luck? At three target latencies, the networks of five searches against 20 random and
# the uniform networks of that latency, all trained alike, from three warm-ups; and how well the accuracy that is inherited
# from a warm-up ranks the random ones. About three hours on two cores; every result is kept in the directory, and the
# same command goes on where it was stopped.
#
#     benchmarks/search_quality.sh DIRECTORY [OPTION…]
#
# Options are those of `onepath benchmark search-quality`.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=${1:?a directory for the results}
.build/release/onepath benchmark search-quality --output "$directory" "${@:2}"
