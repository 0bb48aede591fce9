/// A file in the place of weights that is something else, recognised by its first bytes.
struct ForeignWeights {
    /// What it is, and what was expected.
    let sentence: String

    /// nil for a start that is none of those that are known here, and for that of safetensors.
    init?(start: [UInt8]) {
        // The header, a JSON object, begins behind its length, which is far below 2 to the 40th.
        if start.count > 8, start[8] == UInt8(ascii: "{"), start[5..<8].allSatisfy({ $0 == 0 }) { return nil }
        let found: String
        if let kind = ForeignFile.kind(
            start: start, remedy: "safetensors.torch.save_file(model.state_dict(), …) writes safetensors")
        {
            found = kind
        } else if start.count >= 2, start[0] == 0x80, (2...5).contains(start[1]) {
            found = "a pickle, such as older versions of torch.save make, which may run any code and is not read; "
                + "safetensors.torch.save_file writes safetensors"
        } else if start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
            found = "HDF5, in which Keras keeps weights"
        } else if start.dropFirst(4).starts(with: "TFL3".utf8) {
            found = "a TensorFlow Lite model, which onepath evaluate --tflite reads"
        } else if let text = Self.text(start) {
            switch text.first ?? " " {
            case "<": found = ForeignFile.webPage
            case "{", "[": found = "a JSON text that begins with \(text), perhaps a server's answer instead of the file"
            default: found = "a text that begins with \"\(text)\", perhaps a server's answer instead of the file"
            }
        } else {
            return nil
        }
        sentence = "expected safetensors, found \(found)"
    }

    /// The first line of a text, or what is known of it, without a byte order mark; nil for what is no text.
    private static func text(_ start: [UInt8]) -> String? {
        let bytes = start.starts(with: [0xef, 0xbb, 0xbf]) ? start.dropFirst(3) : start[...]
        // The length of a header has zeros in these places.
        guard bytes.prefix(8).allSatisfy({ (0x20...0x7e).contains($0) || (0x09...0x0d).contains($0) }) else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).drop(while: \.isWhitespace).prefix { !$0.isNewline }
        return line.isEmpty ? nil : String(line.prefix(40))
    }
}
