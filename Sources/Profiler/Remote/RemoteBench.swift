import Architectures
import Files
import Glibc

/// Times networks on a device at the end of a cable or of a network, by the runtime's own benchmark program.
///
/// A visit copies a network to the device, runs it there, and removes it. A reference network runs before and after it:
/// visits during which it was slower than usual do not count, as everywhere in profiling, and while it is much slower,
/// as on a phone that is hot, the bench waits.
///
///     let bench = try RemoteBench(
///         shell: try ADBShell(serial: nil), runner: BenchmarkModel(path: "benchmark_model", threads: 1, …)) { … }
///     let result = try Profiling(plan: plan, bench: bench).run(journal: "mine.json.partial.jsonl")
public final class RemoteBench: Bench {
    /// What happens besides measuring, for a person.
    public enum Event: Hashable, Sendable, CustomStringConvertible {
        /// The reference takes so many times as long as usual.
        case isHot(factor: Double)
        /// It is as fast as before again, after so many seconds.
        case isCool(seconds: Double)
        /// It is still slow after so many seconds; measuring goes on.
        case staysSlow(seconds: Double)
        case screenWasOff
        /// A model has nodes besides the operators of its network, whose time is in no latency; told once.
        case otherNodes([String], ms: Double)

        public var description: String {
            func one(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
            return switch self {
            case .isHot(let factor): "the device is \(one(factor)) times as slow as before, as when it is hot: waiting"
            case .isCool(let seconds): "the device is as fast as before, after \(Int(seconds)) seconds"
            case .staysSlow(let seconds): "the device is still slow after \(Int(seconds)) seconds; going on"
            case .screenWasOff: "the screen was off, and is on now"
            case .otherNodes(let names, let ms):
                "besides the network's operators the runtime ran \(Set(names).sorted().joined(separator: ", ")) for "
                    + "\((ms * 1000).rounded() / 1000) ms of a network, which is in no latency of the table"
            }
        }
    }

    /// How long things run and are waited for, in seconds.
    public struct Times: Hashable, Sendable {
        public var reference = 0.2
        public var network = 0.5
        /// Between two looks at a device that is hot.
        public var cooling = 10.0
        public var longestCooling = 600.0
        /// For one run of the program.
        public var longestRun = 300.0

        public init() {}
    }

    /// The reference takes so many times its usual time on a device that is hot, and at most so many on one that is
    /// cool again.
    private static let hot = 1.15, cool = 1.07

    /// A matrix product of 26 million multiply-accumulates: some milliseconds on one core of a phone.
    package static let referenceNetwork = Network(
        of: .convolution(
            kernel: 1, stride: 1, input: FeatureShape(height: 56, width: 56, channels: 64), outputChannels: 128,
            activation: .relu))

    /// One addition, to time what a runtime needs to start a network.
    package static let leastNetwork = Network(of: .add(FeatureShape(height: 1, width: 1, channels: 1)))

    public let facts: RuntimeFacts
    public let device: RemoteMachine
    public var machine: MachineState { device.state }
    /// The processors that the program is bound to; nil where the device chooses.
    var cores: String? { runner.cores }
    /// Why each operator and block has to run as a model of its own; nil where the program lists the operators of a model.
    public private(set) var operatorProblem: String?
    public var timesOperators: Bool { operatorProblem == nil }
    private(set) var launch = 0.0
    private(set) var waitedSeconds = 0.0

    private let shell: any RemoteShell
    private let runner: any RemoteRunner
    private let times: Times
    private let modelFile: (Network, String) throws -> String
    private let tell: (Event) -> Void
    private let pause: (Double) throws -> Void
    /// On the device, with the program and the reference.
    private let folder: String
    /// On this machine, with the model of the moment.
    private let localModel: String
    private let prefix: String
    /// The readings of the reference so far, in milliseconds.
    private var readings: [Double] = []
    private var isOtherTold = false

