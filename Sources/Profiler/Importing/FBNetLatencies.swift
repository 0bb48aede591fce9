import Architectures
import Files
import HardwareProfiles

/// Latencies of random networks of the FBNet space (Wu et al., 2019, arXiv:1812.03443) on several devices, as HELP (Lee et
/// al., 2021, arXiv:2106.08630) released them: a row a network, with a digit for each of its 22 layers, and a column a
/// device.
public struct FBNetLatencies: Sendable {
    public let devices: [String]
    /// A choice for each layer, from 0 to 8.
    public let networks: [[Int]]
    /// Milliseconds, of all networks on each device.
    public let latenciesMs: [[Double]]

    /// - Throws: `FileError`, also where a row is no network of the space or a cell is no number.
    public init(contentsOf path: String) throws {
        let text = try TextFile.read(path, what: "table of latencies")
        let rows = CommaSeparatedRows(text).rows
        guard let heading = rows.first, heading.cells.count > 1, heading.cells[0] == "architecture" else {
            throw FileError.invalid(
                path: path, place: "", problem: "expected the columns architecture and one for each device")
        }
        devices = Array(heading.cells.dropFirst())
        var networks: [[Int]] = [], columns = [[Double]](repeating: [], count: devices.count)
        for row in rows.dropFirst() {
            func problem(_ problem: String) -> FileError { .invalid(path: path, place: "line \(row.line)", problem: problem) }
            guard row.cells.count == heading.cells.count else {
                throw problem("expected \(heading.cells.count) cells, found \(row.cells.count)")
            }
            let digits = row.cells[0].compactMap(\.wholeNumberValue)
            guard digits.count == Self.layers, row.cells[0].count == Self.layers, digits.allSatisfy({ $0 < Self.kinds.count + 1 })
            else { throw problem("expected \(Self.layers) digits from 0 to \(Self.kinds.count), found \(row.cells[0])") }
            networks.append(digits)
            for (column, cell) in row.cells.dropFirst().enumerated() {
                guard let latency = Double(cell), LatencyTable.latenciesMs.contains(latency) else {
                    throw problem("expected a latency of \(devices[column]) above 0, found \(cell)")
                }
                columns[column].append(latency)
            }
        }
        self.networks = networks
        latenciesMs = columns
    }

    private static let layers = 22
    /// Kernel, expansion and groups of the nine choices but the last, which is to skip.
    private static let kinds = [(3, 1, 1), (3, 1, 2), (3, 3, 1), (3, 6, 1), (5, 1, 1), (5, 1, 2), (5, 3, 1), (5, 6, 1)]
    /// The width, the number of layers, and the side of each stage, as the released latencies show: every stage computes on
    /// maps of its output's side.
    private static let stages = [
        (16, 1, 112), (24, 4, 112), (32, 4, 56), (64, 4, 28), (112, 4, 28), (184, 4, 14), (352, 1, 14),
    ]

    /// What each choice of each layer launches.
    public static let operators: [[[Operator]]] = {
        var inputs = 16
        return stages.flatMap { outputs, count, side in
            (0..<count).map { index in
                defer { inputs = outputs }
                let input = FeatureShape(height: side, width: side, channels: inputs)
                let output = FeatureShape(height: side, width: side, channels: outputs)
                return kinds.map { kernel, expansion, groups in
                    block(kernel, groups, input, input.strided(by: 1, channels: inputs * expansion), output)
                } + [[]]
            }
        }
    }()

    private static func block(
        _ kernel: Int, _ groups: Int, _ input: FeatureShape, _ hidden: FeatureShape, _ output: FeatureShape
    ) -> [Operator] {
        func product(_ from: FeatureShape, _ to: FeatureShape, _ activation: Activation) -> Operator {
            .convolution(
                window: Window(side: 1), groups: groups, input: from, output: to,
                epilogue: Operator.Epilogue(hasNormalization: true, activation: activation))
        }
        return [
            product(input, hidden, .relu),
            .depthwiseConvolution(kernel: kernel, stride: 1, input: hidden, activation: .relu),
            product(hidden, output, .none),
        ] + (input == output ? [.add(output)] : [])
    }
}
