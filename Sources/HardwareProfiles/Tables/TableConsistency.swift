import Architectures
import Files

/// Finds entries and groups of a profile's tables that cannot both be true.
struct TableConsistency {
    private struct Place: Hashable {
        let space: String?
        let layer: String?
    }

    private struct Measurement: Hashable {
        let place: Place
        let key: String
    }

    /// What all choices of one layer have in common.
    fileprivate struct Frame: Equatable {
        let input: FeatureShape
        let output: FeatureShape
        let stride: Int
        let residual: Bool

        init(_ entry: LatencyTable.Entry) {
            input = entry.input
            output = entry.block.output(for: entry.input)
            stride = entry.block.stride
            residual = entry.block.residual
        }

        init(_ layer: SearchSpace.Layer) {
            input = layer.input
            output = layer.output
            stride = layer.stride
            residual = layer.residual
        }

        var summary: String { "\(input)->\(output), stride \(stride)\(residual ? ", residual" : "")" }
    }

    private var latencies: [Measurement: (ms: Double, pointer: String)] = [:]
    private var frames: [Place: (frame: Frame, pointer: String)] = [:]
    private var operators: [String: (ms: Double, pointer: String)] = [:]
    private var groups: [[String]: (ms: Double, pointer: String)] = [:]

    /// Checks the entry that stands at `node` in a table of the space `space` against those before.
    mutating func check(_ entry: LatencyTable.Entry, of space: String?, at node: JSONNode) throws(FileError) {
        let place = Place(space: space, layer: entry.layer)
        if let layer = entry.layer {
            let frame = Frame(entry)
            if let known = frames[place], known.frame != frame {
                throw node.problem(
                    "expected layer \(layer) as at \(known.pointer) (\(known.frame.summary)), found \(frame.summary)")
            }
            frames[place] = (frame, node.pointer)
        }
        let measurement = Measurement(place: place, key: entry.key)
        if let known = latencies[measurement], known.ms != entry.latencyMs {
            throw node.problem(
                "expected one latency for \(entry.key), found \(entry.latencyMs) ms, and \(known.ms) ms at "
                    + known.pointer)
        }
        latencies[measurement] = (entry.latencyMs, node.pointer)
    }

    /// Checks the operator that stands at `node` against those before.
    mutating func check(_ entry: LatencyTable.OperatorEntry, at node: JSONNode) throws(FileError) {
        let key = entry.step.key
        if let known = operators[key], known.ms != entry.latencyMs {
            throw node.problem(
                "expected one latency for \(key), found \(entry.latencyMs) ms, and \(known.ms) ms at \(known.pointer)")
        }
        operators[key] = (entry.latencyMs, node.pointer)
    }

    /// Checks the group that stands at `node` against those before.
    mutating func check(_ group: LatencyTable.Group, at node: JSONNode) throws(FileError) {
        let keys = group.keys.sorted()
        if let known = groups[keys], known.ms != group.latencyMs {
            throw node.problem(
                "expected one latency for these layers, found \(group.latencyMs) ms, and \(known.ms) ms at "
                    + known.pointer)
        }
        groups[keys] = (group.latencyMs, node.pointer)
    }
}

extension DeviceProfile {
    /// Checks that what the tables hold as measured in layers of `space` can stand in those layers.
    ///
    /// A profile alone cannot tell: it names a space, and does not say what the space is.
    ///
    /// - Throws: `FileError.invalid` at an entry for a layer that the space does not search, or of other shapes.
    public func checkTables(of space: SearchSpace) throws(FileError) {
        let layers = space.searchableLayers
        for (index, table) in tables.enumerated() where table.space == space.name {
            for (place, entry) in table.entries.enumerated() {
                guard let name = entry.layer else { continue }
                func problem(_ problem: String) -> FileError {
                    .invalid(path: path, place: "/tables/\(index)/entries/\(place)", problem: problem)
                }
                guard let layer = layers.first(where: { $0.name == name }) else {
                    throw problem("expected a layer that \(space.name) searches, found \(name)")
                }
                let (expected, found) = (TableConsistency.Frame(layer), TableConsistency.Frame(entry))
                if found != expected {
                    throw problem(
                        "expected layer \(name) as in \(space.name) (\(expected.summary)), found \(found.summary)")
                }
            }
        }
    }
}
