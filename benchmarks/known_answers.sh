#!/usr/bin/env bash
# Does a search find the best networks? NAS-Bench-Macro says of every network of a small space how well it does alone on
# CIFAR-10. This compares what searches of three seeds find at four budgets of multiply-accumulates with all networks of
# each, and how well inherited losses rank them. Every result is kept in the directory, and the same command resumes where
# it was stopped. docs/results.md shows what came out.
#
#     benchmarks/known_answers.sh DATA DIRECTORY [OPTION…]
#
# DATA has CIFAR-10 as train/<class>/... and test/<class>/... . Options are those of `onepath benchmark known-answers`.
set -euo pipefail
[ $# -ge 2 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 64; }
data=$(realpath "$1") directory=$(realpath -m "$2")
cd "$(dirname "$0")/.."

.build/release/onepath benchmark known-answers --known benchmarks/nas-bench-macro.csv --data "$data" \
    --output "$directory" "${@:3}"