    /// Looks at the device, copies the program to it, and runs the reference there.
    ///
    /// - Parameters:
    ///   - shell: of the device.
    ///   - runner: the program that times models.
    ///   - times: how long everything runs.
    ///   - tell: called with what happens besides measuring.
    ///   - pause: waits for so many seconds; what it throws ends the measuring.
    ///   - modelFile: returns the path of a network's file, of the runner's format and data type: the given one, to which
    ///     it writes it, or that of a file which there is.
    /// - Throws: `RemoteError`, `FileError`, and what `modelFile` throws.
    public init(
        shell: any RemoteShell, runner: any RemoteRunner, times: Times = Times(), tell: @escaping (Event) -> Void = { _ in },
        pause: @escaping (Double) throws -> Void = { usleep(UInt32($0 * 1e6)) },
        modelFile: @escaping (Network, String) throws -> String
    ) throws {
        self.shell = shell
        self.runner = runner
        self.times = times
        self.tell = tell
        self.pause = pause
        self.modelFile = modelFile
        let executable = try Executable(contentsOf: runner.path)
        let device = try RemoteMachine(shell)
        self.device = device
        if let executable, !executable.runs(on: device.processor) {
            throw RemoteError.wrongABI(
                file: runner.path, builtFor: "\(executable)", device: shell.name, processor: device.processor)
        }
        prefix = try runner.cores.map { "taskset \(try device.mask(ofCores: $0)) " } ?? ""
        facts = runner.facts
        operatorProblem = runner.operatorProblem
        let made = try shell.run("mktemp -d \(shell.directory)/onepath.XXXXXX", seconds: 15)
        guard made.status == 0, let path = made.text.split(whereSeparator: \.isNewline).last else {
            throw made.text.contains("No space left")
                ? RemoteError.noSpace(device: shell.name, directory: shell.directory, bytes: 0)
                : .cannotCopy(device: shell.name, file: runner.path, reason: made.brief)
        }
        folder = String(path)
        let descriptor: Int32
        (descriptor, localModel) = try LocalFile.make("/tmp/onepath-model")
        Glibc.close(descriptor)
        do {
            try prepare()
        } catch {
            removeFiles()
            throw error
        }
    }

    /// Copies the program and the reference, and looks at what the program prints.
    private func prepare() throws {
        try shell.push(runner.path, to: program)
        try copy(Self.referenceNetwork, to: referenceModel)
        if try device.wake() { tell(.screenWasOff) }
        guard operatorProblem == nil else { return }
        let first = try run(referenceModel, Self.referenceNetwork, seconds: times.reference, eachOperator: true)
        let report: TFLiteBenchmarkReport
        do throws(FileError) {
            report = try list(in: first)
        } catch {
            return try measureAlone(because: error)
        }
        // Where another engine or type ran, the latencies are none of this runtime, of whole networks neither.
        try report.check(against: facts)
        do throws(FileError) {
            _ = try operators(of: Self.referenceNetwork, in: report)
        } catch {
            try measureAlone(because: error)
        }
    }

    /// Measures each operator and block as a model of its own from here on, less what the runtime needs to start one.
    private func measureAlone(because problem: FileError) throws {
        operatorProblem = "\(problem)"
        try copy(Self.leastNetwork, to: model)
        launch = try latencyMs(in: run(model, Self.leastNetwork, seconds: times.network, eachOperator: false)) * 1e6
    }

    deinit { unlink(localModel) }

    /// Removes everything from the device. Nothing happens where it does not answer.
    public func removeFiles() {
        _ = try? shell.run("rm -rf \(folder.quotedForShell)", seconds: 15)
    }

    private var program: String { "\(folder)/\(runner.fileName)" }
    private var referenceModel: String { "\(folder)/reference.\(runner.modelExtension)" }
    private var model: String { "\(folder)/model.\(runner.modelExtension)" }

    private func copy(_ network: Network, to destination: String) throws {
        try shell.push(modelFile(network, localModel), to: destination)
    }

    /// What the program prints for a model.
    private func run(_ model: String, _ network: Network, seconds: Double, eachOperator: Bool) throws -> String {
        let options = runner.options(model: model, of: network, seconds: seconds, eachOperator: eachOperator)
        let output = try shell.run("\(prefix)\(program.quotedForShell) \(options)", seconds: times.longestRun)
        guard output.status == 0 else {
            throw RemoteError.cannotRun(file: runner.path, device: shell.name, reason: output.brief)
        }
        // A program may tell how it ran without listing operators.
        try TFLiteRunSettings(LogLine.lines(of: output.text)[...], path: outputName).check(against: facts)
        return output.text
    }

