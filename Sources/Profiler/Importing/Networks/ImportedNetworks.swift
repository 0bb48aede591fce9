import Files
import HardwareProfiles

/// Latencies of whole networks that others measured, as far as they could be read.
///
///     let results = try LiteRTResults(contentsOf: "measurements.jsonl").networks
///     let target = ImportedNetworks.Target(runtime: device.runtime, device: nil, architecture: nil, known: names, cores: 4)
///     let selection = try results.selected(target)
///     selection.networks    // the rows that fit the runtime
///     selection.unmatched   // all others, each with its reason
public struct ImportedNetworks: Hashable, Sendable {
    /// A row, with what the file says of it.
    public struct Row: Hashable, Sendable {
        /// The file's own name for the row.
        public var key: String
        /// The network's name in the file; nil where the file does not name it.
        public var network: String?
        /// The name of the phone or board; nil where the file does not name it.
        public var device: String?
        /// The runtime's name in the file.
        public var runtime: String
        /// What computed: "CPU", "GPU", "NPU", or several; nil where the file does not say.
        public var computeUnit: String?
        /// Threads of the CPU; nil where the file does not say.
        public var threads: Int?
        /// "float", "w8a8", …; nil where the file does not say.
        public var precision: String?
        /// Milliseconds for one image.
        public var latencyMs: Double
    }

    public internal(set) var rows: [Row] = []
    /// What has no latency.
    public internal(set) var unmatched: [ImportedTable.Unmatched] = []
    /// Of the file, for messages and as the source of the latencies.
    let path: String

    init(path: String) { self.path = path }

    /// The profile that rows go into.
    public struct Target {
        let runtime: Runtime
        let device: String?
        let architecture: String?
        let known: [String]
        let cores: Int

        /// - Parameters:
        ///   - runtime: of the profile; rows of others are left out.
        ///   - device: the device in the file whose rows count; nil where there is only one.
        ///   - architecture: the network of a row that has no name; nil where every row has one.
        ///   - known: the names of networks that have a meaning here.
        ///   - cores: the most threads that a network of the profile may have.
        public init(runtime: Runtime, device: String?, architecture: String?, known: [String], cores: Int) {
            self.runtime = runtime
            self.device = device
            self.architecture = architecture
            self.known = known
            self.cores = cores
        }
    }

    /// The rows that fit the target, and all others with their reasons.
    ///
    /// - Throws: `FileError.invalid` where rows that fit are of several devices and the target names none of them.
    public func selected(
        _ target: Target
    ) throws(FileError) -> (networks: [MeasuredNetwork], unmatched: [ImportedTable.Unmatched]) {
        var unmatched = unmatched
        var fitting: [(row: Row, network: MeasuredNetwork)] = []
        for row in rows {
            do throws(Mismatch) {
                fitting.append((row, try measurement(row, for: target)))
            } catch {
                unmatched.append(.init(key: row.key, reason: error.reason))
            }
        }
        // One device may be written in two ways.
        let devices = Dictionary(fitting.compactMap(\.row.device).map { ($0.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
            .values
        guard devices.count < 2 else {
            throw .invalid(
                path: path, place: "",
                problem: "latencies of \(devices.count) devices: \(devices.sorted().joined(separator: ", ")); expected one "
                    + "of them in --measured-on")
        }
        var networks: [MeasuredNetwork] = []
        for (row, network) in fitting {
            if networks.contains(where: { $0.architecture == network.architecture && $0.threads == network.threads }) {
                unmatched.append(.init(key: row.key, reason: "a second latency of \(network.architecture)"))
            } else {
                networks.append(network)
            }
        }
        return (networks, unmatched)
    }

    private func measurement(_ row: Row, for target: Target) throws(Mismatch) -> MeasuredNetwork {
        if let device = target.device, let other = row.device, device.lowercased() != other.lowercased() {
            throw Mismatch("measured on \(other)")
        }
        if let unit = row.computeUnit, unit.uppercased() != "CPU" {
            throw Mismatch("computed by the \(unit), and a profile is of a CPU")
        }
        guard Self.isXNNPACK(row.runtime) else {
            throw Mismatch("ran with \(row.runtime); of such tables, only TensorFlow Lite's latencies fit a profile")
        }
        guard target.runtime.name == .xnnpack else {
            throw Mismatch(
                "ran with TensorFlow Lite of today, whose kernels are XNNPACK's, and the profile is for "
                    + target.runtime.name.rawValue)
        }
        let dataType = try Self.dataType(row.precision)
        guard dataType == target.runtime.dataType else {
            throw Mismatch("is \(dataType.rawValue), and the profile is \(target.runtime.dataType.rawValue)")
        }
        guard LatencyTable.latenciesMs.contains(row.latencyMs) else {
            throw Mismatch("\(row.latencyMs) ms is not between a nanosecond and a quarter of an hour")
        }
        let threads = row.threads ?? target.runtime.threads
        guard threads <= target.cores else {
            throw Mismatch("ran with \(threads) threads, and the profile has \(target.cores) cores")
        }
        return MeasuredNetwork(
            architecture: try network(row, target), threads: threads, latencyMs: row.latencyMs,
            source: "\(row.runtime)\(row.device.map { " on \($0)" } ?? ""): \(path)"
                + Self.untold(in: row))
    }

    /// What a row does not say, and what is taken instead, behind its source.
    private static func untold(in row: Row) -> String {
        let untold = [
            row.threads == nil ? "how many threads ran" : nil, row.computeUnit == nil ? "what computed, taken as the CPU" : nil,
            row.precision == nil ? "the data type, taken as float32" : nil,
        ].compactMap(\.self)
        return untold.isEmpty ? "" : ", which does not say " + untold.joined(separator: ", nor ")
    }

    /// The name here for the network of a row.
    private func network(_ row: Row, _ target: Target) throws(Mismatch) -> String {
        guard let name = row.network else {
            guard let architecture = target.architecture else {
                throw Mismatch("the file does not say which network it is; expected an --architecture")
            }
            return architecture
        }
        let plain = Self.plain(name)
        if let known = target.known.first(where: { Self.plain($0) == plain }) { return known }
        throw Mismatch("no network is known here as \"\(name.prefix(60))\"")
    }

    /// "MobileNet-v2", "mobilenet_v2.tflite" and "litert-community/MobileNet-v2" are the same.
    private static func plain(_ name: String) -> String {
        var name = Substring(name.lowercased())
        if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
        for suffix in [".tflite", ".onnx", ".lite"] where name.hasSuffix(suffix) { name = name.dropLast(suffix.count) }
        return name.filter { $0.isLetter || $0.isNumber }
    }

    private static func isXNNPACK(_ runtime: String) -> Bool {
        let name = runtime.lowercased()
        return name.contains("tflite") || name.contains("litert") || name.contains("tensorflow lite")
    }

    /// Without a word on it, a network is a float one.
    private static func dataType(_ precision: String?) throws(Mismatch) -> Runtime.DataType {
        guard let precision else { return .float32 }
        guard let type = Runtime.DataType(foreign: precision) else { throw Mismatch("is \(precision.prefix(60)), and no profile is") }
        return type
    }
}
