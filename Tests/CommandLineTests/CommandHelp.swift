import Files
import Foundation

/// What a command says of itself, as `--experimental-dump-help` prints it (swift-argument-parser's ToolInfoV0).
struct CommandHelp {
    struct Argument {
        /// "--batch <batch>", "--mirror / --no-mirror", "<subject>".
        let synopsis: String
        let explanation: String
        /// Empty where there is none.
        let defaultValue: String
    }

    /// The names below the program's: "benchmark step".
    let name: String
    let abstract: String
    /// All that are shown but `--help` and `--version`, which every command has.
    let arguments: [Argument]
    let subcommands: [CommandHelp]

    /// The whole program's.
    static func program() throws -> CommandHelp {
        let outcome = try Program.run(["--experimental-dump-help"])
        guard outcome.status == 0 else {
            throw FileError.invalid(path: "--experimental-dump-help", place: "", problem: outcome.error)
        }
        let document = try outcome.json()
        guard document["serializationVersion"] == 0, let command = document["command"] else {
            throw FileError.invalid(
                path: "--experimental-dump-help", place: "/serializationVersion", problem: "expected 0 and a command")
        }
        return CommandHelp(command, above: [])
    }

    /// The commands that do something themselves, in the order of the help.
    var leaves: [CommandHelp] { subcommands.isEmpty ? [self] : subcommands.flatMap(\.leaves) }

    private init(_ json: JSON, above: [String]) {
        let names = above + [json["commandName"].text]
        name = names.dropFirst().joined(separator: " ")
        abstract = json["abstract"].text
        arguments = Self.arguments(json["arguments"].elements.filter { $0["shouldDisplay"] == true })
        subcommands = json["subcommands"].elements
            .filter { $0["shouldDisplay"] == true && $0["commandName"] != "help" }
            .map { CommandHelp($0, above: names) }
    }

    /// A flag and its opposite, which share an explanation, become one.
    private static func arguments(_ list: [JSON]) -> [Argument] {
        var arguments: [Argument] = []
        var flag: JSON?
        for json in list where !["help", "version"].contains(json["valueName"].text) {
            let explanation = explanation(of: json)
            var synopsis = synopsis(of: json)
            if json["kind"] == "flag", flag != nil, flag == json["abstract"], let before = arguments.popLast() {
                synopsis = "\(before.synopsis) / \(synopsis)"
            }
            flag = json["kind"] == "flag" ? json["abstract"] : nil
            arguments.append(
                Argument(synopsis: synopsis, explanation: explanation.text, defaultValue: explanation.defaultValue))
        }
        return arguments
    }

    private static func synopsis(of json: JSON) -> String {
        let value = "<\(json["valueName"].text)>" + (json["isRepeating"] == true ? " …" : "")
        if json["kind"] == "positional" { return value }
        let names = json["names"].elements.map { ($0["kind"] == "short" ? "-" : "--") + $0["name"].text }
        return names.joined(separator: ", ") + (json["kind"] == "option" ? " " + value : "")
    }

    /// What it says, with the default that the parser knows, or else the one that stands in brackets at the end.
    private static func explanation(of json: JSON) -> (text: String, defaultValue: String) {
        let text = json["abstract"].text
        let known = json["defaultValue"].text
        guard text.hasSuffix(")."), let bracket = text.range(of: " (default: ", options: .backwards) else {
            return (text, known)
        }
        return (text[..<bracket.lowerBound] + ".", String(text[bracket.upperBound...].dropLast(2)))
    }
}

extension JSON? {
    fileprivate var text: String {
        if case .string(let text)? = self { text } else { "" }
    }

    fileprivate var elements: [JSON] {
        if case .array(let elements)? = self { elements } else { [] }
    }
}
