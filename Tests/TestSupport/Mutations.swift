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

    /// Writes over what a file holds. Foundation would bring every copy to the disk, which takes longer than reading it.
    public static func replace(_ path: String, by bytes: [UInt8]) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw FileError.cannotWrite(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        guard write(descriptor, bytes, bytes.count) == bytes.count, ftruncate(descriptor, bytes.count) == 0 else {
            throw FileError.cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
    }

    /// A copy with a few bytes flipped, replaced, removed, repeated or cut off.
    public static func damaged(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<random.integer(in: 1...4) where !bytes.isEmpty {
            // Half of the damage at the start, where structure is dense.
            let end = random.bool() ? min(bytes.count, 600) : bytes.count
            let at = random.below(end)
            switch random.below(7) {
            case 0, 1: bytes[at] ^= 1 << UInt8(random.below(8))
            case 2: bytes[at] = random.element(of: [0, 0xff, 0x7f, 0x80, 0x22, 0x7b, 0x30])
            case 3: bytes[at] = random.byte(in: 0...255)
            case 4: bytes.removeSubrange(at..<min(bytes.count, at + random.integer(in: 1...16)))
            case 5:
                let part = bytes[at..<min(bytes.count, at + random.integer(in: 1...64))]
                bytes.insert(contentsOf: part, at: random.integer(in: 0...bytes.count))
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
        case .object(var members) where !members.isEmpty && random.below(12) > 0:
            let index = random.below(members.count)
            switch random.below(24) {
            case 0: members.remove(at: index)
            case 1: members[index].key = random.element(of: ["", "x", String(repeating: "n", count: 3000)])
            case 2: members.append(Member(key: members[index].key + "2", value: members[index].value))
            default: members[index].value = members[index].value.mutated(&random)
            }
            return .object(members)
        case .array(var values) where !values.isEmpty && random.below(12) > 0:
            let index = random.below(values.count)
            switch random.below(24) {
            case 0: values.remove(at: index)
            case 1: values += Array(repeating: values[index], count: random.element(of: [1, 10, 300]))
            case 2: values.swapAt(index, 0)
            default: values[index] = values[index].mutated(&random)
            }
            return .array(values)
        case .integer where random.below(4) > 0:
            return .integer(random.element(of: Mutations.integers))
        case .number where random.below(4) > 0:
            return random.element(of: Mutations.numbers)
        case .bool(let value) where random.bool(): return .bool(!value)
        case .string(let text) where random.bool():
            return .string(
                random.element(of: ["", "..", text + text, String(text.reversed()), String(repeating: "é", count: 2000), "a\0b", "/"]))
        default:
            let others: [JSON] = [nil, true, [], [:], "", [[]], ["x": 1]]
            return random.element(of: (others + Mutations.numbers))
        }
    }
}
