import Architectures
import Files
import SupernetSearch

/// The networks that a search would find if it ended after more and more time: its incumbents. How good they are is its
/// anytime performance.
///
/// It lies beside the checkpoint of the search, so that a resumed search goes on with the time that it has spent.
///
///     let trajectory = Trajectory(path: "known/macs-60000000.0-0.trajectory")
///     while try search.next() != nil, !search.isFound { trajectory.add(search) }
///     trajectory.points.last
final class Trajectory {
    /// The incumbent at one time.
    struct Point: Hashable {
        /// Since the warm-up, without the time that it took to tell incumbents.
        let seconds: Double
        /// Finished optimiser steps of the search.
        let step: Int
        let choices: [LayerChoice]
    }

    private(set) var points: [Point] = []
    private let path: String
    private var spent = 0.0
    /// When the clock of `spent` was last read.
    private var mark = ContinuousClock.now

    private static let schema = "onepath.trajectory/1"

    /// - Parameter path: of the file, which need not exist.
    init(path: String) { self.path = path }

    /// Starts the time of a search that goes on from its warm-up, with what the file tells of the steps until then.
    ///
    /// - Parameter step: of the checkpoint from which it goes on.
    /// - Returns: whether the file tells of that step.
    func resume(at step: Int) -> Bool {
        guard let file = try? JSONNode(contentsOf: path, what: "trajectory") else { return false }
        let read = try? file.object { fields in
            try fields.schema(Self.schema)
            return try fields.array("points") { point in
                try point.object { point in
                    Point(
                        seconds: try point.number("seconds", in: 0...1e12), step: try point.integer("step", in: 0...Int.max),
                        choices: try [LayerChoice](point.node("choices")))
                }
            }
        }
        let known = (read ?? []).prefix { $0.step <= step }
        guard let last = known.last, last.step == step else { return false }
        points = Array(known)
        spent = last.seconds
        mark = .now
        return true
    }

    /// Starts the time of a search at the end of its warm-up.
    func start() {
        points = []
        spent = 0
        mark = .now
    }

    /// Adds the incumbent of a search that is past its warm-up.
    ///
    /// - Parameter onlyNew: whether nothing is added where the incumbent has not changed.
    func add(_ search: Search, onlyNew: Bool = false) {
        spent += (ContinuousClock.now - mark) / .seconds(1)
        if let choices = search.incumbent, !onlyNew || choices != points.last?.choices {
            points.append(Point(seconds: spent, step: search.step, choices: choices))
        }
        mark = .now
    }

    /// - Throws: `FileError` where the file cannot be written.
    func write() throws(FileError) {
        try JSON.object([
            .init(key: "schema", value: .string(Self.schema)),
            .init(key: "points", value: .array(points.map { point in
                ["seconds": .number(point.seconds), "step": .integer(point.step), "choices": point.choices.json]
            })),
        ]).write(to: path)
    }
}

extension [LayerChoice] {
    /// For each layer, its options.
    var json: JSON { .array(map { .array($0.listed.map(JSON.integer)) }) }

    /// - Throws: `FileError.invalid` for another form than that of `json`.
    init(_ node: JSONNode) throws {
        let limits = ChoiceAxis.limits
        self = try node.array { choice in
            let options = try choice.array { try $0.integer(in: 0...limits.options) }
            guard options.count <= limits.axes else {
                throw choice.problem("expected at most \(limits.axes) options, found \(options.count)")
            }
            return LayerChoice(options)
        }
    }
}

extension LayerChoice {
    /// The option on each axis, of two at least, without the zeros that follow.
    fileprivate var listed: [Int] {
        let all = (0..<ChoiceAxis.limits.axes).map { self[$0] }
        return Array(all.prefix(Swift.max(2, (all.lastIndex { $0 > 0 } ?? 0) + 1)))
    }
}
