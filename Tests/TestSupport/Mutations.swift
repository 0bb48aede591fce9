import Files
import Foundation

/// Damaged copies of files, read one after the other: each must be read, or refused with a sentence that names it.
public struct Mutations {
    /// Of every kind of file.
    public static let rounds = 10_000

    /// How many copies were refused.
    public private(set) var refused = 0
    /// The seconds that reading one copy took at most.
    public private(set) var longest = 0.0
    /// The sentences that do not name the file, with their rounds.
    public private(set) var unnamed: [String] = []

    /// Reads copies at `path`.
    ///
    /// - Parameters:
    ///   - seed: of the damage.
    ///   - make: the bytes of a copy.
    ///   - read: throws `FileError` where it refuses a copy.
    public init(
        at path: String, seed: UInt64, make: (inout SeededRandom) throws -> [UInt8], read: (String) throws -> Void
    ) throws {
        var random = SeededRandom(seed: seed)
        for round in 0..<Self.rounds {
            try Self.replace(path, by: make(&random))
            var failure: (any Error)?
            let seconds = Processor.seconds {
                do { try read(path) } catch { failure = error }
            }
            longest = max(longest, seconds)
            guard let failure else { continue }
            guard let error = failure as? FileError else { throw failure }
            refused += 1
            if !error.description.contains(path) { unnamed.append("round \(round): \(error)") }
        }
    }

    /// Writes a file anew: one that is cut off and written again is brought to the disk each time.
    public static func replace(_ path: String, by bytes: [UInt8]) throws {
        unlink(path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    /// A copy with a few bytes flipped, replaced, removed, repeated or cut off.
    public static func damaged(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            // Half of the damage at the start, where structure is dense.
            let end = Bool.random(using: &random) ? min(bytes.count, 600) : bytes.count
            let at = Int.random(in: 0..<end, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0, 1: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 2: bytes[at] = [0, 0xff, 0x7f, 0x80, 0x22, 0x7b, 0x30].randomElement(using: &random)!
            case 3: bytes[at] = .random(in: 0...255, using: &random)
            case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...16, using: &random)))
            case 5:
                let part = bytes[at..<min(bytes.count, at + Int.random(in: 1...64, using: &random))]
                bytes.insert(contentsOf: part, at: Int.random(in: 0...bytes.count, using: &random))
            default: bytes.removeSubrange(at...)
            }
        }
        return bytes
    }

    /// Integers at which arithmetic goes wrong.
    public static let integers = [
        0, 1, -1, 2, 3, 64, 65, 255, 65_535, 65_536, 1 << 20, Int(Int32.max), 1 << 31, -(1 << 31), 1 << 32, 1 << 40,
        1 << 62, .max - 1, .max, .min, .min + 1,
    ]

    /// Numbers at which arithmetic goes wrong and that have a JSON text.
    public static let numbers: [JSON] = [
        0, -1, 1, 0.5, .number(.leastNormalMagnitude / 4096), .number(.leastNonzeroMagnitude), 1e-45, 1e-38,
        .number(-.leastNonzeroMagnitude), 1e300, -1e300, 1.7e308, 1e38, 3.5e38, -0.0, .integer(.max), .integer(.min),
    ]
}

extension JSON {
    /// A copy in which one value, drawn among all of them, is replaced, removed, repeated or renamed.
    public func mutated(_ random: inout SeededRandom) -> JSON {
        switch self {
        case .object(var members) where !members.isEmpty && Int.random(in: 0..<12, using: &random) > 0:
            let index = Int.random(in: 0..<members.count, using: &random)
            switch Int.random(in: 0..<24, using: &random) {
            case 0: members.remove(at: index)
            case 1: members[index].key = ["", "x", String(repeating: "n", count: 3000)].randomElement(using: &random)!
            case 2: members.append(Member(key: members[index].key + "2", value: members[index].value))
            default: members[index].value = members[index].value.mutated(&random)
            }
            return .object(members)
        case .array(var values) where !values.isEmpty && Int.random(in: 0..<12, using: &random) > 0:
            let index = Int.random(in: 0..<values.count, using: &random)
            switch Int.random(in: 0..<24, using: &random) {
            case 0: values.remove(at: index)
            case 1: values += Array(repeating: values[index], count: [1, 10, 300].randomElement(using: &random)!)
            case 2: values.swapAt(index, 0)
            default: values[index] = values[index].mutated(&random)
            }
            return .array(values)
        case .integer where Int.random(in: 0..<4, using: &random) > 0:
            return .integer(Mutations.integers.randomElement(using: &random)!)
        case .number where Int.random(in: 0..<4, using: &random) > 0:
            return Mutations.numbers.randomElement(using: &random)!
        case .bool(let value) where Bool.random(using: &random): return .bool(!value)
        case .string(let text) where Bool.random(using: &random):
            return .string(
                ["", "..", text + text, String(text.reversed()), String(repeating: "é", count: 2000), "a\0b", "/"]
                    .randomElement(using: &random)!)
        default:
            let others: [JSON] = [nil, true, [], [:], "", [[]], ["x": 1]]
            return (others + Mutations.numbers).randomElement(using: &random)!
        }
    }
}
