/// A device on which commands run, and to which files are copied.
///
///     let phone = try ADBShell(serial: nil)
///     print(try phone.run("uname -m", seconds: 10).text)
public protocol RemoteShell {
    /// For people: "the device 8A2X1EFGH", "pi@board".
    var name: String { get }
    /// A directory on the device for files that may be run: "/data/local/tmp".
    var directory: String { get }
    /// Whether the device is an Android phone, with a screen and Android's own commands.
    var isAndroid: Bool { get }

    /// Runs a command in the device's shell.
    ///
    /// - Parameter seconds: after which the command counts as hanging.
    /// - Throws: `RemoteError` where the device does not answer; a command that fails is an output with its status.
    func run(_ command: String, seconds: Double) throws -> RemoteOutput

    /// Copies a file of this machine to a path on the device, and makes it executable.
    ///
    /// - Throws: `RemoteError`, and nothing is left of the file.
    func push(_ path: String, to destination: String) throws
}

/// What a command printed, and its exit status.
public struct RemoteOutput: Hashable, Sendable {
    /// Both output and errors.
    public let text: String
    public let status: Int

    public init(text: String, status: Int) {
        self.text = text
        self.status = status
    }

    /// A command that prints its status after its output. If the line is missing, the connection was lost; and adb of
    /// Android before 7 has no other way to tell a status.
    static func marked(_ command: String) -> String { "( \(command) ) 2>&1; s=$?; echo; echo \"onepath-status $s\"" }

    /// The output of a marked command; nil where its last line is missing.
    package init?(marked text: String) {
        let lines = text.replacing("\r\n", with: "\n")
        guard let mark = lines.ranges(of: "\nonepath-status ").last,
            let status = Int(lines[mark.upperBound...].prefix(while: \.isNumber))
        else { return nil }
        self.init(text: String(lines[..<mark.lowerBound]), status: status)
    }

    /// The text in one line for a message.
    package var brief: String {
        let line = text.split(whereSeparator: \.isNewline).last { $0.contains { !$0.isWhitespace } } ?? ""
        if line.isEmpty { return "it ended with status \(status) and printed nothing" }
        // A shell tells of a signal by a status above 128; what was printed before is no reason then.
        return String(line.prefix(200)) + (status > 128 ? " (it was ended by signal \(status - 128))" : "")
    }
}

extension RemoteShell {
    /// What a command printed, without the last line's end.
    ///
    /// - Throws: `RemoteError`, also where the command fails.
    func text(of command: String, seconds: Double = 15) throws -> String {
        let output = try run(command, seconds: seconds)
        guard output.status == 0 else {
            throw RemoteError.cannotRun(file: command, device: name, reason: output.brief)
        }
        return output.text
    }
}

extension String {
    /// The text as one word of a POSIX shell.
    var quotedForShell: String { "'" + replacing("'", with: "'\\''") + "'" }
}
