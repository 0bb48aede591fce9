import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("Event files for TensorBoard")
struct EventFileTests {
    /// A message as its fields, each a number of eight or four bytes, a varint, or the bytes of another.
    private struct Message {
        enum Field: Equatable, Sendable { case varint(UInt64), fixed64(UInt64), bytes([UInt8]), fixed32(UInt32) }

        private(set) var fields: [(number: Int, value: Field)] = []

        init(_ bytes: [UInt8]) throws {
            var rest = bytes[...]
            func varint() throws -> UInt64 {
                var value: UInt64 = 0
                for shift in stride(from: 0, to: 64, by: 7) {
                    let next = rest.popFirst()
                    let byte = try #require(next)
                    value |= UInt64(byte & 0x7f) << UInt64(shift)
                    if byte < 0x80 { return value }
                }
                Issue.record("a varint does not end")
                return value
            }
            func taken(_ count: Int) throws -> [UInt8] {
                try #require(rest.count >= count)
                defer { rest = rest.dropFirst(count) }
                return Array(rest.prefix(count))
            }
            while !rest.isEmpty {
                let key = try varint()
                let value: Field? =
                    switch key & 7 {
                    case 0: .varint(try varint())
                    case 1: .fixed64(Self.integer(try taken(8)))
                    case 2: .bytes(try taken(Int(try varint())))
                    case 5: .fixed32(UInt32(Self.integer(try taken(4))))
                    default: nil
                    }
                fields.append((Int(key >> 3), try #require(value)))
            }
        }

        static func integer(_ bytes: some BidirectionalCollection<UInt8>) -> UInt64 {
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }

        subscript(number: Int) -> Field? { fields.first { $0.number == number }?.value }

        func message(_ number: Int) throws -> Message? {
            guard case .bytes(let bytes)? = self[number] else { return nil }
            return try Message(bytes)
        }

        func text(_ number: Int) -> String? {
            guard case .bytes(let bytes)? = self[number] else { return nil }
            return String(decoding: bytes, as: UTF8.self)
        }
    }

    /// The events of a file, after all checksums.
    private func events(_ path: String) throws -> [Message] {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))[...]
        func masked(_ data: some Sequence<UInt8>) -> UInt64 {
            let sum = CRC32C.checksum(data)
            return UInt64((sum >> 15 | sum << 17) &+ 0xA282_EAD8)
        }
        var events: [Message] = []
        while !bytes.isEmpty {
            let header = bytes.prefix(8)
            let count = Int(Message.integer(header))
            #expect(Message.integer(bytes.dropFirst(8).prefix(4)) == masked(header))
            let data = bytes.dropFirst(12).prefix(count)
            #expect(Message.integer(bytes.dropFirst(12 + count).prefix(4)) == masked(data))
            events.append(try Message(Array(data)))
            bytes = bytes.dropFirst(16 + count)
        }
        return events
    }

    private func scalars(_ event: Message) throws -> [String: Float] {
        let values = try event.message(5)?.fields.map { field -> (String, Float) in
            guard field.number == 1, case .bytes(let bytes) = field.value else { return ("", Float.nan) }
            let value = try Message(bytes)
            guard case .fixed32(let bits)? = value[2] else { return ("", Float.nan) }
            return (value.text(1) ?? "", Float(bitPattern: bits))
        }
        return Dictionary(uniqueKeysWithValues: values ?? [])
    }

    @Test("have the checksum of iSCSI, with the examples of RFC 3720, appendix B.4")
    func checksum() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
        #expect(CRC32C.checksum(0..<32) == 0x46DD_794E)
        #expect(CRC32C.checksum((0..<32).reversed()) == 0x113F_DB5C)
        // A SCSI read command.
        var command: [UInt8] = [0x01, 0xC0] + [UInt8](repeating: 0, count: 46)
        let others: [Int: UInt8] = [16: 0x14, 22: 0x04, 27: 0x14, 31: 0x18, 32: 0x28, 40: 0x02]
        for (place, byte) in others { command[place] = byte }
        #expect(CRC32C.checksum(command) == 0xD996_3A56)
        #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
        #expect(CRC32C.checksum([]) == 0)
    }

    @Test("hold their version, and the numbers of each line of metrics under its step")
    func writing() throws {
        let directory = try TemporaryDirectory()
        let file = try EventFile(creating: directory.path, wallTime: 1000.5)
        #expect(file.path == directory.file("events.out.tfevents.0000001000.onepath"))
        try file.append(step: 300, wallTime: 1001, scalars: [("loss", 1.5), ("a/b", -0.25)])
        try file.append(
            metrics: [
                "step": 320, "epoch": 2, "loss": 2.25, "test_accuracy": nil,
                "indicators": ["stage1.1": ["kernel_5": 1, "expansion_6": 0]],
            ], wallTime: 1002)
        let events = try events(file.path)
        #expect(events.count == 3)
        #expect(events[0].text(3) == "brain.Event:2")
        #expect(
            events.map { $0[1] } == [1000.5, 1001, 1002].map { Message.Field.fixed64(Double($0).bitPattern) })
        #expect(events.map { $0[2] } == [nil, .varint(300), .varint(320)])
        #expect(try scalars(events[1]) == ["loss": 1.5, "a/b": -0.25])
        #expect(
            try scalars(events[2]) == [
                "epoch": 2, "loss": 2.25, "indicators/stage1.1/kernel_5": 1, "indicators/stage1.1/expansion_6": 0,
            ])
    }

    @Test("of a run that goes on begin with the step from which on older ones no longer hold")
    func resuming() throws {
        let directory = try TemporaryDirectory()
        // The clock is set back in between, and two files are of one second.
        let times = [5000.0, 4000, 4000, 6000]
        let files = try times.enumerated().map { index, time in
            index == 0
                ? try EventFile(creating: directory.path, wallTime: time)
                : try EventFile(resuming: directory.path, after: 100 * index, wallTime: time)
        }
        #expect(files.map(\.path) == files.map(\.path).sorted() && Set(files.map(\.path)).count == 4)
        for (index, file) in files.enumerated().dropFirst() {
            let events = try events(file.path)
            #expect(events.count == 2 && events[0].text(3) == "brain.Event:2")
            #expect(events[1][2] == .varint(UInt64(100 * index + 1)))
            // START
            #expect(try events[1].message(7)?[1] == .varint(1))
        }
    }

    @Test("need a directory that is there")
    func missing() throws {
        let directory = try TemporaryDirectory()
        #expect {
            _ = try EventFile(creating: directory.file("none"))
        } throws: { error in
            guard case .cannotWrite(let path, _) = error as? FileError else { return false }
            return path.hasPrefix(directory.file("none/"))
        }
    }
}
