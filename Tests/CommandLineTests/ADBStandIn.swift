import Files
import Foundation
import TestSupport

/// A stand-in for adb: no phone is behind it. It answers with what a Pixel 4's shell prints, and the program that is
/// copied to it replays a log of benchmark_model for mobilenet-v2, of TensorFlow 2.18.
final class ADBStandIn {
    private let directory: TemporaryDirectory
    /// Of the program that stands in for benchmark_model, to be copied to the phone.
    let benchmarkModel: String
    /// What a test sets beside its own environment.
    let environment: [String: String]

    init() throws {
        directory = try TemporaryDirectory()
        try FileManager.default.createDirectory(atPath: directory.file("bin"), withIntermediateDirectories: true)
        try FileManager.default.createDirectory(atPath: directory.file("phone"), withIntermediateDirectories: true)
        let adb = try directory.write(Array(Self.adb.utf8), to: "bin/adb")
        chmod(adb, 0o755)
        _ = try directory.write(Array(Self.cpuInfo.utf8), to: "cpuinfo")
        _ = try directory.write(Array(Self.log(of: Self.mobileNetV2).utf8), to: "model.log")
        _ = try directory.write(Array(Self.log(of: ["g2.412"]).utf8), to: "reference.log")
        benchmarkModel = try directory.write(
            Array(
                """
                #!/bin/sh
                for option; do
                    case "$option" in --num_threads=*) threads=${option#*=} ;; esac
                done
                case "$*" in *reference.tflite*) log=reference ;; *) log=model ;; esac
                sed "s/F32/$(cat '\(directory.file("type"))')/g; s/\\(hreads.*: \\)\\[1]/\\1[$threads]/" "\(directory.path)/$log.log"

                """.utf8), to: "benchmark_model")
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        environment = ["PATH": "\(directory.file("bin")):\(path)", "STAND_IN": directory.path]
        try connect(["8A2X1EFGH\tdevice"])
        try set("lasts", to: "100000")
        try compute(in: "F32")
    }

    /// What adb lists from now on.
    func connect(_ lines: [String]) throws { try set("devices", to: lines.map { $0 + "\n" }.joined()) }

    /// The data type of the kernels, as XNNPACK names it.
    func compute(in type: String) throws { try set("type", to: type) }

    /// How many shell commands the phone answers before it is unplugged.
    func unplug(after commands: Int) throws { try set("lasts", to: "\(commands)") }

    /// Whether the phone is unplugged while a file is copied to it.
    func unplugWhileCopying(_ isUnplugged: Bool) throws { try set("breaks", to: isUnplugged ? "yes" : "no") }

    /// Whether the screen is on, and turns on.
    func screen(isAsleep: Bool, wakes: Bool) throws {
        try set("asleep", to: isAsleep ? "Asleep" : "Awake")
        try set("wakes", to: wakes ? "Awake" : "Asleep")
    }

    /// Whether nothing can be copied to the phone, for want of space.
    func fill(_ isFull: Bool) throws { try set("full", to: isFull ? "yes" : "no") }

    private func set(_ name: String, to text: String) throws { _ = try directory.write(Array(text.utf8), to: name) }

    /// The bytes of the network that came to the phone last, without the reference.
    func lastModel() throws -> [UInt8] { try BinaryFile.read(directory.file("last"), what: "model") }

