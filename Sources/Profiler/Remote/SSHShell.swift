import Foundation

/// A board or computer that ssh reaches, with OpenSSH's own configuration, keys and known hosts. It never asks for a
/// password. One connection serves all commands.
public final class SSHShell: RemoteShell {
    public let name: String
    public var directory: String { "/tmp" }
    public var isAndroid: Bool { false }
    private let program: String
    private let destination: String
    /// Holds the socket of the shared connection.
    private let folder: String

    /// - Parameter destination: as for ssh: a host of its configuration, "user@host", or "ssh://user@host:port".
    /// - Throws: `RemoteError` where ssh is not installed, or does not log in.
    public init(destination: String) throws {
        guard let program = ChildProcess.path(of: "ssh") else {
            throw RemoteError.noProgram("ssh", package: "openssh-client")
        }
        self.program = program
        self.destination = destination
        name = destination
        // The path of a socket may have about a hundred letters at most, which other temporary folders may exceed.
        folder = try LocalFile.makeFolder("/tmp/onepath-ssh")
        do {
            _ = try run("true", seconds: 30)
        } catch RemoteError.disconnected(let device, let reason) {
            // It never answered.
            throw RemoteError.unreachable(device: device, reason: reason)
        }
    }

    deinit {
        _ = try? ChildProcess.run(program, options + ["-O", "exit", destination], seconds: 10)
        rmdir(folder)
    }

    private var options: [String] {
        [
            "-o", "BatchMode=yes", "-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=5",
            "-o", "ServerAliveCountMax=3", "-o", "ControlMaster=auto", "-o", "ControlPath=\(folder)/s",
            "-o", "ControlPersist=60",
        ]
    }

    public func run(_ command: String, seconds: Double) throws -> RemoteOutput {
        try run(command, input: nil, seconds: seconds)
    }

    private func run(_ command: String, input: String?, seconds: Double) throws -> RemoteOutput {
        let outcome = try ChildProcess.run(
            program, options + ["--", destination, RemoteOutput.marked(command)], input: input, seconds: seconds)
        if let output = RemoteOutput(marked: outcome.output) { return output }
        guard outcome.status != nil else {
            throw RemoteError.late(device: name, what: String(command.prefix(100)), seconds: seconds)
        }
        let text = outcome.error
        // What ssh prints where it never came in; else the connection broke.
        let refusals = [
            "Permission denied", "Host key verification failed", "Could not resolve", "Connection refused", "No route",
            "timed out", "Network is unreachable", "Bad configuration",
        ]
        if refusals.contains(where: text.contains) {
            let advice =
                text.contains("Permission denied")
                ? "; expected a key that needs no password, as after ssh-copy-id"
                : text.contains("Host key") ? "; log in once by hand to see and accept the device's key" : ""
            throw RemoteError.unreachable(device: name, reason: outcome.lastLine + advice)
        }
        throw RemoteError.disconnected(device: name, reason: outcome.lastLine.isEmpty ? "ssh ended" : outcome.lastLine)
    }

    public func push(_ path: String, to destination: String) throws {
        let target = destination.quotedForShell
        let output = try run("cat > \(target) && chmod 755 \(target) && wc -c < \(target)", input: path, seconds: 300)
        let bytes = LocalFile.size(of: path)
        if output.status == 0, Int(output.text.filter { !$0.isWhitespace }) == bytes { return }
        _ = try? run("rm -f \(target)", seconds: 15)
        throw output.text.contains("No space left")
            ? RemoteError.noSpace(device: name, directory: directory, bytes: bytes)
            : .cannotCopy(device: name, file: path, reason: output.brief)
    }
}
