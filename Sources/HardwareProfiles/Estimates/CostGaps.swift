import Files

/// What an estimate lacks, and what it rests on besides the device profile.
public struct CostGaps: Hashable, Sendable {
    /// The operators of one kind that are priced as memory traffic, because nothing is known of them.
    public struct UnknownOperators: Hashable, Sendable {
        /// The name that the network's file has for the kind.
        public let kind: String
        /// The names of the operators.
        public let nodes: [String]

        public init(kind: String, nodes: [String]) {
            self.kind = kind
            self.nodes = nodes
        }
    }

    public var unknownOperators: [UnknownOperators]
    /// What was assumed, in sentences.
    public var assumptions: [String]
    /// What the image decides and the price cannot know, such as which branch of a network runs, in sentences.
    public var choices: [String] = []
    /// What cannot be right in the device profile, in sentences.
    public var profileErrors: [String] = []

    public init(unknownOperators: [UnknownOperators] = [], assumptions: [String] = [], choices: [String] = []) {
        self.unknownOperators = unknownOperators
        self.assumptions = assumptions
        self.choices = choices
    }

    /// Whether every operator that runs is known, so that all of its time is counted, and nothing contradicts the profile.
    public var isComplete: Bool { unknownOperators.isEmpty && choices.isEmpty && profileErrors.isEmpty }

    /// Everything, in sentences for people.
    public var sentences: [String] {
        unknownOperators.map { kind in
            let shown = kind.nodes.prefix(3).joined(separator: ", ") + (kind.nodes.count > 3 ? ", …" : "")
            return "the operator \(kind.kind) is not known (\(kind.nodes.count)x: \(shown)): priced as memory traffic alone"
        } + profileErrors + choices + assumptions
    }

    /// `"complete"`, `"unknown_operators"`, `"profile_errors"` and `"assumptions"`, the choices among them.
    var members: [JSON.Member] {
        func texts(_ list: [String]) -> JSON { .array(list.map(JSON.string)) }
        return [
            .init(key: "complete", value: .bool(isComplete)),
            .init(
                key: "unknown_operators",
                value: .array(unknownOperators.map { ["operator": .string($0.kind), "nodes": texts($0.nodes)] })),
            .init(key: "profile_errors", value: texts(profileErrors)),
            .init(key: "assumptions", value: texts(choices + assumptions)),
        ]
    }
}
