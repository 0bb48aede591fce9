import Architectures
import Files

/// What runs networks: an inference runtime on this machine, with a number of threads.
public protocol InferenceRuntime {
    var facts: RuntimeFacts { get }

    /// Makes a network ready to run on one image at a time: weights packed, memory laid out.
    ///
    /// - Throws: `ProfilingError.rejected` for an operator that the runtime does not take.
    func prepare(_ network: Network) throws -> any PreparedNetwork
}

/// A network that an inference runtime has made ready.
public protocol PreparedNetwork: AnyObject {
    /// Runs the operators of all layers once, in order, and calls `mark` after each.
    func run(mark: () -> Void) throws
}

/// What is known of an inference runtime.
public struct RuntimeFacts: Hashable, Sendable {
    /// "xnnpack".
    public let name: String
    /// nil where it does not tell.
    public let version: String?
    public let threads: Int

    public init(name: String, version: String?, threads: Int) {
        self.name = name
        self.version = version
        self.threads = threads
    }

    public var json: JSON {
        [
            "name": .string(name), "version": version.map(JSON.string) ?? .null, "threads": .integer(threads),
        ]
    }
}
