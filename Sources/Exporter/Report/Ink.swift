/// The colours of a report by what they mean, in print and on a light screen, and on a dark one. A colour means one thing
/// wherever it is; the kernels' are those of `ChoicePalette`.
///
/// Pictures carry the first as plain attributes, which every program that draws SVG understands; a page's style sheet
/// puts the second in their place through the classes.
enum Ink: String, CaseIterable {
    case text, muted, rule, band, surface
    /// Layers on which no search decides.
    case fixed
    /// A latency.
    case latency
    /// Another figure over time, and the values that a curve smooths.
    case curve, samples
    /// An expansion that is in use.
    case expansion
    /// The networks of a sweep by where they come from.
    case found, random, uniform, largest

    var light: String {
        switch self {
        case .text: "#1b1f24"
        case .muted: "#565e68"
        case .rule: "#c9cfd6"
        case .band: "#f0f2f5"
        case .surface: "#ffffff"
        case .fixed: "#dfe3e8"
        case .latency: "#0b6b3a"
        case .curve: "#00808f"
        case .samples: "#9bd3dd"
        case .expansion: "#b8145e"
        case .found: "#1c5fc4"
        case .random: "#868e98"
        case .uniform: "#c05a00"
        case .largest: "#7a2fb0"
        }
    }

    var dark: String {
        switch self {
        case .text: "#e6e9ed"
        case .muted: "#a5adb7"
        case .rule: "#414954"
        case .band: "#1d222a"
        case .surface: "#12161b"
        case .fixed: "#343c47"
        case .latency: "#2fbf71"
        case .curve: "#1fc8cf"
        case .samples: "#1f5461"
        case .expansion: "#ff5c9e"
        case .found: "#6ea6f5"
        case .random: "#8d96a1"
        case .uniform: "#ef9440"
        case .largest: "#c48af0"
        }
    }

    /// The rules that turn pictures dark.
    static var darkRules: String {
        allCases.map { ink in
            ".fill-\(ink.rawValue){fill:\(ink.dark)}.stroke-\(ink.rawValue){stroke:\(ink.dark)}"
        }.joined(separator: "\n")
    }
}
