import CKernels

/// The vector kernels of a set.
///
/// - Parameter name: as of `ExecutionContext`; nil for the usual one.
/// - Returns: nil where this CPU does not run the set.
package func vectorKernels(_ name: String?) -> onepath_kernels? {
    (name.map { onepath_kernels_named($0) } ?? onepath_kernels_chosen())?.pointee
}
