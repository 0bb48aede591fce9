import Exporter
import Files
import Glibc
import HardwareProfiles

/// A script beside an exported TensorFlow Lite model: it takes the model to a phone or a board, runs the runtime's
/// benchmark_model there, and prints what was measured beside what was predicted.
struct BenchmarkScript {
    /// The name of the model's file, which is in the same folder as the script.
    let model: String
    /// The latency that was predicted and the interval that holds it with 90 % confidence, and for what; nil where no device
    /// was named.
    let prediction: Prediction?

    struct Prediction {
        let device: String
        let threads: Int
        let latencyMs: Double
        let intervalMs: ClosedRange<Double>
    }

    static let fileName = "benchmark.sh"
    /// A line that tells this script from others.
    private static let mark = "# Written by onepath export."

    /// Checks that a script can be written into the folder of a model, before the model is. Writes nothing.
    ///
    /// - Throws: `FileError`, also where a file that is no such script has its name, or the model has.
    static func check(beside path: String) throws(FileError) {
        let target = place(beside: path)
        guard target != path else {
            throw .cannotWrite(path: path, reason: "the script beside the model has this name")
        }
        try AtomicFile.checkWritable(target)
        guard access(target, F_OK) == 0 else { return }
        let old = try BinaryFile.read(target, what: "script")
        // Not every file of that name is a text.
        guard String(decoding: old, as: UTF8.self).contains(mark) else {
            throw .cannotWrite(path: target, reason: "a file that onepath export did not write is there")
        }
    }

    /// Writes the script into the folder of the model, for all to run. What is there is replaced.
    ///
    /// - Throws: `FileError.cannotWrite`.
    func write(beside path: String) throws(FileError) {
        let target = Self.place(beside: path)
        try AtomicFile.write(text, to: target)
        chmod(target, 0o755)
    }

