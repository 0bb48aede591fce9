import Files
import SupernetSearch
import Training

/// Everything that determines a sweep: the content of its `config.json` (`onepath.sweep-run/1`).
///
///     let plan = try SweepPlan(run: "runs/sweep")
///     for search in plan.searches { print(search.name, search.configuration.targets) }
public struct SweepPlan: Sendable {
    /// The setting that differs between its searches.
    public enum Varied: Hashable, Sendable {
        /// Target latencies, in milliseconds.
        case latencies([Double])
        case lambdas([Double])

        /// A search for each value.
        ///
        /// - Parameter shared: what they have in common.
        public func searches(with shared: SearchConfiguration) -> [Search] {
            func search(_ name: String, _ vary: (inout SearchConfiguration) -> Void) -> Search {
                var configuration = shared
                vary(&configuration)
                return Search(name: name, configuration: configuration)
            }
            return switch self {
            case .latencies(let values):
                values.map { value in
                    search("latency-\(value)") { $0.targets = [CostTarget(.latency, atMost: value)] }
                }
            case .lambdas(let values): values.map { value in search("lambda-\(value)") { $0.lambda = value } }
            }
        }
    }

    /// One of its searches.
    public struct Search: Sendable {
        /// The name of its directory in that of the sweep.
        public let name: String
        public let configuration: SearchConfiguration
    }

    /// The search whose warm-up they share.
    public let warmUp: SearchPlan
    public let varied: Varied
    /// The number of random networks that are compared with the found networks.
    public let randomNetworks: Int

    /// How many random networks there may be.
    public static let randomLimits = 0...1000

    public init(warmUp: SearchPlan, varied: Varied, randomNetworks: Int) {
        self.warmUp = warmUp
        self.varied = varied
        self.randomNetworks = randomNetworks
    }

    public var searches: [Search] { varied.searches(with: warmUp.configuration) }

    public var json: JSON {
        let (key, values) = switch varied {
        case .latencies(let values): ("target_latencies_ms", values)
        case .lambdas(let values): ("lambdas", values)
        }
        return .object([
            .init(key: "schema", value: .string(RunKind.sweep.schema)),
            .init(key: key, value: .array(values.map(JSON.number))),
            .init(key: "random", value: .integer(randomNetworks)), .init(key: "warm_up", value: warmUp.json),
        ])
    }

    /// Reads the plan of the sweep in the directory at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(run path: String) throws {
        self = try RunKind.sweep.configuration(ofRunIn: path).object { fields in
            try fields.schema(RunKind.sweep.schema)
            func values(_ node: JSONNode) throws -> [Double] {
                let values = try node.array { try $0.number(in: 0...Double.greatestFiniteMagnitude) }
                guard !values.isEmpty, Set(values).count == values.count else {
                    throw node.problem("expected one or more numbers that differ, found \(node.value.text(pretty: false))")
                }
                return values
            }
            let varied: Varied =
                if let latencies = fields.optionalNode("target_latencies_ms") {
                    .latencies(try values(latencies))
                } else {
                    .lambdas(try values(fields.node("lambdas")))
                }
            let plan = SweepPlan(
                warmUp: try SearchPlan(json: fields.node("warm_up")), varied: varied,
                randomNetworks: try fields.integer("random", in: Self.randomLimits))
            return plan
        }
    }
}
