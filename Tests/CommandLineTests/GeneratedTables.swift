import Files
import Foundation
import TestSupport

/// The tables of the documentation that are made from the commands' own help.
///
/// A table stands between two lines: `<!-- options: search -->` and `<!-- end of options -->` for the options of a
/// command, `<!-- commands -->` and `<!-- end of commands -->` for all commands, each with a link to its options.
struct GeneratedTables {
    private let commands: [CommandHelp]
    /// By the command's name: the pages with its options, from the project's top folder.
    let pagesOfOptions: [String: [String]]

    /// - Parameter pages: the documentation, by path from the project's top folder.
    init(program: CommandHelp, pages: [MarkdownPage]) {
        commands = program.leaves
        var found: [String: [String]] = [:]
        for page in pages {
            for line in page.lines {
                if case .options(let name)? = Marker(line) { found[name, default: []].append(page.path) }
            }
        }
        pagesOfOptions = found
    }

    /// The names of the commands that have options or stand in the table of commands.
    var commandNames: [String] { commands.map(\.name) }

    /// The page with its tables written anew.
    ///
    /// - Throws: `FileError.invalid` for a marker of no command, or without an end.
    func rewritten(_ page: MarkdownPage) throws(FileError) -> String {
        var result: [String] = []
        var end: String?
        for (index, line) in page.lines.enumerated() {
            if end != nil, line != end { continue }
            end = nil
            guard let marker = Marker(line) else {
                result.append(line)
                continue
            }
            func error(_ problem: String) -> FileError {
                .invalid(path: page.path, place: "line \(index + 1)", problem: problem)
            }
            guard page.lines[index...].contains(marker.end) else { throw error("expected \(marker.end) after \(line)") }
            guard let table = table(marker, on: page) else { throw error("there is no such command: \(line)") }
            result += [line, ""] + table + [""]
            end = marker.end
        }
        return result.joined(separator: "\n")
    }

    private func table(_ marker: Marker, on page: MarkdownPage) -> [String]? {
        switch marker {
        case .commands:
            return Self.table(
                titles: ["command", "does"],
                rows: commands.map { command in
                    let link = pagesOfOptions[command.name]?.first.map { "](\(page.relativePath(to: $0)))" }
                    return [(link == nil ? "" : "[") + "`\(command.name)`" + (link ?? ""), command.abstract]
                })
        case .options(let name):
            guard let command = commands.first(where: { $0.name == name }) else { return nil }
            if command.arguments.isEmpty { return ["`onepath \(name)` has no options."] }
            return ["Options of `onepath \(name)`:", ""] + Self.table(
                titles: ["option", "meaning", "default"],
                rows: command.arguments.map { ["`\($0.synopsis)`", $0.explanation, $0.defaultValue] })
        }
    }

    private static func table(titles: [String], rows: [[String]]) -> [String] {
        func line(_ cells: [String]) -> String {
            "| " + cells.map { $0.replacing("\n", with: " ").replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
        }
        return [line(titles), line(titles.map { _ in "---" })] + rows.map(line)
    }

    private enum Marker {
        case commands
        case options(String)

        init?(_ line: String) {
            if line == "<!-- commands -->" {
                self = .commands
            } else if line.hasPrefix("<!-- options: "), line.hasSuffix(" -->") {
                self = .options(String(line.dropFirst(14).dropLast(4)))
            } else {
                return nil
            }
        }

        var end: String {
            switch self {
            case .commands: "<!-- end of commands -->"
            case .options: "<!-- end of options -->"
            }
        }
    }
}
