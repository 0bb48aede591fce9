import Engine
import Testing

@Suite("Storage")
struct StorageTests {
    @Test("is zero at first and aligned to cache lines", arguments: [0, 1, 15, 16, 17, 1000])
    func start(count: Int) {
        let storage = Storage(count: count)
        #expect(storage.count == count)
        #expect(storage.values == [Float](repeating: 0, count: count))
        #expect(Int(bitPattern: storage.pointer) % 64 == 0)
    }

    @Test("gives back what was written, copied and filled")
    func values() {
        let storage = Storage([1, 2, 3]), other = Storage(count: 3)
        other.copy(from: storage)
        storage[1] = 5
        #expect(storage.values == [1, 5, 3])
        #expect(other.values == [1, 2, 3])
        other.fill(-1)
        #expect(other.values == [-1, -1, -1])
    }

    @Test("knows whether every value is a finite number")
    func finite() {
        for count in [0, 1, 17, 1000] {
            let storage = Storage((0..<count).map { Float($0) * 1e35 })
            #expect(storage.isFinite)
            for value in [Float.nan, .infinity, -.infinity] where count > 0 {
                storage[count - 1] = value
                #expect(!storage.isFinite)
            }
        }
    }
}