    /// The files that are left on the phone.
    func files() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: directory.file("phone")) }

    /// The commands of a phone's shell are functions here; everything else is the test machine's own.
    private static let adb = #"""
        #!/bin/sh
        if [ "$1" = devices ]; then
            printf 'List of devices attached\n'
            cat "$STAND_IN/devices"
            echo
            exit 0
        fi
        shift 2
        if [ "$1" = push ]; then
            if [ "$(cat "$STAND_IN/breaks" 2>/dev/null)" = yes ]; then
                echo 0 > "$STAND_IN/lasts"
                echo "adb: error: failed to copy '$2' to '$3': couldn't read from device" >&2
                exit 1
            fi
            if [ "$(cat "$STAND_IN/full" 2>/dev/null)" = yes ]; then
                echo "adb: error: failed to copy '$2' to '$3': remote write failed: No space left on device" >&2
                exit 1
            fi
            case "$3" in */model.tflite) cp "$2" "$STAND_IN/last" ;; esac
            cp "$2" "$3" && echo "$2: 1 file pushed, 0 skipped. 38.2 MB/s"
            exit
        fi
        left=$(cat "$STAND_IN/lasts")
        echo $((left - 1)) > "$STAND_IN/lasts"
        if [ "$left" -le 0 ]; then
            echo "adb: device '8A2X1EFGH' not found" >&2
            exit 1
        fi
        uname() { echo aarch64; }
        getprop() {
            case "$1" in
            ro.product.manufacturer) echo Google ;;
            ro.product.model) echo "Pixel 4" ;;
            ro.board.platform) echo msmnile ;;
            *) echo ;;
            esac
        }
        dumpsys() { echo "  mWakefulness=$(command cat "$STAND_IN/asleep" 2>/dev/null || echo Awake)"; }
        input() { cp "$STAND_IN/wakes" "$STAND_IN/asleep"; }
        taskset() { shift; "$@"; }
        mktemp() { command mktemp -d "$STAND_IN/phone/onepath.XXXXXX"; }
        cat() {
            case "$1" in
            /proc/cpuinfo) command cat "$STAND_IN/cpuinfo" ;;
            /proc/loadavg) echo "1.20 0.90 0.80 2/3000 12345" ;;
            /sys/devices/system/cpu/possible) echo 0-7 ;;
            /sys/*) echo schedutil ;;
            *) command cat "$@" ;;
            esac
        }
        grep() {
            case "$*" in
            *cpuinfo_max_freq*)
                for cpu in 0 1 2 3; do echo "/sys/devices/system/cpu/cpu$cpu/cpufreq/cpuinfo_max_freq:1785600"; done
                for cpu in 4 5 6; do echo "/sys/devices/system/cpu/cpu$cpu/cpufreq/cpuinfo_max_freq:2419200"; done
                echo "/sys/devices/system/cpu/cpu7/cpufreq/cpuinfo_max_freq:2841600"
                ;;
            *) command grep "$@" ;;
            esac
        }
        eval "$2"

        """#

    /// Four small and four large cores of a Snapdragon 855.
    private static let cpuInfo = (0..<8).map { index in
        "processor\t: \(index)\nFeatures\t: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp asimddp\n"
            + "CPU implementer\t: 0x51\nCPU architecture: 8\nCPU variant\t: 0xd\n"
            + "CPU part\t: \(index < 4 ? "0x805" : "0x804")\nCPU revision\t: 14\n\n"
    }.joined()

    /// The mean latencies of mobilenet-v2's nodes in the order of a run, in milliseconds, each after its node's letter.
    private static let mobileNetV2 = """
        i1.672 d1.811 g0.993 g2.969 p0.050 d1.360 g1.117 g1.672 d2.037 g1.672 b0.043 g1.672 p0.050 d0.513 g0.561
        g0.746 d0.682 g0.746 b0.018 g0.746 d0.682 g0.746 b0.018 g0.746 p0.050 d0.174 g0.376 g0.746 d0.344 g0.746
        b0.011 g0.746 d0.344 g0.746 b0.011 g0.746 d0.344 g0.746 b0.011 g0.746 d0.344 g1.117 g1.672 d0.513 g1.672
        b0.014 g1.672 d0.513 g1.672 b0.014 g1.672 p0.050 d0.132 g0.700 g1.163 d0.217 g1.163 b0.009 g1.163 d0.217
        g1.163 b0.009 g1.163 d0.217 g2.321 g3.093 m0.068 f0.645 s0.010
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    private static let nodes: [Character: String] = [
        "i": "Convolution (NHWC, F32) IGEMM", "d": "Convolution (NHWC, F32) DWConv", "g": "Convolution (NHWC, F32) GEMM",
        "p": "Constant Pad (ND, X32)", "b": "Binary Elementwise (ND)", "m": "Mean (ND) Mean",
        "f": "Fully Connected (NC, F32) GEMM", "s": "Softmax (NC, F32)",
    ]

    private static func log(of steps: [String]) -> String {
        let rows = steps.enumerated().map { index, step in
            let node = nodes[step.first ?? "g"] ?? "", ms = step.dropFirst()
            return "INFO: \t\(node)\t     \(ms)\t     \(ms)\t   1.000%\t   1.000%\t     0.000\t        1\t"
                + "Delegate/\(node):\(index)"
        }
        let whole = steps.reduce(0) { $0 + (Double($1.dropFirst()) ?? 0) } * 1000
        return ([
            "INFO: STARTING!", "INFO: Num threads: [1]", "INFO: Enable op profiling: [1]",
            "INFO: #threads used for CPU inference: [1]", "INFO: Created TensorFlow Lite XNNPACK delegate for CPU.",
            "INFO: count=50 first=54588 curr=54588 min=54042 max=55679 avg=54588.0 std=120", "INFO: ",
            "INFO: Inference timings in us: Init: 20100, First inference: 54588, Warmup (avg): 54600.1, "
                + "Inference (avg): \(whole)",
            "INFO: Operator-wise Profiling Info for Regular Benchmark Runs:",
            "INFO: ============================== Run Order ==============================",
            "INFO: \t[node type]\t[first]\t[avg ms]\t[%]\t[cdf%]\t[mem KB]\t[times called]\t[Name]",
        ] + rows + ["INFO: ", "INFO: Number of nodes executed: \(steps.count)", ""]).joined(separator: "\n")
    }
}