    /// The latency that the program printed, in milliseconds.
    private func latencyMs(in text: String) throws -> Double {
        if let latency = runner.latencyMs(in: text) { return latency }
        throw RemoteError.noLatency(
            file: runner.path, device: shell.name, output: text.isEmpty ? "" : RemoteOutput(text: text, status: 0).brief)
    }

    func estimatedVisitSeconds(_ network: Network) throws -> Double {
        let start = ContinuousClock.now
        _ = try visit(network, eachOperator: timesOperators)
        return (ContinuousClock.now - start) / .seconds(1)
    }

    package func visit(_ network: Network, eachOperator: Bool) throws -> [TimedSegment] {
        if try device.wake() { tell(.screenWasOff) }
        try copy(network, to: model)
        let before = try coolReading()
        let report = try run(model, network, seconds: times.network, eachOperator: eachOperator)
        let after = try reading()
        let whole = try latencyMs(in: report)
        var operators: [Double] = [], layers: [Double] = []
        if eachOperator {
            let list = try list(in: report)
            try list.check(against: facts)
            operators = try self.operators(of: network, in: list)
            var next = operators.makeIterator()
            layers = network.layers.map { layer in layer.operators.reduce(0) { sum, _ in sum + (next.next() ?? 0) } }
        }
        return [
            TimedSegment(
                operators: operators.map { $0 * 1e6 }, layers: layers.map { $0 * 1e6 }, network: whole * 1e6,
                reference: [before * 1e6, after * 1e6], waiting: 0)
        ]
    }

    /// The operators that the program listed.
    private func list(in text: String) throws(FileError) -> TFLiteBenchmarkReport {
        try TFLiteBenchmarkReport(text: text, path: outputName)
    }

    /// Of what the program prints, for messages.
    private var outputName: String { "the output of \(runner.fileName)" }

    /// The latencies of a network's operators in a list, in milliseconds.
    private func operators(of network: Network, in report: TFLiteBenchmarkReport) throws(FileError) -> [Double] {
        let (operators, others) = try report.latencies(of: network)
        if !others.isEmpty, !isOtherTold {
            isOtherTold = true
            tell(.otherNodes(others.map(\.type.text), ms: others.reduce(0) { $0 + $1.averageMs }))
        }
        return operators
    }

    /// The latency of the reference now, in milliseconds.
    ///
    /// - Parameter isKept: whether it counts for what is usual.
    private func reading(isKept: Bool = true) throws -> Double {
        let reading = try latencyMs(
            in: run(referenceModel, Self.referenceNetwork, seconds: times.reference, eachOperator: false))
        if isKept { readings.append(reading) }
        return reading
    }

    /// The latency of the reference once the device is not hot.
    private func coolReading() throws -> Double {
        var now = try reading()
        guard let usual, now > Self.hot * usual else { return now }
        // Something else may have run for a moment.
        now = try reading(isKept: false)
        guard now > Self.hot * usual else { return now }
        tell(.isHot(factor: now / usual))
        var waited = 0.0
        while now > Self.cool * usual, waited < times.longestCooling {
            try pause(times.cooling)
            waited += times.cooling
            now = try reading(isKept: false)
        }
        // A device that is only noisy would be waited for without end.
        waitedSeconds = min(waitedSeconds + waited, times.longestCooling)
        let isCool = now <= Self.cool * usual
        tell(isCool ? .isCool(seconds: waited) : .staysSlow(seconds: waited))
        // What it is now is what is usual from here on.
        if !isCool { readings = [] }
        return now
    }

    /// The usual latency of the reference on the cool device: the third shortest, or, of many, that which a fifth do not
    /// exceed, because the shortest of many are so by chance. nil while there are too few.
    private var usual: Double? { readings.count < 3 ? nil : readings.sorted()[max(2, readings.count / 5)] }
}
