import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath help, version and completion")
struct HelpTests {
    @Test("--version prints the version alone")
    func version() throws {
        let outcome = try Program.run(["--version"])
        #expect(outcome.status == 0 && outcome.error == "")
        #expect(outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(outcome.output)")
    }

    @Test("help lists every command, and explains each of them")
    func help() throws {
        let program = try CommandHelp.program()
        let overview = try Program.run(["help"])
        #expect(overview.status == 0)
        #expect(program.leaves.count >= 15)
        for command in program.subcommands {
            #expect(overview.output.contains("\n  \(command.name) "), "\(command.name)")
        }
        for command in program.leaves {
            #expect(!command.abstract.isEmpty && command.arguments.allSatisfy { !$0.explanation.isEmpty }, "\(command.name)")
            let words = command.name.split(separator: " ").map(String.init)
            let page = try Program.run(["help"] + words)
            #expect(page.status == 0 && page.error == "")
            #expect(page.output.hasPrefix("OVERVIEW: ") && page.output.contains("USAGE: onepath \(command.name)"))
            for line in page.output.split(separator: "\n") { #expect(line.count <= 80, "\(command.name): \(line)") }
            #expect(try Program.run(words + ["--help"]).output == page.output)
        }
    }

    @Test("writes the completion of a shell, with every command and its options", arguments: [
        ("bash", "complete -o filenames -F _onepath onepath"), ("zsh", "#compdef onepath"), ("fish", "complete -c 'onepath'"),
    ])
    func completion(shell: String, line: String) throws {
        let outcome = try Program.run(["--generate-completion-script", shell])
        #expect(outcome.status == 0 && outcome.error == "")
        #expect(outcome.output.contains(line))
        for command in try CommandHelp.program().leaves {
            for word in command.name.split(separator: " ") { #expect(outcome.output.contains(word)) }
            for argument in command.arguments {
                let name = argument.synopsis.prefix { $0 != " " }
                if name.hasPrefix("--") { #expect(outcome.output.contains(name.dropFirst(2)), "\(shell): \(name)") }
            }
        }
    }

    @Test("the completion for bash is one that bash can read, and completes commands")
    func bash() throws {
        let directory = try TemporaryDirectory()
        let script = try directory.write(
            Array(Program.run(["--generate-completion-script", "bash"]).output.utf8), to: "completion.bash")
        let completing = """
            source "$0" && COMP_WORDS=(onepath est) && COMP_CWORD=1 && COMP_LINE='onepath est' && COMP_POINT=11 \
            && _onepath onepath est onepath && printf '%s\\n' "${COMPREPLY[@]}"
            """
        for (arguments, output) in [(["-n", script], ""), (["-c", completing, script], "estimate\n")] {
            let process = Process(), pipe = Pipe()
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = arguments
            process.standardOutput = pipe
            process.standardError = pipe
            try process.run()
            let data = try pipe.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
            #expect(String(decoding: data, as: UTF8.self) == output)
        }
    }
}
