import ArgumentParser
import Files

/// A command that there is not, and the one that was meant.
enum UnknownCommand {
    /// nil where all commands are known, and where none is near what was typed.
    ///
    /// - Parameter arguments: without the program.
    static func error(in arguments: [String], of root: any ParsableCommand.Type) -> ValidationError? {
        var commands = subcommands(of: root)
        for argument in arguments {
            if commands.isEmpty || argument.hasPrefix("-") || argument == "help" { return nil }
            if let known = commands[argument] {
                commands = subcommands(of: known)
            } else {
                let question = NearestText.question(on: argument, among: commands.keys.sorted() + ["help"])
                return question.map { ValidationError("there is no command \(argument); \($0)") }
            }
        }
        return nil
    }

    /// By their names.
    private static func subcommands(of command: any ParsableCommand.Type) -> [String: any ParsableCommand.Type] {
        var commands: [String: any ParsableCommand.Type] = [:]
        for subcommand in command.configuration.subcommands {
            if let name = subcommand.configuration.commandName { commands[name] = subcommand }
        }
        return commands
    }
}