    private static func place(beside path: String) -> String {
        (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + fileName
    }

    private var text: String {
        var predicted = "", low = "", high = "", basis = ""
        if let prediction {
            predicted = prediction.latencyMs.fixed(3)
            low = prediction.intervalMs.lowerBound.fixed(3)
            high = prediction.intervalMs.upperBound.fixed(3)
            basis = "\(prediction.device), \(prediction.threads.threads)"
        }
        return """
            #!/bin/sh
            \(Self.mark)
            # Runs a model on a phone or a board, and prints its latency beside the predicted one.
            set -eu

            model=\(Self.quoted(model))
            predicted='\(predicted)' low='\(low)' high='\(high)'
            basis=\(Self.quoted(basis))
            threads=\(prediction?.threads ?? 1) predicted_threads=\(prediction?.threads ?? 1)
            way= place= tool= cores= runs=50

            usage() {
                cat <<'END'
            usage: benchmark.sh --adb [SERIAL] --benchmark-model FILE [--threads N] [--cores MASK] [--runs N]
                   benchmark.sh --ssh USER@HOST --benchmark-model FILE [--threads N] [--cores MASK] [--runs N]
                   benchmark.sh --here --benchmark-model FILE [--threads N] [--cores MASK] [--runs N]

            FILE is the runtime's benchmark_model for the phone or board: LiteRT publishes one for Android (arm64).
            MASK names the cores in hexadecimal, as taskset takes it: f0 for the last four of eight.
            END
            }

            fail() {
                echo "benchmark.sh: $2" >&2
                exit "$1"
            }

            needs() {
                [ $# -gt 1 ] && [ -n "$2" ] || fail 64 "$1: expected a value after it"
            }

            goes() {
                [ -z "$way" ] || fail 64 "--$1: expected one of --adb, --ssh and --here, found --$way too"
                way=$1
            }

            while [ $# -gt 0 ]; do
                case $1 in
                --adb)
                    goes adb
                    case ${2:-} in '' | --*) ;; *) place=$2 && shift ;; esac
                    ;;
                --ssh) needs "$@" && goes ssh && place=$2 && shift ;;
                --here) goes here ;;
                --benchmark-model) needs "$@" && tool=$2 && shift ;;
                --threads) needs "$@" && threads=$2 && shift ;;
                --cores)
                    needs "$@" && cores=${2#0x}
                    case $cores in
                    '' | *[!0-9a-fA-F]*) fail 64 "--cores: expected a mask in hexadecimal, such as f0, found $2" ;;
                    *[!0]*) ;;
                    *) fail 64 "--cores: expected a mask of at least one core, found $2" ;;
                    esac
                    shift
                    ;;
                --runs) needs "$@" && runs=$2 && shift ;;
                --help | -h) usage && exit ;;
                *) fail 64 "expected an option, found $1; --help lists them" ;;
                esac
                shift
            done
            [ -n "$way" ] || fail 64 "expected --adb, --ssh USER@HOST or --here; --help tells more"
            [ -n "$tool" ] || fail 64 "expected --benchmark-model, the file of the runtime's benchmark_model; --help tells more"
            for count in "$threads" "$runs"; do
                case $count in
                0* | *[!0-9]*) fail 64 "--threads, --runs: expected a number above 0, found $count" ;;
                esac
            done
            here=$(dirname "$0")
            [ -f "$tool" ] || fail 66 "no benchmark_model at $tool"
            [ -f "$here/$model" ] || fail 66 "no model at $here/$model"

            phone() {
                if [ -n "$place" ]; then adb -s "$place" "$@"; else adb "$@"; fi
            }

            # Removes what was copied.
            clean() { :; }
            trap clean EXIT
            trap 'exit 130' INT TERM HUP

            case $way in
            adb)
                command -v adb >/dev/null || fail 66 "no adb: install Android's platform tools"
                folder=/data/local/tmp/onepath-benchmark
                state=$(phone get-state 2>&1) || fail 66 "no phone answers: $state
            Is it on the cable, and has it allowed this computer? Of several, --adb SERIAL names one."
                clean() { phone shell "rm -rf $folder" </dev/null >/dev/null 2>&1 || :; }
                phone shell "mkdir -p $folder" </dev/null || fail 73 "the phone has no place for files"
                phone push "$here/$model" $folder/model.tflite >/dev/null || fail 73 "the model did not get onto the phone"
                phone push "$tool" $folder/benchmark_model >/dev/null || fail 73 "benchmark_model did not get onto the phone"
                phone shell "chmod 755 $folder/benchmark_model" </dev/null
                run() { phone shell "cd $folder && $1" </dev/null; }
                ;;
            ssh)
                command -v ssh >/dev/null || fail 66 "no ssh: install OpenSSH's client"
                folder=onepath-benchmark
                ssh -- "$place" "mkdir -p $folder" </dev/null || fail 66 "no answer from $place"
                clean() { ssh -- "$place" "rm -rf $folder" </dev/null >/dev/null 2>&1 || :; }
                ssh -- "$place" "cat >$folder/model.tflite" <"$here/$model" || fail 73 "the model did not get to $place"
                ssh -- "$place" "cat >$folder/benchmark_model && chmod 755 $folder/benchmark_model" <"$tool" ||
                    fail 73 "benchmark_model did not get to $place"
                run() { ssh -- "$place" "cd $folder && $1" </dev/null; }
                ;;
            here)
                folder=$(mktemp -d)
                clean() { rm -rf "$folder"; }
                cp "$here/$model" "$folder/model.tflite"
                cp "$tool" "$folder/benchmark_model"
                chmod 755 "$folder/benchmark_model"
                run() { (cd "$folder" && sh -c "$1"); }
                ;;
            esac

            prefix=
            [ -z "$cores" ] || prefix="taskset $cores "
            log=$(run "$prefix./benchmark_model --graph=model.tflite --num_threads=$threads --warmup_runs=5 \\
            --num_runs=$runs --use_xnnpack=true" 2>&1) || {
                echo "$log" >&2
                fail 65 "benchmark_model stopped"
            }
            # The average of the runs after the warm-up, microseconds.
            average=$(printf '%s\\n' "$log" |
                sed -n 's/.*[Ii]nference (avg): *\\([0-9.eE+]*\\).*/\\1/p' | tail -n 1)
            case $average in
            *[1-9]*) ;;
            *)
                echo "$log" >&2
                fail 65 "benchmark_model printed no average above 0"
                ;;
            esac
            # Other languages have a decimal comma, and awk reads a backslash in its own variables.
            basis=$basis LC_ALL=C awk -v average="$average" -v threads="$threads" -v predicted="$predicted" -v low="$low" \\
                -v high="$high" -v predicted_threads="$predicted_threads" 'BEGIN {
                measured = average / 1000
                printf "measured   %.3f ms, %s thread%s\\n", measured, threads, threads == 1 ? "" : "s"
                if (predicted == "") {
                    print "predicted  nothing: the model was exported without --device"
                    exit
                }
                if (threads != predicted_threads) {
                    printf "predicted  nothing for --threads %s: the prediction is for %s\\n", threads, ENVIRON["basis"]
                    exit
                }
                printf "predicted  %.3f ms, from %.3f to %.3f ms with 90 %% confidence (%s)\\n", predicted, low, high, ENVIRON["basis"]
                where = measured < low ? "below" : measured > high ? "above" : "in"
                printf "           measured %+.1f %%: %s the interval\\n", 100 * (measured / predicted - 1), where
            }'

            """
    }

    /// A text as one word of the shell.
    private static func quoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
