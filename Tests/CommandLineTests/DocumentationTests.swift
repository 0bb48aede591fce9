import Files
import Foundation
import Testing
import TestSupport

@Suite("The documentation")
struct DocumentationTests {
    /// Set by `make docs`: the tables are then written anew rather than compared.
    private static let isWriting = ProcessInfo.processInfo.environment["ONEPATH_WRITE_DOCS"] == "1"

    @Test("has tables of commands and options that say what the commands' help says")
    func tables() throws {
        let pages = try MarkdownPage.all()
        let tables = GeneratedTables(program: try CommandHelp.program(), pages: pages)
        for name in tables.commandNames {
            #expect(tables.pagesOfOptions[name]?.count == 1, "\(name): expected its options on one page")
        }
        for page in pages {
            let text = try tables.rewritten(page)
            if Self.isWriting {
                if text != page.text { try AtomicFile.write(text, to: page.file) }
            } else {
                let differing = zip(text.split(separator: "\n"), page.text.split(separator: "\n")).first { $0 != $1 }
                #expect(
                    text == page.text,
                    "\(page) differs from the help; run: make docs. First: \(differing?.0 ?? "the number of lines")")
            }
        }
    }

    @Test("says what to do where a table has no end or no command")
    func damagedMarkers() throws {
        let program = try CommandHelp.program()
        for (text, problem) in [
            ("<!-- options: search -->\n", "expected <!-- end of options -->"),
            ("a\n<!-- options: nothing -->\n<!-- end of options -->\n", "line 2"),
        ] {
            let page = MarkdownPage(path: "page.md", text: text)
            let error = #expect(throws: FileError.self) {
                try GeneratedTables(program: program, pages: [page]).rewritten(page)
            }
            #expect(error.map { "\($0)".contains(problem) } == true, "\(String(describing: error))")
        }
    }

    @Test("links to files and headings that exist, from every page of the guide to the others")
    func links() throws {
        let pages = try MarkdownPage.all()
        let byFile = Dictionary(uniqueKeysWithValues: pages.map { ($0.file, $0) })
        var count = 0
        for page in pages {
            let folder = URL(fileURLWithPath: page.file).deletingLastPathComponent()
            for link in page.relativeLinks {
                count += 1
                let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                let file = parts[0].isEmpty ? page.file : folder.appendingPathComponent(parts[0]).standardizedFileURL.path
                #expect(FileManager.default.fileExists(atPath: file), "\(page): \(link) leads nowhere")
                if parts.count == 2 {
                    #expect(byFile[file]?.anchors.contains(parts[1]) == true, "\(page): \(link) leads to no heading")
                }
            }
        }
        #expect(count > 50, "\(count)")
        // What stands in the documentation is found from its first page.
        let first = try #require(pages.first)
        let linked = Set(first.relativeLinks.map { "\(ShippedFiles.root)/\($0)" })
        for page in pages.dropFirst() { #expect(linked.contains(page.file), "README.md does not link to \(page)") }
    }

    @Test("fits the README on a few screens, and all prose into 120 columns")
    func lengths() throws {
        for page in try MarkdownPage.all() {
            if page.path == "README.md" { #expect(page.lines.count <= 151) }
            for (index, line) in page.lines.enumerated() where !line.hasPrefix("|") {
                #expect(line.count <= 120, "\(page), line \(index + 1) has \(line.count) columns")
            }
        }
    }

    /// A row of the table: its room, and the rooms that it names as imported.
    private func rooms() throws -> [(name: String, imports: Set<String>)] {
        let lines = try MarkdownPage("docs/contributing.md").lines
        let begin = try #require(lines.firstIndex(of: "<!-- rooms -->"))
        let end = try #require(lines.firstIndex(of: "<!-- end of rooms -->"))
        return lines[begin..<end].dropFirst(3).map { line in
            let cells = line.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
            func names(_ cell: String) -> [String] { cell.matches(of: /`(\w+)`/).map { String($0.output.1) } }
            return (names(cells[1]).joined(), Set(names(cells[3])))
        }
    }

    @Test("names every room of the sources, and the rooms that it imports")
    func importsOfRooms() throws {
        let sources = "\(ShippedFiles.root)/Sources"
        let folders = try FileManager.default.contentsOfDirectory(atPath: sources)
        let isSwift = { (name: String) in name.hasSuffix(".swift") }
        let modules = try folders.filter {
            try FileManager.default.subpathsOfDirectory(atPath: "\(sources)/\($0)").contains(where: isSwift)
        }
        let rooms = try rooms()
        #expect(Set(rooms.map(\.name)) == Set(modules))
        for room in rooms where modules.contains(room.name) {
            let folder = "\(sources)/\(room.name)"
            var imported: Set<String> = []
            for file in try FileManager.default.subpathsOfDirectory(atPath: folder) where isSwift(file) {
                let text = try TextFile.read("\(folder)/\(file)", what: "source")
                imported.formUnion(text.matches(of: /(?m)^[@\w ]*\bimport (\w+)$/).map { String($0.output.1) })
            }
            #expect(room.imports == imported.intersection(modules), "docs/contributing.md, room \(room.name)")
        }
    }
}
