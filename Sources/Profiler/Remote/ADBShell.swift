/// A phone or board that the Android Debug Bridge reaches, by cable or by network.
public struct ADBShell: RemoteShell {
    public let name: String
    public var directory: String { "/data/local/tmp" }
    public var isAndroid: Bool { true }
    private let program: String
    private let serial: String

    /// - Parameter serial: of the device, as `adb devices` lists it; nil for the only one.
    /// - Throws: `RemoteError` where adb is not installed, or does not see the device, or it does not trust this
    ///   computer.
    public init(serial: String?) throws {
        guard let program = ChildProcess.path(of: "adb") else { throw RemoteError.noProgram("adb", package: "adb") }
        self.program = program
        let listed = try ChildProcess.run(program, ["devices"], seconds: 30)
        guard listed.status == 0 else {
            throw RemoteError.unreachable(device: serial ?? "the phone", reason: "adb devices: \(listed.lastLine)")
        }
        let devices = Self.devices(in: listed.output)
        let device: (serial: String, state: String)
        if let serial {
            guard let found = devices.first(where: { $0.serial == serial }) else {
                throw RemoteError.unknownDevice(serial: serial, connected: devices.map(\.serial))
            }
            device = found
        } else {
            guard devices.count == 1 else {
                throw devices.isEmpty ? RemoteError.noDevice : .severalDevices(devices.map(\.serial))
            }
            device = devices[0]
        }
        self.serial = device.serial
        name = "the device \(device.serial)"
        switch device.state {
        case "device": break
        case "unauthorized": throw RemoteError.unauthorised(device: name)
        case "offline": throw RemoteError.disconnected(device: name, reason: "adb lists it as offline")
        case let state: throw RemoteError.unreachable(device: name, reason: "adb lists it as \(state)")
        }
    }

    /// The lines "SERIAL<tab>STATE" that `adb devices` prints after its title.
    package static func devices(in text: String) -> [(serial: String, state: String)] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let parts = line.split(separator: "\t", maxSplits: 1)
            guard parts.count == 2, !line.hasPrefix("*") else { return nil }
            return (String(parts[0]), String(parts[1]))
        }
    }

    public func run(_ command: String, seconds: Double) throws -> RemoteOutput {
        let outcome = try ChildProcess.run(
            program, ["-s", serial, "shell", RemoteOutput.marked(command)], seconds: seconds)
        if let output = RemoteOutput(marked: outcome.output) { return output }
        throw failure(outcome, of: command, seconds: seconds)
    }

    public func push(_ path: String, to destination: String) throws {
        let outcome = try ChildProcess.run(program, ["-s", serial, "push", path, destination], seconds: 300)
        if outcome.status == 0 {
            _ = try run("chmod 755 \(destination.quotedForShell)", seconds: 15)
            return
        }
        let text = outcome.error + outcome.output
        if text.contains("No space left") {
            _ = try? run("rm -f \(destination.quotedForShell)", seconds: 15)
            throw RemoteError.noSpace(device: name, directory: directory, bytes: LocalFile.size(of: path))
        }
        if text.contains("failed to copy") || text.contains("cannot stat") {
            // A phone that was unplugged meanwhile fails to copy too, and says so now.
            _ = try run("true", seconds: 15)
            throw RemoteError.cannotCopy(device: name, file: path, reason: outcome.lastLine)
        }
        throw failure(outcome, of: "copying \(path)", seconds: 300)
    }

    /// What adb says where a command did not come to its end.
    private func failure(_ outcome: ChildProcess.Outcome, of what: String, seconds: Double) -> RemoteError {
        let text = outcome.error + outcome.output
        if outcome.status == nil { return .late(device: name, what: String(what.prefix(100)), seconds: seconds) }
        if text.contains("unauthorized") { return .unauthorised(device: name) }
        return .disconnected(device: name, reason: outcome.lastLine.isEmpty ? "adb ended" : outcome.lastLine)
    }
}
