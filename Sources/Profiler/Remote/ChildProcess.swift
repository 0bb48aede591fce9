import Foundation

/// A program of this machine, run to its end or to a deadline, with its output in memory.
enum ChildProcess {
    struct Outcome: Hashable, Sendable {
        /// The exit status; nil where the program was stopped at the deadline.
        let status: Int32?
        let output: String
        let error: String

        /// The last line of the errors that is not empty, else of the output: what programs end on.
        var lastLine: String {
            for text in [error, output] {
                if let line = text.split(whereSeparator: \.isNewline).last(where: { $0.contains { !$0.isWhitespace } }) {
                    return String(line.prefix(300))
                }
            }
            return ""
        }
    }

    /// Far more than any report.
    private static let outputLimit = 8 << 20

    /// The path of a program among the folders of PATH; nil where there is none.
    static func path(of program: String) -> String? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return folders.lazy.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    /// - Parameters:
    ///   - path: of the program.
    ///   - input: of a file that it reads from its standard input; nothing if nil.
    ///   - seconds: after which it is stopped.
    /// - Throws: `FileError.cannotWrite` where its output has no place, and what the system says where it does not start.
    static func run(_ path: String, _ arguments: [String], input: String? = nil, seconds: Double) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        if let input {
            process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input))
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        // Into files: programs that stay behind, such as a shared ssh connection, would keep a pipe open.
        let output = try temporaryFile(), error = try temporaryFile()
        process.standardOutput = output
        process.standardError = error
        try process.run()
        let end = ContinuousClock.now + .seconds(seconds)
        while process.isRunning, ContinuousClock.now < end { usleep(5000) }
        let isLate = process.isRunning
        if isLate { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return Outcome(
            status: isLate ? nil : process.terminationStatus, output: try text(of: output), error: try text(of: error))
    }

    /// A file without a name, which ends with its handle.
    private static func temporaryFile() throws -> FileHandle {
        let (descriptor, path) = try LocalFile.make(FileManager.default.temporaryDirectory.path + "/onepath")
        unlink(path)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    private static func text(of file: FileHandle) throws -> String {
        try file.seek(toOffset: 0)
        return String(decoding: try file.read(upToCount: outputLimit) ?? Data(), as: UTF8.self)
    }
}
