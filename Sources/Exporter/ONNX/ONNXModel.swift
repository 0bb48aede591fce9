import Files
import SwiftProtobuf

extension ONNXModelProto {
    /// Reads the ONNX model at `path`.
    ///
    /// - Throws: `FileError`, also for a file that is no ONNX model.
    init(contentsOf path: String) throws {
        let content = try FileContent(path: path, what: "ONNX model")
        guard content.count < Int(Int32.max) else {
            throw FileError.invalid(
                path: path, place: "", problem: "expected less than 2 GiB, the limit of ONNX for one file")
        }
        let bytes = try content.bytes(0..<content.count)
        if let kind = Self.otherKind(of: bytes) {
            throw FileError.invalid(path: path, place: "", problem: "expected an ONNX model, found \(kind)")
        }
        try ONNXScan.check(bytes, path: path)
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do {
            try self.init(serializedBytes: bytes, options: options)
        } catch {
            throw FileError.invalid(path: path, place: "", problem: "not an ONNX model: \(error)")
        }
    }

    /// What a file of another kind is that has the place of a model, by its first bytes, which no model has.
    private static func otherKind(of bytes: [UInt8]) -> String? {
        if bytes.first == UInt8(ascii: "{") { return "a JSON text; an architecture is read by --architecture" }
        return switch FileKind(start: bytes) {
        case .ncnnNetwork?: "\(FileKind.ncnnNetwork), which --architecture reads from a .param file"
        case .tfLite?: "\(FileKind.tfLite), which --tflite reads"
        case let kind: kind?.described(remedy: "torch.onnx.export writes ONNX")
        }
    }
}
