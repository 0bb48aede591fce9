import Datasets
import Testing

@Suite("The share that is kept for validation")
struct HoldoutTests {
    @Test("is decided by a hash with known values")
    func hash() {
        // Computed in Python, from FNV-1a's and SplitMix64's definitions.
        #expect(Holdout.hash("".utf8) == 0xF52A15E9A9B5E89B)
        #expect(Holdout.hash("cats/one.jpg".utf8) == 0x708FA1BB05F29FA5)
        #expect(Holdout.hash("Äffin/ö.png".utf8) == 0xC461A7385856EBAD)
    }

    @Test("is as large as it says, also of names that differ little", arguments: [0.05, 0.1, 0.5, 0.9])
    func share(_ share: Double) {
        let holdout = Holdout(share: share), count = 20_000
        let kept = (0..<count).count { holdout.keeps("class/\($0).jpg".utf8) }
        let std = (share * (1 - share) * Double(count)).squareRoot()
        #expect(abs(Double(kept) - share * Double(count)) < 5 * std)
    }
}
