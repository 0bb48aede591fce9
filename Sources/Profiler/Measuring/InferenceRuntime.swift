import Architectures
import Files
import HardwareProfiles

/// An inference runtime on this machine that runs networks, with a number of threads.
public protocol InferenceRuntime {
    var facts: RuntimeFacts { get }

    /// Prepares a network to run on one image at a time: packs weights and allocates memory.
    ///
    /// - Throws: `ProfilingError.rejected` for an operator that the runtime does not support.
    func prepare(_ network: Network) throws -> any PreparedNetwork
}

/// A network that an inference runtime has prepared.
public protocol PreparedNetwork: AnyObject {
    /// Runs the operators of all layers once, in order, and calls `mark` after each.
    func run(mark: () -> Void) throws
}

/// Facts about an inference runtime.
public struct RuntimeFacts: Hashable, Sendable {
    /// "xnnpack".
    public let name: String
    /// nil where it is not known.
    public let version: String?
    public let threads: Int
    /// Of weights and maps.
    public let dataType: Runtime.DataType

    public init(name: String, version: String?, threads: Int, dataType: Runtime.DataType = .float32) {
        self.name = name
        self.version = version
        self.threads = threads
        self.dataType = dataType
    }

    public var json: JSON {
        [
            "name": .string(name), "version": version.map(JSON.string) ?? .null, "threads": .integer(threads),
            "data_type": .string(dataType.rawValue),
        ]
    }
}
