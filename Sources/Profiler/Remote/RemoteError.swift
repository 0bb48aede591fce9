/// The reason why a device at the end of a cable or of a network could not be measured, as one sentence that a person
/// can act on. What was measured before is kept.
public enum RemoteError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A program of this machine that the connection needs is not installed.
    case noProgram(String, package: String)
    /// No device is connected by adb.
    case noDevice
    /// Several devices are connected by adb, and none was chosen.
    case severalDevices([String])
    /// No connected device has the serial number.
    case unknownDevice(serial: String, connected: [String])
    /// The device does not trust this computer yet.
    case unauthorised(device: String)
    /// The device does not answer any more: unplugged, switched off, out of the network.
    case disconnected(device: String, reason: String)
    /// The device did not let us in, or could not be found at all.
    case unreachable(device: String, reason: String)
    /// A command did not end in time.
    case late(device: String, what: String, seconds: Double)
    /// No space is left for a file.
    case noSpace(device: String, directory: String, bytes: Int)
    /// A file cannot be written for another reason.
    case cannotCopy(device: String, file: String, reason: String)
    /// The runner was built for other processors.
    case wrongABI(file: String, builtFor: String, device: String, processor: String)
    /// The runner does not start, or ends with an error.
    case cannotRun(file: String, device: String, reason: String)
    /// The runner's output has no latency.
    case noLatency(file: String, device: String, output: String)
    /// The screen is off, and processors are slow then.
    case screenOff(device: String)
    /// The device has no such processors.
    case noProcessors(device: String, asked: String, count: Int)

    public var description: String {
        switch self {
        case .noProgram(let program, let package):
            "\(program) is not installed on this machine; Debian's package is \(package)"
        case .noDevice:
            "adb sees no device: connect the phone, and switch \"USB debugging\" on in its developer options"
        case .severalDevices(let serials):
            "adb sees \(serials.count) devices: choose one with --adb SERIAL, from \(serials.joined(separator: ", "))"
        case .unknownDevice(let serial, let connected):
            "adb sees no device \(serial)"
                + (connected.isEmpty ? ", and no other one" : "; connected: \(connected.joined(separator: ", "))")
        case .unauthorised(let device):
            "\(device) does not trust this computer yet: unlock its screen and allow USB debugging there"
        case .disconnected(let device, let reason):
            "\(device) does not answer any more (\(reason)): connect it again; the same command goes on from there"
        case .unreachable(let device, let reason):
            "cannot log in to \(device): \(reason)"
        case .late(let device, let what, let seconds):
            "\(device): \(what) did not end within \(Int(seconds)) seconds"
        case .noSpace(let device, let directory, let bytes):
            "\(device) has no space left in \(directory) for a file of \(bytes) bytes"
        case .cannotCopy(let device, let file, let reason):
            "cannot copy \(file) to \(device): \(reason)"
        case .wrongABI(let file, let builtFor, let device, let processor):
            "\(file) is built for \(builtFor), and \(device) has \(processor): expected a build for that"
        case .cannotRun(let file, let device, let reason):
            "\(file) does not run on \(device): \(reason)"
        case .noLatency(let file, let device, let output):
            "\(file) on \(device) printed no \"Inference (avg): …\": expected TensorFlow Lite's benchmark_model, found "
                + (output.isEmpty ? "no output" : "\"\(output)\"")
        case .screenOff(let device):
            "the screen of \(device) is off and does not turn on, and phones slow down then: unlock it, and keep it on "
                + "(\"Stay awake\" in its developer options)"
        case .noProcessors(let device, let asked, let count):
            "--cores \(asked): \(device) has processors 0 to \(count - 1): expected numbers of these, or ranges such as "
                + "0-\(count - 1)"
        }
    }
}
