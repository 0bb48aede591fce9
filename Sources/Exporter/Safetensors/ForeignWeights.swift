import Files

/// A file in the place of weights that is something else, recognised by its first bytes.
struct ForeignWeights {
    /// What it is, and what was expected.
    let sentence: String

    /// nil for a start that is none of those that are known here, and for that of safetensors.
    init?(start: [UInt8]) {
        let found: String
        if let kind = FileKind(start: start) {
            if kind == .safetensors { return nil }
            found = kind.described(remedy: "safetensors.torch.save_file(model.state_dict(), …) writes safetensors")
        } else if let text = Self.text(start) {
            switch text.first ?? " " {
            case "{", "[": found = "a JSON text that begins with \(text), perhaps a server's answer instead of the file"
            default: found = "a text that begins with \"\(text)\", perhaps a server's answer instead of the file"
            }
        } else if FileKind.looksLikeONNX(start) {
            found = "what looks like an ONNX model"
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
