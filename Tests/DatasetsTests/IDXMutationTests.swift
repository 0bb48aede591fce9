import Datasets
import Files
import Testing
import TestSupport

/// Copies of IDX files with extreme headers, and with damaged bytes, plain and gzip.
@Suite("Mutated IDX files")
struct IDXMutationTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private static let extremes: [UInt32] = [0, 1, 2, 3, 4, 8192, 8193, 65_535, 65_536, 1 << 24, 1 << 31, .max - 1, .max]

    /// A header with one to three sides that are extreme, and sometimes another magic number, before so many values.
    private func sketch(_ random: inout SeededRandom, sides: [UInt32], values: Int) -> [UInt8] {
        var sides = sides
        for _ in 0..<random.integer(in: 1...3) {
            switch random.below(8) {
            case 0: sides.append(random.element(of: Self.extremes))
            case 1 where !sides.isEmpty: sides.removeLast()
            default:
                if sides.isEmpty { continue }
                sides[random.below(sides.count)] = random.element(of: Self.extremes)
            }
        }
        var bytes = idx(dimensions: sides, values: [UInt8](repeating: 3, count: values))
        if random.below(10) == 0 {
            bytes[random.below(4)] = random.element(of: [0, 1, 3, 8, 13, 255])
        }
        return random.bool() ? gzip(bytes) : bytes
    }

    @Test("of images are read or refused")
    func images() throws {
        let whole = idx(dimensions: [2, 3, 4], values: Array(0..<24))
        let makes: [(inout SeededRandom) -> [UInt8]] = [
            { sketch(&$0, sides: [2, 3, 4], values: 24) }, { Mutations.damaged(whole, &$0) },
            { Mutations.damaged(gzip(whole), &$0) },
        ]
        for (index, make) in makes.enumerated() {
            let found = try Mutations(at: directory.file("i"), seed: UInt64(index), make: make) {
                let images = try IDXFile.images(at: $0)
                #expect(images.pixels.count == images.count * images.shape.count)
            }
            #expect(found.unnamed.isEmpty && found.refused > Mutations.rounds / 4, "\(found.unnamed.first ?? "")")
        }
    }

    @Test("of labels are read or refused")
    func labels() throws {
        let whole = idx(dimensions: [9], values: Array(0..<9))
        let makes: [(inout SeededRandom) -> [UInt8]] = [
            { sketch(&$0, sides: [9], values: 9) }, { Mutations.damaged(whole, &$0) },
            { Mutations.damaged(gzip(whole), &$0) },
        ]
        for (index, make) in makes.enumerated() {
            let found = try Mutations(at: directory.file("l"), seed: UInt64(10 + index), make: make) {
                let labels = try IDXFile.labels(at: $0, classes: 10)
                #expect(labels.allSatisfy { $0 < 10 })
            }
            #expect(found.unnamed.isEmpty && found.refused > Mutations.rounds / 4, "\(found.unnamed.first ?? "")")
        }
    }
}
