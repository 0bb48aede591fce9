import ArgumentParser
import Architectures
import HardwareProfiles
import Profiler
import TFLite

/// A device at the end of a cable or of a network, on which a command measures.
struct RemoteOptions: ParsableArguments {
    @Option(
        defaultAsFlag: "",
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
            """
            For --adb and --ssh: the processors to run on, as taskset counts them, such as 4-7; the device chooses \
            otherwise.
            """, valueName: "list"))
    var cores: String?

    /// Whether a device is measured that is not this machine.
    var isGiven: Bool { adb != nil || ssh != nil }

    func validate() throws {
        if adb != nil, ssh != nil { throw ValidationError("--adb and --ssh exclude each other") }
        if let ssh, ssh.isEmpty || ssh.hasPrefix("-") {
            throw ValidationError("--ssh: expected a host, or user@host, found \"\(ssh)\"")
        }
        if isGiven {
            if benchmarkModel == nil {
                throw ValidationError(
                    "\(adb == nil ? "--ssh" : "--adb"): expected --benchmark-model too, the file of TensorFlow Lite's "
                        + "benchmark_model for the device")
            }
        } else if benchmarkModel != nil || cores != nil {
            throw ValidationError(
                "\(cores == nil ? "--benchmark-model" : "--cores"): only for a device that is given by --adb or --ssh")
        }
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
                runner: BenchmarkModel(
                    path: benchmarkModel ?? "", threads: measuring.threads, cores: cores,
                    usesXNNPACK: measuring.runtime == .xnnpack, dataType: dataType),
                times: times,
                tell: { writeError("onepath: \(shell.name): \($0)\n") },
                pause: { try Interruption.pause(seconds: $0, otherwise: interruption) },
                modelFile: { network, path in
                    if let file, file.network == network { return file.path }
                    // The reference too is of the data type: what else runs on a device slows both alike.
                    try TFLitePart(network, isInt8: dataType == .int8).model.write(to: path)
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
