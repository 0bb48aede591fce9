/// The colours of a report by what they are for, in print and on a light screen, and on a dark one.
///
/// Pictures carry the first as plain attributes, which every program that draws SVG understands; a page's style sheet
/// puts the second in their place through the classes.
enum Ink: String, CaseIterable {
    case text, muted, rule, band, surface
    /// Layers on which no search decides.
    case fixed
    /// What bounds a latency.
    case compute, memory, overhead
    /// A curve, and the values that it smooths.
    case curve, samples
    /// Indicators of kernels and of expansions.
    case kernel, expansion

    var light: String {
        switch self {
        case .text: "#1b1f24"
        case .muted: "#565e68"
        case .rule: "#c9cfd6"
        case .band: "#f0f2f5"
        case .surface: "#ffffff"
        case .fixed: "#9aa3ad"
        case .compute, .curve, .kernel: "#2468ad"
        case .memory, .expansion: "#b4540a"
        case .overhead: "#6d4aa3"
        case .samples: "#a9c8ea"
        }
    }

    var dark: String {
        switch self {
        case .text: "#e6e9ed"
        case .muted: "#a5adb7"
        case .rule: "#414954"
        case .band: "#1d222a"
        case .surface: "#12161b"
        case .fixed: "#7f8994"
        case .compute, .curve, .kernel: "#6aa9ea"
        case .memory, .expansion: "#e08e45"
        case .overhead: "#ab8ade"
        case .samples: "#35577d"
        }
    }

    /// The rules that turn pictures dark.
    static var darkRules: String {
        allCases.map { ink in
            ".fill-\(ink.rawValue){fill:\(ink.dark)}.stroke-\(ink.rawValue){stroke:\(ink.dark)}"
        }.joined(separator: "\n")
    }
}
