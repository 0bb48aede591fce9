/// The environment names a kernel set that this CPU does not run, as one sentence.
public struct KernelSetError: Error, Equatable, CustomStringConvertible {
    public let name: String
    /// The sets that this CPU runs, the fastest first.
    public let available: [String]

    public var description: String {
        "ONEPATH_KERNELS: expected a kernel set that this CPU runs (\(available.joined(separator: ", "))), found \"\(name)\""
    }
}
