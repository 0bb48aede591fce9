/// How much of the maps of a graph is in memory while one of its operators runs: what the operator reads and writes, and
/// what later operators still have to read.
public struct LivingMaps: Hashable, Sendable {
    /// The number of values by their data type; nil for those of the type that the network runs in.
    private var values: [ValueType?: Int]

    init(_ values: [ValueType?: Int]) { self.values = values.filter { $0.value != 0 } }

    /// The bytes where the network runs in a data type.
    public func bytes(of type: ValueType) -> Int { values.reduce(0) { $0 + $1.value * ($1.key ?? type).bytes } }

    /// As many values, all of one data type.
    func valued(_ type: ValueType) -> LivingMaps { LivingMaps([type: values.values.reduce(0, +)]) }
}

/// From when to when each map of a graph is in memory: from the operator that writes it to the last one that reads it.
///
///     var lifetimes = MapLifetimes()
///     let image = lifetimes.add(values: 3 * 224 * 224, type: nil, writtenBy: 0)
///     lifetimes.read(image, by: 5)
///     lifetimes.living(operators: 6)[3].bytes(of: .float32)  // 602,112
public struct MapLifetimes: Sendable {
    private var maps: [(values: Int, type: ValueType?, first: Int, last: Int)] = []
    /// The operators that may write over a map.
    private var overwriters: [Int: Int] = [:]

    public init() {}

    /// Adds a map and returns its number.
    ///
    /// - Parameters:
    ///   - values: that it holds.
    ///   - type: their data type; nil for that of the network.
    ///   - node: the place of the operator that writes it, in the order of execution; 0 for what is there from the start.
    public mutating func add(values: Int, type: ValueType?, writtenBy node: Int) -> Int {
        maps.append((values, type, node, node))
        return maps.count - 1
    }

    /// Notes that an operator reads a map.
    public mutating func read(_ map: Int, by node: Int) { maps[map].last = max(maps[map].last, node) }

    /// Notes that an operator reads a map, and writes its result over it if it is the last one that reads it.
    public mutating func overwrite(_ map: Int, by node: Int) {
        read(map, by: node)
        overwriters[map] = node
    }

    /// Notes that a map holds values of another data type than it was added with.
    public mutating func retype(_ map: Int, _ type: ValueType) { maps[map].type = type }

    /// What is in memory while each of the operators runs.
    ///
    /// - Parameter count: of the operators.
    public func living(operators count: Int) -> [LivingMaps] {
        var changes = [[(type: ValueType?, values: Int)]](repeating: [], count: count + 1)
        for (index, map) in maps.enumerated() {
            let end = overwriters[index] == map.last ? map.last : min(map.last, count - 1) + 1
            changes[map.first].append((map.type, map.values))
            changes[end].append((map.type, -map.values))
        }
        var values: [ValueType?: Int] = [:]
        return changes.dropLast().map { change in
            for (type, count) in change { values[type, default: 0] += count }
            return LivingMaps(values)
        }
    }
}
