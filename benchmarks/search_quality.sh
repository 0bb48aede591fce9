#!/usr/bin/env bash
# Are searched networks better than luck? At three target latencies, this compares the networks of five searches with 20
# random and the uniform networks of that latency. All are trained alike, from three warm-ups. It also measures how well the
# accuracy that is inherited from a warm-up ranks the random ones. It takes about three hours on two cores. Every result is
# kept in the directory, and the same command resumes where it was stopped. docs/results.md shows what came out.
#
#     benchmarks/search_quality.sh DIRECTORY [OPTION…]
#
# Options are those of `onepath benchmark search-quality`.
set -euo pipefail
cd "$(dirname "$0")/.."

directory=${1:?a directory for the results}
.build/release/onepath benchmark search-quality --output "$directory" "${@:2}"
