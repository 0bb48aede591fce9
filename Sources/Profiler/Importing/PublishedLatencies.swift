import Files
import HardwareProfiles

/// Whole-network latencies that many owners of devices published, from ncnn's list as a CSV table: the columns device,
/// run, threads, powersave, loops, network, min_ms, max_ms, avg_ms; lines that start with "#" are comments.
public struct PublishedLatencies: Sendable {
    /// The latencies of one device in one data type.
    public struct Device: Sendable {
        /// As its owner named it.
        public let name: String
        public let dataType: HardwareProfiles.Runtime.DataType
        public internal(set) var networks: [MeasuredNetwork]
    }

    /// In the order of the list.
    public let devices: [Device]

    private static let columns = ["device", "run", "threads", "powersave", "network", "min_ms"]

    /// - Throws: `FileError`, also where a column is missing or a cell is no number.
    public init(contentsOf path: String) throws {
        let list = try PublishedRows(contentsOf: path, columns: Self.columns)
        var found: [Device] = []
        var index: [String: Int] = [:]
        /// What one run of a device measured, to tell runs of old versions.
        var runs: [String: Set<String>] = [:]
        for row in list.rows where list.isWhole(row) {
            let cells = try list.cells(of: row)
            runs[cells[0] + "/" + cells[1], default: []].insert(cells[4])
        }
        for row in list.rows {
            let cells = try list.cells(of: row)
            guard let threads = Int(cells[2]), (1...1024).contains(threads) else {
                throw list.problem(row, "expected a number of threads from 1 to 1024, found \(cells[2])")
            }
            guard let latency = Double(cells[5]), latency > 0, latency.isFinite else {
                throw list.problem(row, "expected a latency above 0, found \(cells[5])")
            }
            let cores = ["0": "all", "1": "little", "2": "big"][cells[3]]
            guard let cores else { throw list.problem(row, "expected 0, 1 or 2 in powersave, found \(cells[3])") }
            let isInt8 = cells[4].hasSuffix("_int8")
            let name = isInt8 ? String(cells[4].dropLast(5)) : cells[4]
            let key = cells[0] + (isInt8 ? " int8" : "")
            if index[key] == nil {
                index[key] = found.count
                found.append(Device(name: cells[0], dataType: isInt8 ? .int8 : .float32, networks: []))
            }
            let network = MeasuredNetwork(
                architecture: name, threads: threads, cores: cores, latencyMs: latency,
                source: "ncnn, README of the benchmark folder, run \(cells[1]), the fastest of its loops")
            // ncnn computes in half precision, where a core can, since about the time when it got this network.
            let isOld = runs[cells[0] + "/" + cells[1]]?.contains("regnety_400m") == false
            found[index[key] ?? 0].networks.append(isOld && !isInt8 ? network.markedOdd : network)
        }
        devices = found
    }
}
