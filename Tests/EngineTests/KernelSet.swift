import CKernels
import Engine
import Testing

/// The vector kernels compiled for one instruction set.
struct KernelSet: @unchecked Sendable, CustomTestStringConvertible {
    let functions: onepath_kernels
    var name: String { String(cString: functions.name) }
    var testDescription: String { name }

    /// The sets that this CPU runs, the one that every CPU of its architecture runs first.
    static let all: [KernelSet] = ExecutionContext.kernelSets.reversed().compactMap { (name: String) in
        onepath_kernels_named(name).map { KernelSet(functions: $0.pointee) }
    }
}
