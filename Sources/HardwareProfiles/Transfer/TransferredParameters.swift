import Architectures
import Files
import Glibc
import Synchronization

/// What all known devices teach of one: a factor on each part of an operator's ideal time, for some numbers of threads,
/// how networks of known kinds differ from the sum of their parts, and how far off the answers may be.
public struct TransferredParameters: Hashable, Sendable {
    /// For one number of threads.
    struct Entry: Hashable, Sendable {
        let threads: Int
        let cores: TransferMachine.Cores
        /// In the order of `KernelPart.allCases`.
        let factors: [Double]
        /// The weights of the known networks in the correction of a whole network, in logarithms.
        let weights: [Double]
        /// Half of the interval that holds 90 % of such predictions, in logarithms.
        let interval: Double
    }

    /// How well devices like this one are predicted when they are left out.
    public struct Quality: Hashable, Sendable {
        public let mean, median, worst: Double
        public let count: Int
    }

    /// A network that the correction refers to.
    struct Known: Hashable, Sendable {
        let name: String
        /// The share of each part in its time on the reference machine.
        let shares: [Double]
    }

    let entries: [Entry]
    let known: [Known]
    /// The data type that they hold for.
    public let dataType: Runtime.DataType
    /// What they were learned from, for people: "facts and 20 measured networks, and 48 other devices".
    public let basis: String
    /// How well this device was predicted when it was left out; nil where nothing was measured on it.
    public let leftOut: Quality?

    /// The entry for a number of threads: the nearest.
    func entry(threads: Int) -> Entry {
        entries.min { abs(log2(Double($0.threads) / Double(threads))) < abs(log2(Double($1.threads) / Double(threads))) }
            ?? entries[0]
    }

    /// How much longer a whole network takes than the sum of its layers' parts says.
    func correction(of shares: [Double], in entry: Entry) -> Double {
        var logarithm = 0.0
        for (weight, known) in zip(entry.weights, known) {
            logarithm += weight * TransferPrior.likeness(shares, known.shares)
        }
        return exp(Self.bounded(logarithm))
    }

    /// A correction's logarithm. Beyond this it would say more of the network than of the device.
    static func bounded(_ logarithm: Double) -> Double { min(max(logarithm, -0.7), 0.7) }

    /// What the answers are based on, for people.
    public var summary: String {
        func percent(_ value: Double) -> String { "\((value * 1000).rounded() / 10) %" }
        let quality = leftOut.map {
            $0.count == 1
                ? "; left out, its measurement was off by \(percent($0.worst))"
                : "; left out, its \($0.count) measurements were off by \(percent($0.median)) in the median, "
                    + "\(percent($0.worst)) at worst"
        } ?? ""
        return "learned from \(basis)\(quality)"
    }

    public var json: JSON {
        // As in older parameters, float32 needs no say.
        let type: [JSON.Member] = dataType == .float32 ? [] : [.init(key: "data_type", value: .string(dataType.rawValue))]
        let members: JSON = [
            "basis": .string(basis),
            "threads": .array(entries.map { entry in
                [
                    "threads": .integer(entry.threads), "cores": .string(entry.cores.rawValue),
                    "factors": .object(zip(KernelPart.allCases, entry.factors).map {
                        .init(key: $0.key, value: .number($1.rounded(digits: 5)))
                    }),
                    "networks": .object(zip(known, entry.weights).map {
                        .init(key: $0.name, value: .number($1.rounded(digits: 5)))
                    }),
                    "interval": .number(entry.interval.rounded(digits: 4)),
                ]
            }),
            "left_out": leftOut.map {
                [
                    "mean_error": .number($0.mean.rounded(digits: 4)), "median_error": .number($0.median.rounded(digits: 4)),
                    "worst_error": .number($0.worst.rounded(digits: 4)), "count": .integer($0.count),
                ]
            } ?? .null,
        ]
        guard case .object(let rest) = members else { return members }
        return .object(type + rest)
    }

    /// Reads what `json` writes; the networks are looked up among those that come with the product.
    init(_ fields: inout JSONFields, inputs: inout [String]) throws {
        dataType = try fields.optionalNode("data_type")?.option(of: Runtime.DataType.self) ?? .float32
        basis = try fields.node("basis").text()
        var known: [Known] = []
        let list = try fields.node("threads")
        entries = try list.array { node in
            try node.object { fields in
                let threads = try fields.integer("threads", in: 1...4096)
                let cores = try fields.node("cores").option(of: TransferMachine.Cores.self)
                let factors = try fields.object("factors") { factors in
                    try KernelPart.allCases.map { try factors.number($0.key, in: 1e-9...1e9) }
                }
                let names = try fields.node("networks")
                let weights = try names.object { weights in
                    let all = weights.names
                    if known.isEmpty {
                        known = try all.map { try Known(named: $0, at: names, inputs: &inputs) }
                    } else if known.map(\.name) != all {
                        throw names.mismatch(expected: "the networks of the first entry, in its order")
                    }
                    return try all.map { try weights.number($0, in: -1e6...1e6) }
                }
                return Entry(
                    threads: threads, cores: cores, factors: factors, weights: weights,
                    interval: try fields.number("interval", in: 0...10))
            }
        }
        if entries.isEmpty { throw list.problem("expected at least one number of threads, found an empty array") }
        self.known = known
        let quality = try fields.node("left_out")
        leftOut = quality.isNull ? nil : try quality.object {
            Quality(
                mean: try $0.number("mean_error", in: 0...1e6), median: try $0.number("median_error", in: 0...1e6),
                worst: try $0.number("worst_error", in: 0...1e6), count: try $0.integer("count", in: 1...1_000_000))
        }
    }

    init(entries: [Entry], known: [Known], dataType: Runtime.DataType, basis: String, leftOut: Quality?) {
        self.dataType = dataType
        self.entries = entries
        self.known = known
        self.basis = basis
        self.leftOut = leftOut
    }
}

extension TransferredParameters.Known {
    /// The shares of the networks that were read, by path.
    private static let read = Mutex<[String: [Double]]>([:])

    fileprivate init(named name: String, at node: JSONNode, inputs: inout [String]) throws {
        let path = try FileReference.path(JSONNode(.string(name), path: node.path, pointer: ""), .network) ?? name
        if !inputs.contains(path) { inputs.append(path) }
        // A hundred profiles refer to the same networks.
        if let shares = Self.read.withLock({ $0[path] }) {
            self.init(name: name, shares: shares)
            return
        }
        let shares = TransferPrior.referenceShares(of: try OperatorList(contentsOf: path).operators)
        Self.read.withLock { $0[path] = shares }
        self.init(name: name, shares: shares)
    }
}

extension Double {
    /// Rounded to so many significant digits, for figures that are not known better.
    func rounded(digits: Int) -> Double {
        guard self != 0, isFinite else { return self }
        let scale = pow(10, Double(digits) - 1 - floor(log10(abs(self))))
        return (self * scale).rounded() / scale
    }
}
