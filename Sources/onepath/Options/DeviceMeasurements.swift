import Architectures
import Exporter
import Files
import Glibc
import HardwareProfiles
import Profiler

/// What a person measured on a device: whole networks, and blocks or operators.
struct DeviceMeasurements {
    /// A whole network, and its line in the file.
    struct Whole {
        let line: Int
        let measured: MeasuredNetwork
        let network: Network
    }

    private let path: String
    let wholes: [Whole]
    /// How many blocks and operators there are, and a latency table of them.
    let partCount: Int
    let table: JSON
    /// What was converted, and what was left out, for people.
    private(set) var notes: [String]

    /// Reads a CSV table; a row with a network is a whole one, every other row is one of `MeasurementSheet`.
    ///
    /// - Parameter device: on which it was measured.
    /// - Throws: `FileError`, also where no latency is given, where a network is not known or takes more threads than the
    ///   device has cores, and where two rows contradict each other.
    init(contentsOf path: String, on device: DeviceProfile) throws {
        let sheet = try DeviceMeasurementSheet(contentsOf: path)
        let parts = sheet.table.measurements
        if sheet.networks.isEmpty && parts.isEmpty {
            throw FileError.invalid(path: path, place: "", problem: "expected at least one row with latency_ms, found none")
        }
        self.path = path
        // The tables of a profile are of its own threads.
        for part in sheet.parts {
            func check(_ isRight: Bool, _ expected: String, found: String) throws {
                if isRight { return }
                throw FileError.invalid(
                    path: path, place: "line \(part.line)",
                    problem: "expected a block or an operator \(expected), as \(device.name) has, found \(found)")
            }
            let threads = part.threads ?? device.runtime.threads
            try check(
                threads == device.runtime.threads, "with \(device.runtime.threads.threads)", found: "\(threads)")
            let type = part.dataType ?? device.runtime.dataType
            try check(
                type == device.runtime.dataType, "in \(device.runtime.dataType.rawValue)", found: type.rawValue)
            try check(
                device.isOnUsualCores(threads: threads, boundTo: part.cores), "on the cores of its runtime",
                found: "the \(part.cores ?? "") ones")
        }
        notes = sheet.table.notes
        var wholes: [Whole] = []
        // A sheet has many rows of few networks.
        var known: [String: Network] = [:]
        for row in sheet.networks {
            func problem(_ problem: String) -> FileError { .invalid(path: path, place: "line \(row.line)", problem: problem) }
            let cores = device.coreCount(boundTo: row.cores) ?? 0
            if row.threads > cores {
                let which = row.cores.map { $0 == "all" ? "" : "\($0) " } ?? ""
                throw problem("expected at most \(cores) threads, the \(which)cores of \(device.name), found \(row.threads)")
            }
            if let type = row.dataType, type != device.runtime.dataType {
                throw problem("expected \(device.runtime.dataType.rawValue), as \(device.name) is, found \(type.rawValue)")
            }
            let network: Network
            do {
                network = try known[row.network] ?? KnownDevices.network(named: row.network)
                known[row.network] = network
            } catch let error as FileError {
                throw problem(error.description)
            }
            let measured = MeasuredNetwork(
                architecture: row.network.contains("/") ? AbsolutePath.of(row.network) : row.network, threads: row.threads,
                cores: row.cores, latencyMs: row.latencyMs, source: "measured: \(path)")
            let others = wholes.filter { $0.measured.isRepeated(by: measured) }
            if let same = others.first(where: { $0.measured.latencyMs == measured.latencyMs }) {
                notes.append("line \(row.line) repeats line \(same.line), and counts once")
                continue
            }
            for other in others {
                let ratio = measured.latencyMs / other.measured.latencyMs
                if max(ratio, 1 / ratio) > Self.largestRepeat {
                    throw problem(
                        "expected about what line \(other.line) has for \(row.network) with \(row.threads.threads), "
                            + "\(other.measured.latencyMs) ms, found \(row.latencyMs)")
                }
            }
            wholes.append(Whole(line: row.line, measured: measured, network: network))
        }
        self.wholes = wholes
        let blank = sheet.table.unmatched.count { $0.reason == MeasurementSheet.withoutLatency }
        if blank > 0 { notes.append("left out, without latency_ms: \(blank.counted("row"))") }
        notes += sheet.table.unmatched.filter { $0.reason != MeasurementSheet.withoutLatency }.map { "left out: \($0)" }
        partCount = parts.count
        var blocks: [JSON] = [], operators: [JSON] = []
        for part in parts {
            switch part.subject {
            case .block: blocks.append(part.json.adding("layer", .null))
            case .operator, .sequence: operators.append(part.json)
            }
        }
        table = [
            "space": nil, "source": .string("measured: \(path)"), "data_type": .string(device.runtime.dataType.rawValue),
            "entries": .array(blocks), "operators": .array(operators), "groups": [],
        ]
    }

    /// How far two runs of one network may be apart, as a factor: heat and other work make no more.
    private static let largestRepeat = 1.5
    /// How far a network may be from what is expected, as a factor: no error of the model is as large, one of the unit is.
    private static let largestError = 30.0
    /// How far it may be beyond the interval of what is expected until a person should look again, as a factor.
    private static let suspicious = 2.0

    /// The networks that are new to a profile, without those that it has already.
    mutating func networks(newTo device: DeviceProfile) -> [MeasuredNetwork] {
        let old = device.networks
        let new = wholes.map(\.measured).filter { one in
            !old.contains { $0.isRepeated(by: one) && $0.latencyMs == one.latencyMs }
        }
        let count = wholes.count - new.count
        if count > 0 { notes.append("\(count) of the networks stand\(count == 1 ? "s" : "") in \(device.name) already, and count once") }
        return new
    }

    /// Compares the networks with what a profile says of them before they are known.
    ///
    /// - Throws: `FileError.invalid` where one is off by more than any model, as by a unit; what is far off is noted.
    mutating func compare(with device: DeviceProfile) throws {
        // Of other cores the profile tells no latency.
        for whole in wholes where device.isOnUsualCores(whole.measured) {
            let measured = whole.measured
            let estimate = CostModel(device: device.running(threads: measured.threads)).estimate(whole.network)
            let ratio = measured.latencyMs / estimate.latencyMs
            let what = "\(AbsolutePath.baseName(measured.architecture)) with \(measured.threads.threads)"
            if max(ratio, 1 / ratio) > Self.largestError {
                throw FileError.invalid(
                    path: path, place: "line \(whole.line)",
                    problem: "expected about \(estimate.latencyMs.fixed(2)) ms for \(what), found \(measured.latencyMs) ms, which no "
                        + "error of the model explains: look at the unit")
            }
            let interval = estimate.intervalMs()
            if measured.latencyMs > Self.suspicious * interval.upperBound || Self.suspicious * measured.latencyMs < interval.lowerBound {
                // A table's sum has no interval.
                let isSum = interval.lowerBound == interval.upperBound
                let expected = isSum ? interval.lowerBound.fixed(2)
                    : "\(interval.lowerBound.fixed(2)) to \(interval.upperBound.fixed(2))"
                notes.append(
                    "line \(whole.line): \(what) was expected to take \(expected) ms, and took \(measured.latencyMs.fixed(2)); it "
                        + "counts, but look again whether the device was hot or busy, and the threads and the build are right")
            }
        }
    }
}

extension JSON {
    /// An object with one more member in front.
    fileprivate func adding(_ key: String, _ value: JSON) -> JSON {
        guard case .object(let members) = self, self[key] == nil else { return self }
        return .object([.init(key: key, value: value)] + members)
    }
}
