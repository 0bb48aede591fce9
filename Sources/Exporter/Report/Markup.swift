/// A piece of a page or of a picture: XML that an HTML parser reads as the same tree.
///
///     let note: Markup = .element("p", ["class": "note"], ["a < b"])
///     note.text   // <p class="note">a &lt; b</p>
///
/// Every text is escaped, attributes too, and characters that XML has no way to write become U+FFFD.
indirect enum Markup: ExpressibleByStringInterpolation {
    case words(String)
    case node(name: String, attributes: [Attribute], content: [Markup])

    struct Attribute {
        let name: String
        let value: String
    }

    init(stringLiteral value: String) { self = .words(value) }

    /// An element; attributes stand in the order of the literal.
    static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ content: [Markup] = []
    ) -> Markup {
        .node(name: name, attributes: attributes.map { Attribute(name: $0.key, value: $0.value) }, content: content)
    }

    /// The element with more attributes.
    func with(_ more: [Attribute]) -> Markup {
        guard case .node(let name, let attributes, let content) = self else { return self }
        return .node(name: name, attributes: attributes + more, content: content)
    }

    /// What is written into a file.
    var text: String {
        var text = ""
        write(to: &text)
        return text
    }

    /// Elements of HTML that never have content, nor an end of their own.
    private static let empty: Set = ["meta", "br", "col", "img"]
    /// Elements that start a line, so that the file can be read.
    private static let lines: Set = [
        "head", "body", "meta", "title", "style", "header", "main", "footer", "section", "figure", "h1", "h2", "p",
        "svg", "g", "table", "tr", "dl", "dt",
    ]

    private func write(to text: inout String) {
        switch self {
        case .words(let words):
            Self.escape(words, into: &text)
        case .node(let name, let attributes, let content):
            if Self.lines.contains(name) { text += "\n" }
            text += "<\(name)"
            for attribute in attributes {
                text += " \(attribute.name)=\""
                Self.escape(attribute.value, quotes: true, into: &text)
                text += "\""
            }
            if Self.empty.contains(name) {
                text += "/>"
            } else {
                text += ">"
                for part in content { part.write(to: &text) }
                text += "</\(name)>"
            }
        }
    }

    private static func escape(_ words: String, quotes: Bool = false, into text: inout String) {
        for scalar in words.unicodeScalars {
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"" where quotes: text += "&quot;"
            case "\n" where quotes: text += "&#10;"
            case "\t" where quotes: text += "&#9;"
            case "\t", "\n": text.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{7f}"..<"\u{a0}", "\u{fffe}", "\u{ffff}": text += "\u{fffd}"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
