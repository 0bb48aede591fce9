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
        try ONNXScan.check(bytes, path: path)
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do {
            try self.init(serializedBytes: bytes, options: options)
        } catch {
            throw FileError.invalid(path: path, place: "", problem: "not an ONNX model: \(error)")
        }
    }
}
