import Architectures
import HardwareProfiles

/// A runtime's own program that times models on a device: its command line, and what it prints.
public protocol RemoteRunner: Sendable {
    /// The program, on this machine.
    var path: String { get }
    /// The processors that it is bound to, as "4-7"; nil where the device's scheduler chooses.
    var cores: String? { get }
    /// What it measures with.
    var facts: RuntimeFacts { get }
    /// How the names of the models' files end.
    var modelExtension: String { get }
    /// Why it tells nothing of the operators of a model; nil where it lists them.
    var operatorProblem: String? { get }

    /// The options for one model on a device.
    ///
    /// - Parameters:
    ///   - model: its path on the device.
    ///   - network: what the model is.
    ///   - seconds: for how long it runs, about.
    ///   - eachOperator: whether the operators are listed too.
    func options(model: String, of network: Network, seconds: Double, eachOperator: Bool) -> String

    /// The latency of a run in milliseconds; nil where the text has none.
    func latencyMs(in text: String) -> Double?
}

extension RemoteRunner {
    /// The name of the program's file.
    var fileName: String { String(path.split(separator: "/").last ?? "program") }
}
