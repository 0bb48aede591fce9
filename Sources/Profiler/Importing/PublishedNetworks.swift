import Files
import HardwareProfiles

/// A published list of whole-network latencies of the MobileNet families, of several widths and resolutions: the columns
/// `device`, `threads`, `data_type`, `network`, `width`, `resolution` and `latency_ms`, in any order, and others.
public struct PublishedNetworks: Sendable {
    public struct Row: Hashable, Sendable {
        public let device: String
        public let threads: Int
        public let dataType: HardwareProfiles.Runtime.DataType
        /// The name of a reference architecture.
        public let network: String
        public let width: Double
        public let resolution: Int
        /// Milliseconds, above 0.
        public let latencyMs: Double
    }

    /// In the order of the list.
    public let rows: [Row]

    private static let columns = ["device", "threads", "data_type", "network", "width", "resolution", "latency_ms"]

    /// - Throws: `FileError`, also where a column is missing or a cell cannot be read.
    public init(contentsOf path: String) throws {
        let list = try PublishedRows(contentsOf: path, columns: Self.columns)
        rows = try list.rows.map { row in
            let cells = try list.cells(of: row)
            guard let type = HardwareProfiles.Runtime.DataType(rawValue: cells[2]) else {
                throw list.problem(row, "expected float32 or int8, found \(cells[2])")
            }
            guard let threads = Int(cells[1]), (1...1024).contains(threads), let width = Double(cells[4]),
                (0.01...100).contains(width), let resolution = Int(cells[5]), (1...4096).contains(resolution),
                let latency = Double(cells[6]), LatencyTable.latenciesMs.contains(latency)
            else {
                let found = row.cells.joined(separator: ",")
                throw list.problem(row, "expected threads, a width, a resolution and a latency, found \(found)")
            }
            return Row(
                device: cells[0], threads: threads, dataType: type, network: cells[3], width: width, resolution: resolution,
                latencyMs: latency)
        }
    }
}
