import Architectures
import Files

/// Finds entries and groups of a profile's tables that contradict each other.
struct TableConsistency {
    private struct Place: Hashable {
        let space: String?
        let layer: String?
    }

    private struct Measurement: Hashable {
        let place: Place
        let key: String
    }

    /// The shape that all choices of one layer have in common.
    fileprivate struct Frame: Equatable {
        let input: FeatureShape
        let output: FeatureShape
        let stride: Int
        let residual: Bool

        init(_ entry: LatencyTable.Entry) {
            input = entry.input
            output = entry.block.output(for: entry.input)
            stride = entry.block.shape.stride
            residual = entry.block.residual
        }

        init(_ layer: SearchSpace.Layer) {
            input = layer.input
            output = layer.output
            stride = layer.stride
            residual = layer.residual
        }

        /// The frame of a layer that is a block or a skip.
        init(_ layer: Network.Layer) {
            input = layer.input
            output = layer.output
            if case .block(let block) = layer.content {
                stride = block.shape.stride
                residual = block.residual
            } else {
                stride = 1
                residual = true
            }
        }

        var summary: String { "\(input)->\(output), stride \(stride)\(residual ? ", residual" : "")" }
    }

    private var latencies: [Measurement: (ms: Double, pointer: String)] = [:]
    private var frames: [Place: (frame: Frame, pointer: String)] = [:]
    private var operators: [String: (ms: Double, pointer: String)] = [:]
    private var groups: [[String]: (ms: Double, pointer: String)] = [:]

    /// Checks the entry at `node`, in a table of the space `space`, against the earlier ones.
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

    /// Checks the operator at `node` against the earlier ones.
    mutating func check(_ entry: LatencyTable.OperatorEntry, at node: JSONNode) throws(FileError) {
        let key = entry.step.key
        if let known = operators[key], known.ms != entry.latencyMs {
            throw node.problem(
                "expected one latency for \(key), found \(entry.latencyMs) ms, and \(known.ms) ms at \(known.pointer)")
        }
        operators[key] = (entry.latencyMs, node.pointer)
    }

    /// Checks the group at `node` against the earlier ones.
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
    /// Checks that the layers of `space` can have the entries that the tables assign to them.
    ///
    /// A profile alone cannot be checked: it only names the space.
    ///
    /// - Throws: `FileError.invalid` at an entry for a layer that the space does not search, of other shapes, or for no
    ///   choice of the layer, and at a group that is not exactly the layers that it does not search.
    public func checkTables(of space: SearchSpace) throws(FileError) {
        var layers: [String: SearchSpace.Layer] = [:]
        for layer in space.searchableLayers { layers[layer.name] = layer }
        var choices: [String: Set<String>] = [:]
        try checkTables(of: space.name, fixed: space.largest.network.layers) { entry, name in
            guard let layer = layers[name] else { return nil }
            let keys = choices[name] ?? Set(layer.choices.map { layer.layer(with: $0).key })
            choices[name] = keys
            return (TableConsistency.Frame(layer), keys)
        }
    }

    /// Checks the same with only a network of the tables' space, which shows the layers but not their choices.
    ///
    /// - Throws: `FileError.invalid`.
    public func checkTables(of network: Network) throws(FileError) {
        guard let space = network.space else { return }
        var frames: [String: TableConsistency.Frame] = [:]
        for layer in network.layers where layer.isSearchable { frames[layer.name] = TableConsistency.Frame(layer) }
        try checkTables(of: space, fixed: network.layers, allowingOtherClasses: true) { _, name in
            frames[name].map { ($0, nil) }
        }
    }

    /// - Parameters:
    ///   - layers: of a network of the space; only those that are not searched count.
    ///   - allowingOtherClasses: whether the layers may end in another number of classes than a group, as those of a network
    ///     that was trained on other data do.
    ///   - layer: returns the frame of a searched layer, and the keys of its choices where they are known; nil where
    ///     there is no such layer.
    private func checkTables(
        of space: String, fixed layers: [Network.Layer], allowingOtherClasses: Bool = false,
        _ layer: (LatencyTable.Entry, String) -> (TableConsistency.Frame, Set<String>?)?
    ) throws(FileError) {
        let fixed = layers.filter { !$0.isSearchable }.map(\.key)
        for (index, table) in tables.enumerated() where table.space == space {
            for (place, entry) in table.entries.enumerated() {
                guard let name = entry.layer else { continue }
                func problem(_ problem: String) -> FileError {
                    .invalid(path: path, place: "/tables/\(index)/entries/\(place)", problem: problem)
                }
                guard let (expected, choices) = layer(entry, name) else {
                    throw problem("expected a layer that \(space) searches, found \(name)")
                }
                let found = TableConsistency.Frame(entry)
                if found != expected {
                    throw problem(
                        "expected layer \(name) as in \(space) (\(expected.summary)), found \(found.summary)")
                }
                if let choices, !choices.contains(entry.key) {
                    throw problem(
                        "expected a choice of layer \(name) of \(space), found \(entry.key)"
                            + Self.hint(entry.key, among: choices.sorted()))
                }
            }
            for (place, group) in table.groups.enumerated() {
                if allowingOtherClasses, let group = MeasuredLatencies.withoutClasses(group.keys.sorted()),
                    group.keys == MeasuredLatencies.withoutClasses(fixed.sorted())?.keys
                {
                    continue
                }
                try check(group, at: "/tables/\(index)/groups/\(place)", fixed: fixed, of: space)
            }
        }
    }

    /// Checks that a group is exactly the layers that a space does not search: no other group is ever looked up.
    private func check(
        _ group: LatencyTable.Group, at place: String, fixed: [String], of space: String
    ) throws(FileError) {
        for (index, key) in group.keys.enumerated() where !fixed.contains(key) {
            throw .invalid(
                path: path, place: "\(place)/keys/\(index)",
                problem: "expected the key of a layer that \(space) does not search, found \"\(key.prefix(200))\""
                    + Self.hint(key, among: fixed))
        }
        guard group.keys.count == fixed.count, Set(group.keys) == Set(fixed) else {
            let missing = fixed.first { !group.keys.contains($0) }
            throw .invalid(
                path: path, place: "\(place)/keys",
                problem: "expected all \(fixed.count) layers that \(space) does not search, found \(group.keys.count)"
                    + (missing.map { " without \"\($0)\"" } ?? ""))
        }
    }

    private static func hint(_ key: String, among known: [String]) -> String {
        NearestText.nearest(to: key, among: known).map { "; nearest is \"\($0)\"" } ?? ""
    }

    /// Notes for people, one sentence for each group in tables without a space that is not used for `network`, although
    /// most of its layers occur there.
    public func groupsNearlyIn(_ network: Network) -> [String] {
        let fixed = network.layers.filter { !$0.isSearchable }.map(\.key)
        let known = Set(fixed)
        return tables.enumerated().filter { $0.element.space == nil }.flatMap { index, table in
            table.groups.enumerated().filter { $0.element.keys.count > 1 }.compactMap { place, group in
                let strangers = group.keys.filter { !known.contains($0) }
                guard group.keys.sorted() != fixed.sorted(), 2 * strangers.count < group.keys.count else { return nil }
                let reason =
                    strangers.first.map { "\"\($0)\" does not" + Self.hint($0, among: fixed) }
                    ?? "the network has \(fixed.count) such layers"
                return "\(path): /tables/\(index)/groups/\(place): \(group.keys.count - strangers.count) of its "
                    + "\(group.keys.count) layers are in \(network.name), so it is not used; \(reason)"
            }
        }
    }
}
