import CXNNPACK
import Glibc

/// Values that XNNPACK may read from: aligned to a cache line, and with `XNN_EXTRA_BYTES` more behind them.
package final class PaddedValues<Value: BitwiseCopyable> {
    package let pointer: UnsafeMutablePointer<Value>
    package let count: Int

    package init(count: Int) {
        let bytes = count * MemoryLayout<Value>.stride + Int(XNN_EXTRA_BYTES)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
        memset(raw, 0, bytes)
        pointer = raw.bindMemory(to: Value.self, capacity: count)
        self.count = count
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }
}
