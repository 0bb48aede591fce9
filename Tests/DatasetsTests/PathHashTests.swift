import Datasets
import Testing

@Suite("Hash of a path")
struct PathHashTests {
    private func hash(_ text: String) -> PathHash {
        var hash = PathHash()
        for byte in text.utf8 { hash.add(byte) }
        return hash
    }

    // FNV-1a's published values of the first three, mixed with Python's integers as MurmurHash3's fmix64 does.
    @Test("is FNV-1a with the final mix of MurmurHash3", arguments: [
        ("", 0xefd0_1f60_ba99_2926), ("a", 0x82a2_a958_a9be_ce5b), ("foobar", 0x2c22_1949_22d1_672b),
        ("cat/0001.jpg", 0x8808_8dcf_073b_2502), ("größe/ü/日本 1.PNG", 0x50e0_28bf_f474_0ac3),
    ] as [(String, UInt64)])
    func values(text: String, value: UInt64) {
        #expect(hash(text).value == value)
    }

    @Test("holds out the share that is asked, of paths that differ in their last bytes alone")
    func share() {
        // As Python counts them.
        let held = (0..<10).reduce(0) { sum, folder in
            sum + (0..<10_000).count { hash("c\(folder)/\($0).jpg").isHeldOut(0.1) }
        }
        #expect(held == 9897)
        #expect((0..<40).filter { hash("cat/\($0).jpg").isHeldOut(0.25) } == [5, 9, 15, 16, 23, 25, 30, 34, 36, 37, 39])
        #expect(!hash("cat/5.jpg").isHeldOut(0))
    }
}
