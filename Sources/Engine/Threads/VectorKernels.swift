import CKernels

/// The vector kernels of a set. A program checks first that there are some: `ExecutionContext.checkKernelSet`.
///
/// - Parameter name: as of `ExecutionContext`, a set that this CPU runs; nil for the usual one.
package func vectorKernels(_ name: String?) -> onepath_kernels {
    guard let kernels = name.map({ onepath_kernels_named($0) }) ?? onepath_kernels_chosen() else {
        fatalError("vectorKernels: this CPU does not run the requested kernel set")
    }
    return kernels.pointee
}
