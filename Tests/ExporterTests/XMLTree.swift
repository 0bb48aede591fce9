import Foundation
#if canImport(FoundationXML)
    import FoundationXML
#endif

/// An XML document as a tree: an element, and below it others.
final class XMLTree {
    /// A text that is no XML document.
    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    let name: String
    let attributes: [String: String]
    private(set) var children: [XMLTree] = []
    /// The text in the element and in all below, in order.
    private(set) var text = ""

    private init(name: String, attributes: [String: String]) {
        self.name = name
        self.attributes = attributes
    }

    /// Throws: `Malformed`, with the place.
    convenience init(_ document: String) throws {
        let parser = XMLParser(data: Data(document.utf8))
        let builder = Builder()
        parser.delegate = builder
        guard parser.parse(), let root = builder.root.children.first else {
            throw Malformed(
                description: "line \(parser.lineNumber), column \(parser.columnNumber): "
                    + "\(parser.parserError.map { "\($0)" } ?? "no element")")
        }
        self.init(name: root.name, attributes: root.attributes)
        children = root.children
        text = root.text
    }

    /// This element and all below it, in the document's order.
    var descendants: [XMLTree] { [self] + children.flatMap(\.descendants) }

    func all(_ name: String) -> [XMLTree] { descendants.filter { $0.name == name } }

    /// The sentences of this element's groups.
    var titles: [String] { all("title").map(\.text) }

    /// The picture of that name, nil where there is none.
    func picture(_ name: String) -> XMLTree? {
        all("svg").first { $0.attributes["aria-labelledby"]?.hasPrefix("\(name)-title ") == true }
    }

    /// The number in an attribute; not a number where there is none.
    func number(_ attribute: String) -> Double { attributes[attribute].flatMap(Double.init) ?? .nan }

    /// The points of a polygon or a polyline, [x, y] each.
    var points: [[Double]] {
        (attributes["points"] ?? "").split(separator: " ").map { $0.split(separator: ",").map { Double($0) ?? .nan } }
    }

    private final class Builder: NSObject, XMLParserDelegate {
        let root = XMLTree(name: "", attributes: [:])
        private lazy var open = [root]

        func parser(
            _: XMLParser, didStartElement name: String, namespaceURI _: String?, qualifiedName _: String?,
            attributes: [String: String]
        ) {
            let element = XMLTree(name: name, attributes: attributes)
            open[open.count - 1].children.append(element)
            open.append(element)
        }

        func parser(_: XMLParser, didEndElement _: String, namespaceURI _: String?, qualifiedName _: String?) {
            open.removeLast()
        }

        func parser(_: XMLParser, foundCharacters characters: String) {
            for element in open { element.text += characters }
        }
    }
}
