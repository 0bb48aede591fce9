import Files
import Foundation
import TestSupport

/// The built program, run as a user runs it.
struct Program {
    /// What a run came to.
    struct Outcome {
        let status: Int32
        /// Whether a signal ended it.
        let isKilled: Bool
        let output: String
        let error: String

        /// The output as a JSON document.
        func json() throws -> JSON { try JSON(parsing: output, path: "standard output") }
    }

    /// Beside the test program.
    private static let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        .appendingPathComponent("onepath").path

    /// - Parameters:
    ///   - directory: where it runs; the project's top folder if nil.
    ///   - fileLimit: the size that no file may grow beyond, in KiB; nil for none.
    ///   - environment: what is set beside the test program's own.
    ///   - signal: what the program gets once the condition holds, and half a minute later, if it still runs, SIGKILL.
    ///   - condition: looked at every two milliseconds.
    static func run(
        _ arguments: [String], in directory: String? = nil, fileLimit: Int? = nil,
        environment: [String: String] = [:], signal: Int32 = SIGINT, interruptWhen condition: (() throws -> Bool)? = nil
    ) throws -> Outcome {
        let temporary = try TemporaryDirectory()
        let process = Process()
        process.executableURL = URL(fileURLWithPath: fileLimit == nil ? path : "/bin/sh")
        // The shell counts in blocks of 512 bytes.
        let limited = ["-c", "ulimit -f \(2 * (fileLimit ?? 0)); exec \"$0\" \"$@\"", path]
        process.arguments = fileLimit == nil ? arguments : limited + arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory ?? ShippedFiles.root)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // Into files: a pipe that nobody empties would stop the program.
        let streams = try ["output", "error"].map { name in
            try FileHandle(forWritingTo: URL(fileURLWithPath: temporary.write([], to: name)))
        }
        process.standardOutput = streams[0]
        process.standardError = streams[1]
        try process.run()
        if let condition {
            while process.isRunning, try !condition() { usleep(2000) }
            if process.isRunning { kill(process.processIdentifier, signal) }
            let end = ContinuousClock.now + .seconds(30)
            while process.isRunning, ContinuousClock.now < end { usleep(2000) }
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        }
        process.waitUntilExit()
        func text(_ name: String) throws -> String { try String(contentsOfFile: temporary.file(name), encoding: .utf8) }
        return Outcome(
            status: process.terminationStatus, isKilled: process.terminationReason == .uncaughtSignal,
            output: try text("output"), error: try text("error"))
    }
}
