import COpenBLAS
import Glibc

/// The limits of this machine, measured: arithmetic by large matrix products, memory by a stream that no cache holds.
///
/// No pass of a layer can take less time than the larger of its arithmetic at the one and its bytes at the other
/// (Williams, Waterman and Patterson, 2009, "Roofline").
public struct Roofline: Hashable, Sendable {
    /// Floating-point operations a second, a multiply-accumulate being two.
    public let flopsPerSecond: Double
    /// Read and written.
    public let bytesPerSecond: Double

    /// Measures with the context's threads, for about a second; the fastest of several rounds counts.
    public init(context: ExecutionContext) {
        let side = 1024, threads = context.pool.threads
        let left = Storage(count: side * side), right = Storage(count: side * side)
        let products = (0..<threads).map { _ in Storage(count: side * side) }
        let product = Self.fastest(of: 7) {
            context.pool.run { thread in
                multiply(
                    Matrix(left.pointer, rows: side, columns: side), Matrix(right.pointer, rows: side, columns: side),
                    into: products[thread].pointer)
            }
        }
        flopsPerSecond = 2 * Double(threads * side * side * side) / product

        // Far more than any cache holds.
        let count = 1 << 25
        let arrays = (0..<3).map { _ in Storage(count: count) }
        let ones = Storage(count: FeatureMap.period(of: 1))
        ones.fill(1)
        let stream = Self.fastest(of: 5) {
            context.pool.run { thread in
                let range = context.pool.share(of: count, for: thread, grain: 1024)
                context.kernels.affine_add(
                    range.count, ones.count, arrays[0].pointer + range.lowerBound, ones.pointer, ones.pointer,
                    arrays[1].pointer + range.lowerBound, arrays[2].pointer + range.lowerBound)
            }
        }
        bytesPerSecond = Double(arrays.count * count * MemoryLayout<Float>.stride) / stream
    }

    /// The least time that the work can take, in seconds.
    public func seconds(for work: Work) -> Double { max(arithmeticSeconds(for: work), memorySeconds(for: work)) }

    /// Whether memory, not arithmetic, is what limits the work.
    public func isMemoryBound(_ work: Work) -> Bool { memorySeconds(for: work) > arithmeticSeconds(for: work) }

    private func arithmeticSeconds(for work: Work) -> Double { 2 * Double(work.macs) / flopsPerSecond }
    private func memorySeconds(for work: Work) -> Double { Double(work.bytes) / bytesPerSecond }

    private static func fastest(of rounds: Int, _ body: () -> Void) -> Double {
        (0..<rounds).map { _ in ContinuousClock().measure(body) / .seconds(1) }.min() ?? .infinity
    }
}
