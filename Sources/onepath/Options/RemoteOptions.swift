import Architectures
import ArgumentParser
import Exporter
import HardwareProfiles
import Profiler
import TFLite

/// A device at the end of a cable or of a network, on which a command measures.
struct RemoteOptions: ParsableArguments {
    // Looking ahead for a value, the parser would drop that of --adb=SERIAL before another option.
    @Option(
        defaultAsFlag: "", parsing: .next,
        help: ArgumentHelp(
            "Measure on the phone that adb reaches, on the one with this serial number where there are several.",
            valueName: "serial"))
    var adb: String?

    @Option(help: ArgumentHelp("Measure on the board that ssh reaches without a password.", valueName: "user@host"))
    var ssh: String?

    @Option(
        help: ArgumentHelp(
            "For --adb and --ssh: TensorFlow Lite's benchmark_model, built for the device; it is copied there.",
            valueName: "file"), completion: .file())
    var benchmarkModel: String?

    @Option(
        help: ArgumentHelp(
            "For --adb and --ssh with --runtime ncnn: ncnn's benchncnn of 2023 or later, built for the device.",
            valueName: "file"), completion: .file())
    var benchncnn: String?

    @Option(
        help: ArgumentHelp(
            """
            For --adb and --ssh: the processors to run on, as taskset counts them, such as 4-7; the device chooses \
            otherwise.
            """, valueName: "list"))
    var cores: String?

    /// Whether a device is measured that is not this machine.
    var isGiven: Bool { adb != nil || ssh != nil }

    func validate() throws {
        if adb != nil, ssh != nil { throw ValidationError("--adb and --ssh exclude each other") }
        if let ssh, !Self.isDestination(ssh) {
            throw ValidationError("--ssh: expected a host, or user@host, found \"\(ssh)\"")
        }
        if isGiven {
            if (benchmarkModel == nil) == (benchncnn == nil) {
                throw ValidationError(
                    "\(adb == nil ? "--ssh" : "--adb"): expected --benchmark-model too, the file of TensorFlow Lite's "
                        + "benchmark_model for the device, or --benchncnn, that of ncnn's")
            }
        } else if let given = [("--benchmark-model", benchmarkModel), ("--benchncnn", benchncnn), ("--cores", cores)]
            .first(where: { $0.1 != nil })
        {
            throw ValidationError("\(given.0): only for a device that is given by --adb or --ssh")
        }
    }

    /// Whether a text may be the name of a host, with or without a user, for ssh.
    private static func isDestination(_ text: String) -> Bool {
        let names = text.hasPrefix("ssh://") ? text.dropFirst("ssh://".count) : text[...]
        return !text.hasPrefix("-") && !text.contains(where: \.isWhitespace)
            && names.split(separator: "@", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty }
    }

    /// The program that times models on the device.
    ///
    /// - Throws: `ValidationError` where it is not of the runtime.
    private func runner(
        _ measuring: MeasuringOptions, _ dataType: HardwareProfiles.Runtime.DataType
    ) throws -> any RemoteRunner {
        guard let benchncnn else {
            if measuring.runtime == .ncnn {
                throw ValidationError("--runtime ncnn: expected --benchncnn, found --benchmark-model")
            }
            return BenchmarkModel(
                path: benchmarkModel ?? "", threads: measuring.threads, cores: cores,
                usesXNNPACK: measuring.runtime == .xnnpack, dataType: dataType)
        }
        guard measuring.runtime == .ncnn, dataType == .float32 else {
            throw ValidationError(
                "--benchncnn: expected --runtime ncnn and --data-type float32, found \(measuring.runtime.rawValue) and "
                    + dataType.rawValue)
        }
        return Benchncnn(path: benchncnn, threads: measuring.threads, cores: cores)
    }

    /// Runs `body` with a bench on the device, and removes its files there afterwards. An interruption ends the
    /// measuring as an `Interruption`, also while the device cools down.
    ///
    /// - Parameter file: a network that is in a file already, which is what runs on the device.
    func measure<T>(
        _ measuring: MeasuringOptions, file: MeasuredFile? = nil, _ body: (RemoteBench) throws -> T
    ) throws -> T {
        let dataType = file?.dataType ?? measuring.dataType
        let shell: any RemoteShell = try ssh.map { try SSHShell(destination: $0) }
            ?? ADBShell(serial: adb.flatMap { $0.isEmpty ? nil : $0 })
        let interruption = Interruption(
            description: "interrupted; the same command goes on from the last visit that ended")
        Interruption.listen()
        var times = RemoteBench.Times()
        // Whoever gives a minute does not wait for ten.
        times.longestCooling = min(times.longestCooling, measuring.budget)
        do {
            let bench = try RemoteBench(
                shell: shell,
                runner: runner(measuring, dataType),
                times: times,
                tell: { writeError("onepath: \(shell.name): \($0)\n") },
                pause: { try Interruption.pause(seconds: $0, otherwise: interruption) },
                modelFile: { network, path in
                    if let file, file.network == network { return file.path }
                    if benchncnn != nil {
                        try NCNNNetworkFile(network).write(to: path)
                    } else {
                        // The reference too is of the data type: what else runs on a device slows both alike.
                        try TFLitePart(network, isInt8: dataType == .int8).model.write(to: path)
                    }
                    return path
                })
            defer { bench.removeFiles() }
            return try body(bench)
        } catch let error as RemoteError {
            // The signal ends adb and ssh too, which looks like a lost device.
            throw Interruption.isRequested ? interruption : error
        }
    }
}
