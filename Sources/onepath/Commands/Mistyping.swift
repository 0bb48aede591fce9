import ArgumentParser
import Files

/// What was meant by a command line that names a command or an option that there is not.
enum Mistyping {
    /// nil where all are known.
    ///
    /// - Parameter arguments: without the program.
    static func error(in arguments: [String], of root: any ParsableCommand.Type) -> ValidationError? {
        var command = root
        for (place, argument) in arguments.enumerated() {
            let subcommands = subcommands(of: command)
            if argument == "help" { return nil }
            if subcommands.isEmpty || argument.hasPrefix("-") {
                return unknownOption(in: arguments[place...], of: command, root: root)
            }
            guard let known = subcommands[argument] else {
                return ValidationError("there is no command \(argument); \(advice(on: argument, among: subcommands.keys.sorted()))")
            }
            command = known
        }
        return nil
    }

    private static func advice(on argument: String, among commands: [String]) -> String {
        if argument == "resume" { return "the command that was stopped goes on with --resume --output and its folder" }
        // "eval" is far from "evaluate" by edits, but its beginning.
        let begun = argument.count > 2 ? commands.filter { $0.hasPrefix(argument) } : []
        if begun.count == 1 { return "did you mean \(begun[0])?" }
        return NearestText.question(on: argument, among: commands + ["help"])
            ?? "the commands are \(commands.dropLast().joined(separator: ", ")) and \(commands[commands.count - 1])"
    }

    /// By their names.
    private static func subcommands(of command: any ParsableCommand.Type) -> [String: any ParsableCommand.Type] {
        var commands: [String: any ParsableCommand.Type] = [:]
        for subcommand in command.configuration.subcommands {
            if let name = subcommand.configuration.commandName { commands[name] = subcommand }
        }
        return commands
    }

    /// What the parser takes of every program, and lists in no help.
    private static let parserOptions = ["--generate-completion-script", "--help-hidden", "--experimental-dump-help"]

    private static func unknownOption(
        in arguments: ArraySlice<String>, of command: any ParsableCommand.Type, root: any ParsableCommand.Type
    ) -> ValidationError? {
        // The help is where the parser says which options there are.
        let help = root.helpMessage(for: command, includeHidden: true, columns: 1000)
        let known = Set(help.matches(of: #/--[a-z][a-z0-9-]*/#).map { String($0.output) }).union(parserOptions)
        if let stray = arguments.first, !stray.hasPrefix("-"), !help.contains("\nARGUMENTS:") {
            let option = ["--run", "--architecture"].first { known.contains($0) }.map { ", such as \($0) \(stray)" } ?? ""
            return ValidationError("expected an option before \(stray)\(option)")
        }
        var unknown: String?
        // What follows after "--" are no options.
        for argument in arguments.prefix(while: { $0 != "--" }) where argument.hasPrefix("--") {
            let option = String(argument.prefix { $0 != "=" })
            if known.contains(option) { continue }
            guard let question = NearestText.question(on: option, among: known.sorted()) else {
                unknown = unknown ?? option
                continue
            }
            return ValidationError("there is no option \(option); \(question)")
        }
        // The parser may complain of a combination of other options first.
        if let unknown {
            let isRun = unknown == "--run" && known.contains("--architecture")
            let advice = isRun ? "--architecture takes the folder of a run" : "--help lists all of them"
            return ValidationError("there is no option \(unknown); \(advice)")
        }
        let given = arguments.prefix { $0 != "--" }
        for (option, value) in zip(given, given.dropFirst()) where known.contains(option) && value.contains(#/^-[0-9.]/#) {
            return ValidationError("\(option): found \(value), which is read as an option; write \(option)=\(value)")
        }
        return nil
    }
}
