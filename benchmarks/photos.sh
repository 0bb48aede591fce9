#!/usr/bin/env bash
# Photos on a phone, ours against what one would do without a search: a search of single-path-mobile for a Pixel 1 at
# 60 ms and the training of what it finds, and PyTorch training timm's mobilenetv2_100 (71.7 ms) with torchvision's loader
# on the same folder for the same time. Prints top-1 on the validation images of both.
#
#     benchmarks/photos.sh DATA [MINUTES [WORK [RESOLUTION]]]
#
# DATA has train/<class>/... and val/<class>/... . MINUTES (default 1) is how long each side may compute, about: of ours a
# third goes to the search, the rest to the training. Dry runs say how many epochs fit; where eight of a search or one of a
# training do not, as in the one minute that only shows that all works, it takes a part of the images and few candidates.
# In WORK (default runs/photos-benchmark-MINUTES) everything is kept: the same command resumes what was stopped and repeats
# nothing that is done. RESOLUTION (default 128) is the side of the training images.
#
# If PyTorch or timm is missing, it is installed from PyPI into .venv, or give the interpreter as PYTHON.
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,14s/^# \{0,1\}//p' "$0" >&2; exit 64; }
data=$(realpath "$1")
cd "$(dirname "$0")/.."

minutes=${2:-1} work=${3:-runs/photos-benchmark-${2:-1}} resolution=${4:-128}
onepath=.build/release/onepath
python=${PYTHON:-.venv/bin/python}
if ! "$python" -c 'import timm, torch, torchvision' 2> /dev/null; then
    [ -z "${PYTHON:-}" ] || { echo "$PYTHON: expected an interpreter with torch, torchvision and timm" >&2; exit 66; }
    python3 -m venv .venv
    .venv/bin/pip install --quiet torch torchvision timm
fi
mkdir -p "$work"

# A field of the JSON document on standard input.
field() { python3 -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$1"; }

# The options that make a run of the command in the arguments last so many seconds, from a dry run of eight epochs, whose
# evaluations count: the number of epochs, at least LEAST, of all images or, where those do not fit, of a part of them.
#
#     fitted SECONDS LEAST COMMAND...
fitted() {
    local seconds=$1 least=$2
    shift 2
    "$onepath" "$@" --epochs 8 --dry-run --json --output "$work/none" 2> /dev/null | python3 -c '
import json, sys
left, least = float(sys.argv[1]), int(sys.argv[2])
run = json.load(sys.stdin)
# What follows the number of steps, and what does not.
steps = sum(p["seconds"] for p in run["phases"] if p["unit"] == "steps" and p["name"] != "trials")
left -= 0 if sys.argv[3] == "train" else run["seconds"] - steps
epoch = (run["seconds"] if sys.argv[3] == "train" else steps) / 8
options = ["--epochs", max(int(left / epoch), least)]
if left < least * epoch:
    options += ["--train-examples", max(int(left / (least * epoch) * run["batch"] * run["steps"] / 8), 4 * run["batch"])]
print(*options)' "$seconds" "$least" "$1"
}

# Runs a command, or resumes it where it was begun; adds the seconds that it took to OUTPUT.seconds. One that is stopped in
# between keeps its checkpoint, but not the seconds since its last start.
run() {
    local command=$1 output=$2 start=$SECONDS status=0
    shift 2
    [ -e "$output/result.json" ] && return
    if [ -e "$output/config.json" ]; then
        $onepath "$command" --resume --output "$output" > /dev/null || status=$?
    else
        $onepath "$command" "$@" --output "$output" > /dev/null || status=$?
    fi
    echo $((SECONDS - start)) >> "$output.seconds"
    return $status
}
seconds() { awk '{ sum += $1 } END { print sum + 0 }' "$1.seconds"; }

common=(--data "$data" --batch 64 --train-resolution "$resolution")
search=(--space single-path-mobile --device pixel1 --target-latency 60 "${common[@]}")
# Ranking the usual 50 candidates takes longer than a short search: there what the gradient decides is the result.
awk -v m="$minutes" 'BEGIN { exit m < 30 }' || search+=(--candidates 1)
if [ ! -e "$work/search.options" ]; then
    fitted "$(awk -v m="$minutes" 'BEGIN { print m * 20 }')" 8 search "${search[@]}" > "$work/search.options"
fi
run search "$work/search" "${search[@]}" $(cat "$work/search.options")

train=(--architecture "$work/search" --inherit "$work/search" "${common[@]}" --learning-rate-schedule cosine)
if [ ! -e "$work/train.options" ]; then
    left=$(awk -v m="$minutes" -v s="$(seconds "$work/search")" 'BEGIN { left = m * 60 - s; print left < m * 30 ? m * 30 : left }')
    fitted "$left" 1 train "${train[@]}" > "$work/train.options"
fi
run train "$work/train" "${train[@]}" $(cat "$work/train.options")

if [ ! -e "$work/peer.json" ]; then
    $python benchmarks/pytorch_photos.py --data "$data" --minutes "$minutes" --resolution "$resolution" \
        --checkpoint "$work/peer.pt" > "$work/peer.json.new"
    mv "$work/peer.json.new" "$work/peer.json"
fi

latency() { $onepath estimate --architecture "$1" --device pixel1 --json | field latency_ms; }
top1() { $onepath evaluate --run "$1" --json 2> /dev/null | field accuracy; }
row() { printf '%-16s %8.2f %8.2f %8.1f  %s\n' "$1" "$(awk -v a="$2" 'BEGIN { print 100 * a }')" "$3" "$4" "$5"; }
printf '%-16s %8s %8s %8s  %s\n' network 'top-1 %' ms minutes trained
# Into variables first: a figure that cannot be had ends the script.
for name in search train; do
    accuracy=$(top1 "$work/$name") ms=$(latency "$work/$name")
    row "onepath $name" "$accuracy" "$ms" "$(seconds "$work/$name" | awk '{ print $1 / 60 }')" "$(cat "$work/$name.options")"
done
accuracy=$(field top1 < "$work/peer.json") ms=$(latency mobilenet-v2) epochs=$(field epochs < "$work/peer.json")
row mobilenetv2_100 "$accuracy" "$ms" "$minutes" "--epochs ${epochs:0:4}"
