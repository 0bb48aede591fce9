import Exporter
import Files
import Runs
import SupernetSearch

extension RunSummary {
    /// The summary for people, at most `TextTable.columns` wide.
    var report: String {
        [head, curveTable, selectionText].filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private var head: String {
        var table = TextTable([("", .left), ("", .cut)], titled: false)
        table.add([kind, path])
        for fact in facts { table.add([fact.name.inWords, fact.name.isBytes ? fact.value.mebibytes : fact.value.text]) }
        var place = "\(state.rawValue): step \(step.grouped) of \(steps.grouped), epoch \(epoch) of \(epochs)"
        if ranking == .now {
            place += ", ranking candidates"
        } else if state != .finished, let phase {
            place += ", \(phase.text)"
        }
        if let resumesAfter, resumesAfter != step { place += "; resumes after step \(resumesAfter.grouped)" }
        table.add(["state", place])
        if let imagesPerSecond {
            let left = secondsLeft.map { ", \($0.clock) left" + (ranking == .later ? " and ranking candidates" : "") } ?? ""
            table.add(["speed", "\(imagesPerSecond.significant(3)) images/s" + left])
        }
        if let foundLatencyMs { table.add(["found", "\(foundLatencyMs.significant(4)) ms"]) }
        if let result {
            table.add([
                "test images",
                "top-1 \((100 * result.accuracy).fixed(2)) % of \(result.count.grouped)",
            ])
        }
        return table.text
    }

    private var curveTable: String {
        guard !curves.isEmpty else { return "Nothing is logged yet.\n" }
        var table = TextTable([("", .left), ("", .left), ("first", .right), ("last", .right)])
        for curve in curves {
            table.add([
                curve.name.inWords, Sparkline(curve.values, columns: 40).text,
                curve.values[0].significant(4), curve.values[curve.values.count - 1].significant(4),
            ])
        }
        return table.text
    }

    private var selectionText: String {
        guard let selection else { return "" }
        var table = TextTable([("layer", .cut), ("choice", .cut), ("settled", .right), ("since step", .right)])
        for layer in selection.layers {
            table.add([
                layer.name, layer.choice, layer.share.map { "\((100 * $0).fixed(0)) %" } ?? "",
                layer.since.grouped,
            ])
        }
        guard let window = selection.window else {
            return table.text + "\nThe search phase has not begun yet.\n"
        }
        let epoch = "the last epoch of the search phase" + (phase == .search && state == .running ? " so far" : "")
        let isFound = comparesCandidates && (phase == .fineTune || state == .finished)
        let sentence =
            (window.count == 1
                ? "Only step \(window.lowerBound.grouped) of \(epoch) is logged; \"settled\" is 100 % where it had the present choice"
                : "From step \(window.lowerBound.grouped) to \(window.upperBound.grouped), \(epoch), the selected "
                    + "architecture changed \(selection.changes.counted("time")) between "
                    + "\(selection.loggedSteps) logged steps; \"settled\" is the share of them with the present choice")
            + (isFound ? ", which was found among the candidates afterwards." : ".")
        return table.text + "\n" + sentence.wrapped(columns: TextTable.columns) + "\n"
    }
}

extension String {
    /// The name of a figure or a setting as people read it.
    var inWords: String {
        switch self {
        case "runtime_ms": "latency ms"
        case "target_peak_memory_bytes": "target memory"
        case "cross_entropy": "cross-entropy"
        case "test_cross_entropy": "test cross-entropy"
        case "test_accuracy": "test top-1 (0 to 1)"
        case "train_examples": "training images"
        case "held_out_examples": "of them held out"
        case "skipped_train_examples": "of them skipped"
        default: replacing("_", with: " ")
        }
    }

    fileprivate var isBytes: Bool { hasSuffix("_bytes") }
}

extension JSON {
    /// A number of bytes as people read it.
    fileprivate var mebibytes: String {
        switch self {
        case .integer(let bytes): "\(bytes.mebibytes) MiB"
        case .number(let bytes): "\(Int(bytes).mebibytes) MiB"
        default: text
        }
    }

    /// A setting as people read it.
    fileprivate var text: String {
        switch self {
        case .string(let text): text
        case .integer(let value): value.grouped
        default: text(pretty: false)
        }
    }
}
