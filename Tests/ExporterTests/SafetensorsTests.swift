import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("Safetensors files")
struct SafetensorsTests {
    private let tensors = [
        NamedTensor(
            name: "a", shape: [2, 3], values: [1, -2, 3.5, .leastNonzeroMagnitude, -0.0, .greatestFiniteMagnitude]),
        NamedTensor(name: "one \"quoted\"/~", shape: [], values: [7]),
        NamedTensor(name: "none", shape: [0, 4], values: []),
    ]

    /// A file of that header and so many bytes of values.
    private func file(_ header: String, values: Int, length: UInt64? = nil) -> [UInt8] {
        withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { Array($0) } + Array(header.utf8)
            + [UInt8](repeating: 0, count: values)
    }

    @Test("read back the bits, names, shapes and texts that were written")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        try SafetensorsFile.write(tensors, metadata: [("how", "by hand")], to: directory.file("t.safetensors"))
        let file = try SafetensorsFile(path: directory.file("t.safetensors"))
        #expect(file.metadata == ["how": "by hand"])
        #expect(file.entries.map(\.name) == tensors.map(\.name) && file.entries.map(\.shape) == tensors.map(\.shape))
        for tensor in tensors {
            let found = try #require(try file.tensor(tensor.name))
            #expect(found.values.map(\.bitPattern) == tensor.values.map(\.bitPattern))
        }
        #expect(try file.tensor("b") == nil)
    }

    @Test("have the published form: length, JSON, values in order")
    func bytes() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("t.safetensors")
        try SafetensorsFile.write([NamedTensor(name: "x", shape: [2], values: [1, 2])], to: path)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let header = #"{"x": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#
        let padded = header + String(repeating: " ", count: (8 - header.utf8.count % 8) % 8)
        #expect(bytes == file(padded, values: 0) + [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40])
    }

    struct Damaged: CustomTestStringConvertible {
        let what: String
        let bytes: [UInt8]
        let place: String
        var testDescription: String { what }
    }

    @Test("that are damaged or hostile are refused at the damage")
    func damaged() throws {
        func x(_ entry: String) -> String { "{\"x\": {\(entry)}}" }
        let good = #""dtype": "F32", "shape": [2], "data_offsets": [0, 8]"#
        let nested = String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000)
        let cases = [
            Damaged(what: "empty", bytes: [], place: "byte 0"),
            Damaged(what: "seven bytes", bytes: [1, 0, 0, 0, 0, 0, 0], place: "byte 0"),
            Damaged(what: "length beyond the file", bytes: file(x(good), values: 8, length: 1 << 40), place: "byte 0"),
            Damaged(what: "length of all ones", bytes: file(x(good), values: 8, length: .max), place: "byte 0"),
            Damaged(what: "no length", bytes: file(x(good), values: 8, length: 0), place: "byte 0"),
            Damaged(what: "no JSON", bytes: file("{\"x\": }", values: 0), place: "line 1"),
            Damaged(what: "an array", bytes: file("[1]", values: 0), place: ""),
            Damaged(what: "a depth bomb", bytes: file(nested, values: 0), place: "byte 11"),
            Damaged(
                what: "a name twice", bytes: file("{\"x\": {\(good)}, \"x\": {\(good)}}", values: 8), place: "line 1"),
            Damaged(
                what: "an unknown type", bytes: file(x(good.replacing("F32", with: "F33")), values: 8),
                place: "/x/dtype"),
            Damaged(
                what: "a negative side", bytes: file(x(good.replacing("[2]", with: "[-2]")), values: 8),
                place: "/x/shape/0"),
            Damaged(
                what: "more values than 64 bits count",
                bytes: file(x(good.replacing("[2]", with: "[2147483647, 2147483647, 2147483647]")), values: 8),
                place: "/x/shape"),
            Damaged(
                what: "a wrong size", bytes: file(x(good.replacing("[2]", with: "[3]")), values: 8),
                place: "/x/data_offsets"),
            Damaged(what: "an end beyond the file", bytes: file(x(good), values: 7), place: "/x/data_offsets/1"),
            Damaged(
                what: "offsets backwards", bytes: file(x(good.replacing("[0, 8]", with: "[8, 0]")), values: 8),
                place: "/x/data_offsets"),
            Damaged(
                what: "three offsets", bytes: file(x(good.replacing("[0, 8]", with: "[0, 8, 8]")), values: 8),
                place: "/x/data_offsets"),
            Damaged(what: "a field too many", bytes: file(x(good + #", "more": 1"#), values: 8), place: "/x/more"),
            Damaged(
                what: "no shape", bytes: file(x(#""dtype": "F32", "data_offsets": [0, 8]"#), values: 8),
                place: "/x/shape"),
            Damaged(
                what: "bytes after the last tensor", bytes: file(x(good), values: 9),
                place: "byte \(8 + x(good).utf8.count + 8)"),
            Damaged(
                what: "a gap at the start", bytes: file(x(good.replacing("[0, 8]", with: "[4, 12]")), values: 12),
                place: "tensor \"x\""),
            Damaged(
                what: "an overlap",
                bytes: file("{\"x\": {\(good)}, \"y\": {\(good.replacing("[0, 8]", with: "[4, 12]"))}}", values: 12),
                place: "tensor \"y\""),
            Damaged(
                what: "metadata that are no texts", bytes: file(#"{"__metadata__": {"a": 1}}"#, values: 0),
                place: "/__metadata__/a"),
        ]
        let directory = try TemporaryDirectory()
        for damage in cases {
            let path = try directory.write(damage.bytes, to: "damaged.safetensors")
            let found = invalidPlace { try SafetensorsFile(path: path) }
            #expect(
                found.map { $0.place.hasPrefix(damage.place) && $0.sentence.hasPrefix(path) } == true,
                "\(damage.what): \(String(describing: found))")
        }
    }

    @Test("of another data type are named, when they are asked for")
    func otherType() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(
            file(#"{"x": {"dtype": "I64", "shape": [1], "data_offsets": [0, 8]}}"#, values: 8), to: "t.safetensors")
        let found = invalidPlace { try SafetensorsFile(path: path).tensor("x") }
        #expect(found?.sentence.contains("expected data type F32, F16 or BF16, found I64") == true)
    }

    @Test("of two bytes a value are widened, and names of parallel and compiled models are those of the model")
    func halves() throws {
        let directory = try TemporaryDirectory()
        let header = #"{"_orig_mod.module.a":{"dtype":"F16","shape":[6],"data_offsets":[0,12]},"#
            + #""_orig_mod.module.b":{"dtype":"BF16","shape":[2],"data_offsets":[12,16]}}"#
        // 1, -2, 65504, the smallest above 0, the smallest normal one, infinity; 3.140625 and -1e-38 or so.
        let values: [UInt16] = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0x4049, 0x8080]
        let bytes = Array(file(header, values: 0)) + values.flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        let path = try directory.write(bytes, to: "halves.safetensors")
        let read = try SafetensorsFile(path: path)
        #expect(read.entries.map(\.name) == ["a", "b"])
        #expect(
            try read.tensor("a")?.values == [1, -2, 65504, 0x1p-24, 0x1p-14, .infinity])
        #expect(try read.tensor("b")?.values == [3.140625, -0x1p-126])
    }

    @Test("in whose place something else lies are named for what it is", arguments: [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n", "a pointer of Git LFS"),
        ("PK\u{3}\u{4}\(String(repeating: "\0", count: 22))\u{10}\0\0\0archive/data.pkl", "torch.save makes; safetensors.torch"),
        ("PK\u{3}\u{4} of another archive", "a ZIP archive, to be unpacked first; safetensors.torch"),
        ("\n <!DOCTYPE html><title>Not found</title>", "a web page"), ("\u{FEFF}<html></html>", "a web page"),
        ("Entry not found", "a text that begins with \"Entry not found\", perhaps a server's answer"),
        ("\u{1c}\u{0}\u{0}\u{0}TFL3\u{14}\u{0}\u{20}\u{0}", "a TensorFlow Lite model"),
        ("\u{8}\u{8}\u{12}\u{7}pytorch", "what looks like an ONNX model"), ("GGUF\u{3}\0\0\0\u{23}", "a GGUF file"),
        ("404", "a text that begins with \"404\""), ("{\"error\":\"no such file\"}", "a JSON text that begins with {\"error\""),
    ])
    func foreign(text: String, says: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array(text.utf8), to: "weights.safetensors")
        let found = invalidPlace { try SafetensorsFile(path: path) }
        #expect(found?.sentence.contains(says) == true, "\(found?.sentence ?? "read")")
        let pickle = try directory.write([0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9], to: "model.bin")
        #expect(invalidPlace { try SafetensorsFile(path: pickle) }?.sentence.contains("a pickle") == true)
    }

    @Test("that gzip packed are named, and a header's length that looks like another file is none")
    func lengths() throws {
        let directory = try TemporaryDirectory()
        // With no flags and no time, as gzip -n leaves it.
        let packed = try directory.write([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x4b, 0x4c], to: "weights.safetensors.gz")
        #expect(invalidPlace { try SafetensorsFile(path: packed) }?.sentence.contains("packed by gzip") == true)
        let cut = try directory.write([0xf8, 0x17, 0, 0, 0, 0, 0, 0], to: "cut.safetensors")
        #expect(
            invalidPlace { try SafetensorsFile(path: cut) }?.sentence.hasSuffix("byte 0: expected a header of 6136 bytes, found 0")
                == true)
        // These lengths begin with the bytes of a pickle, of "<" and of white space with "<" behind it, and of gzip.
        for length in [0x280, 0x380, 0x3c, 0x3c08, 0x3c20, 0x8b1f] {
            let header = #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
            let padded = header + String(repeating: " ", count: length - header.utf8.count)
            let path = try directory.write(file(padded, values: 8), to: "t.safetensors")
            #expect(try SafetensorsFile(path: path).tensor("x")?.values == [0, 0], "\(length)")
        }
    }

    @Test("that are missing, or no files, say so")
    func missing() throws {
        let directory = try TemporaryDirectory()
        #expect(throws: FileError.missing(path: directory.file("no"), what: "weights")) {
            try SafetensorsFile(path: directory.file("no"))
        }
        #expect(throws: FileError.unreadable(path: directory.path, reason: "it is not a regular file")) {
            try SafetensorsFile(path: directory.path)
        }
    }

    @Test("may have the names of tens of thousands of classes in their header")
    func longHeader() throws {
        let directory = try TemporaryDirectory(), path = directory.file("many.safetensors")
        let names = String(repeating: "a class with a long name, ", count: 100_000)
        try SafetensorsFile.write([NamedTensor(name: "x", shape: [2], values: [1, 2])], metadata: [(key: "class_names", value: names)], to: path)
        #expect(try SafetensorsFile(path: path, what: "tensors").metadata["class_names"] == names)
    }
}
