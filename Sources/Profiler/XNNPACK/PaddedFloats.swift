import CXNNPACK
import Glibc

/// Float32 values that XNNPACK may read from: aligned to a cache line, and with `XNN_EXTRA_BYTES` more behind them.
package final class PaddedFloats {
    package let pointer: UnsafeMutablePointer<Float>
    package let count: Int

    package init(count: Int) {
        let bytes = count * MemoryLayout<Float>.stride + Int(XNN_EXTRA_BYTES)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        memset(raw, 0, bytes)
        pointer = raw.bindMemory(to: Float.self, capacity: count)
        self.count = count
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
