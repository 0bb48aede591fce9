import CKernels
import COpenBLAS
import Glibc

/// The resources that the layers of one network share: the threads, the vector kernels of this CPU, and scratch
/// memory for each thread.
///
/// Layers reserve scratch when they are created; a step allocates nothing.
public final class ExecutionContext: @unchecked Sendable {
    public let pool: ThreadPool
    let kernels: onepath_kernels
    private var scratch: [Storage]
    private var lastOrder = Tile.Order.descending

    /// - Parameters:
    ///   - threads: how many threads a step uses.
    ///   - kernelSet: "portable", "avx2" or "avx512", on Arm "neon", to require one; nil for the one that the
    ///     environment variable `ONEPATH_KERNELS` names (see `checkKernelSet`), or the fastest that this CPU runs.
    public init(threads: Int = ThreadPool.availableCores, kernelSet: String? = nil) {
        pool = ThreadPool(threads: threads)
        kernels = vectorKernels(kernelSet)
        // Each thread of the pool calls OpenBLAS for its own rows; OpenBLAS's threads would compete with them.
        openblas_set_num_threads(1)
        scratch = (0..<threads).map { _ in Storage(count: 0) }
    }

    /// The name of the kernel set in use.
    public var kernelSet: String { String(cString: kernels.name) }

    /// Checks, before a context is made, that there is a kernel set to run with.
    ///
    /// - Throws: `KernelSetError` where the environment variable `ONEPATH_KERNELS` names a set that this CPU does not
    ///   run.
    public static func checkKernelSet() throws(KernelSetError) {
        guard onepath_kernels_chosen() == nil, let name = getenv("ONEPATH_KERNELS") else { return }
        throw KernelSetError(name: String(cString: name), available: kernelSets)
    }

    /// The kernel sets that this CPU runs, the fastest first.
    public static var kernelSets: [String] {
        sequence(state: 0) { (index: inout Int) -> String? in
            defer { index += 1 }
            return onepath_kernels_at(index).map { String(cString: $0.pointee.name) }
        }.map { $0 }
    }

    /// The order of rows for the next layer that is created.
    func nextOrder() -> Tile.Order {
        lastOrder = lastOrder.opposite
        return lastOrder
    }

    /// Reserves at least this many values of scratch for every thread.
    func reserveScratch(_ count: Int) {
        guard scratch[0].count < count else { return }
        scratch = scratch.map { _ in Storage(count: count) }
    }

    /// Adds leftᵀ · right to `sum`, [left's columns, right's columns]: the weights' gradient from rows of inputs and of
    /// output gradients.
    ///
    /// - Parameters:
    ///   - left: as many rows as `right`.
    ///   - ahead: the memory to prefetch, which is read or written next.
    func multiply(
        transposed left: Matrix, by right: Matrix, addingTo sum: UnsafeMutablePointer<Float>,
        ahead: UnsafeBufferPointer<Float> = UnsafeBufferPointer(start: nil, count: 0)
    ) {
        var product = onepath_product(
            rows: left.columns, columns: right.columns, inner: left.rows, a: left.pointer, a_row: 1,
            a_inner: left.columns, b: right.pointer, b_row: right.columns, c: sum, c_row: right.columns, accumulate: 1,
            ahead: ahead.baseAddress, ahead_count: ahead.count)
        kernels.product(&product)
    }

    /// Sums the values that the threads wrote at an offset of their scratch, in thread order.
    func sumScratch(at offset: Int, into total: Storage) {
        total.pointer.update(from: scratch[0].pointer + offset, count: total.count)
        for thread in scratch.dropFirst() {
            cblas_saxpy(Int32(total.count), 1, thread.pointer + offset, 1, total.pointer, 1)
        }
    }

    /// One thread's scratch.
    func scratch(for thread: Int) -> UnsafeMutablePointer<Float> { scratch[thread].pointer }
}

/// `c = a · b + beta · c`, row-major, one thread.
func multiply(_ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, beta: Float = 0) {
    let rows = a.isTransposed ? a.columns : a.rows, inner = a.isTransposed ? a.rows : a.columns
    let columns = b.isTransposed ? b.rows : b.columns
    cblas_sgemm(
        CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
        Int32(rows), Int32(columns), Int32(inner), 1,
        a.pointer, Int32(a.columns), b.pointer, Int32(b.columns), beta, c, Int32(columns))
}
