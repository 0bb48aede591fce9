import Architectures
import CXNNPACK

/// The kernels of XNNPACK for one data type: an operator that is prepared, weights packed, activation fused where
/// possible.
package protocol XNNPACKKernels {
    associatedtype Value: BitwiseCopyable
    /// Weights and what else an operator needs.
    associatedtype Constants

    /// A value to measure with.
    static func sample(_ index: Int) -> Value

    /// - Throws: `ProfilingError.rejected`, and `.unavailable` where the library does not run at all.
    init(_ step: Operator, weights: Constants) throws

    /// Binds the operator to the memory it reads and writes; `second` is the other summand of `add`, or the factors of
    /// `multiply`, one for each channel, and `scratch` has room for `scratchCount(of:)` values.
    ///
    /// All memory must be readable for `XNN_EXTRA_BYTES` more.
    ///
    /// - Throws: `ProfilingError.rejected`.
    func setUp(
        input: UnsafePointer<Value>, second: UnsafePointer<Value>?, scratch: UnsafeMutablePointer<Value>?,
        output: UnsafeMutablePointer<Value>, threads: pthreadpool_t?
    ) throws

    /// Computes the output.
    ///
    /// - Throws: `ProfilingError.rejected`.
    func run(threads: pthreadpool_t?) throws
}

extension XNNPACKKernels {
    /// The number of scratch values that an operator's activation needs.
    package static func scratchCount(of step: Operator) -> Int { step.activation == .swish ? step.output.count : 0 }
}

/// What XNNPACK made for an operator: the operator itself, followed by the operators of an activation that it does not
/// fuse.
final class XNNPACKHandles {
    private let key: String
    private var handles: [OpaquePointer] = []

    /// - Throws: `ProfilingError.unavailable`.
    init(_ step: Operator) throws {
        try XNNPACKRuntime.initialize()
        key = step.key
    }

    deinit { for handle in handles { xnn_delete_operator(handle) } }

    subscript(_ index: Int) -> OpaquePointer { handles[index] }

    /// Adds what `body` creates.
    ///
    /// - Throws: `ProfilingError.rejected`.
    func create(_ call: String, _ body: (inout OpaquePointer?) -> xnn_status) throws {
        var handle: OpaquePointer?
        try check(body(&handle), call)
        if let handle { handles.append(handle) }
    }

    /// - Throws: `ProfilingError.rejected`.
    func run(threads: pthreadpool_t?) throws {
        for handle in handles { try check(xnn_run_operator(handle, threads), "run") }
    }

    /// - Throws: `ProfilingError.rejected`.
    func check(_ status: xnn_status, _ call: String) throws {
        if status == xnn_status_success { return }
        throw rejection("\(call): \(XNNPACKRuntime.words(for: status))")
    }

    func rejection(_ reason: String) -> ProfilingError {
        .rejected(operator: key, runtime: XNNPACKRuntime.name, reason: reason)
    }
}

extension Array {
    /// The transpose of a matrix of so many columns, row by row.
    func transposed(columns: Int) -> [Element] {
        let rows = count / columns
        return [Element](unsafeUninitializedCapacity: count) { result, written in
            for column in 0..<columns {
                for row in 0..<rows { result.initializeElement(at: column * rows + row, to: self[row * columns + column]) }
            }
            written = count
        }
    }
}
