import Files
import Foundation
import TestSupport

/// A page of the project's documentation.
struct MarkdownPage: CustomStringConvertible, Sendable {
    /// From the project's top folder: "docs/guide/search.md".
    let path: String
    let text: String
    let lines: [String]

    var description: String { path }

    /// Where it lies on the disk.
    var file: String { "\(ShippedFiles.root)/\(path)" }

    /// - Parameter path: from the project's top folder.
    /// - Throws: `FileError.missing` or `.unreadable`.
    init(_ path: String) throws {
        self.init(path: path, text: try TextFile.read("\(ShippedFiles.root)/\(path)", what: "page of the documentation"))
    }

    init(path: String, text: String) {
        self.path = path
        self.text = text
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The README, that of the devices, and everything in `docs`.
    static func all() throws -> [MarkdownPage] {
        let inDocs = try FileManager.default.subpathsOfDirectory(atPath: "\(ShippedFiles.root)/docs")
        let names = inDocs.filter { $0.hasSuffix(".md") }.sorted().map { "docs/" + $0 }
        return try (["README.md", "devices/README.md"] + names).map(MarkdownPage.init)
    }

    /// How a link on this page names another file.
    ///
    /// - Parameter target: from the project's top folder.
    func relativePath(to target: String) -> String {
        let folders = path.split(separator: "/").dropLast(), parts = target.split(separator: "/")
        let shared = zip(folders, parts.dropLast()).prefix { $0 == $1 }.count
        return (folders.dropFirst(shared).map { _ in ".." } + parts.dropFirst(shared)).joined(separator: "/")
    }

    /// The prose: the page without blocks of code, which are fenced or set in by four spaces after an empty line.
    private var prose: [String] {
        var isFenced = false, isCode = false, wasEmpty = true
        return lines.filter { line in
            defer { wasEmpty = line.isEmpty }
            if line.hasPrefix("```") { isFenced.toggle() }
            isCode = line.hasPrefix("    ") && (isCode || wasEmpty)
            return !isFenced && !isCode
        }
    }

    /// The targets of its links and pictures that lead to files of the project, or to headings.
    var relativeLinks: [String] {
        // A link may be broken over two lines.
        let text = prose.joined(separator: " ")
        return text.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }.filter { !$0.contains("://") }
    }

    /// The names by which links lead to its headings, as GitHub makes them.
    var anchors: [String] {
        prose.filter { $0.hasPrefix("#") }.map { heading in
            heading.drop { $0 == "#" }.dropFirst().lowercased().replacing(" ", with: "-")
                .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
        }
    }
}
