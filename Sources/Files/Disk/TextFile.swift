/// Files of plain text.
public enum TextFile {
    /// The text of the file at `path`, which should be `what` ("latency table"): in UTF-8, or in UTF-16 with a byte
    /// order mark, as PowerShell's `>` writes it.
    ///
    /// - Throws: `FileError.missing`, `.unreadable`, or `.invalid` where the bytes are of another encoding.
    public static func read(_ path: String, what: String) throws(FileError) -> String {
        let bytes = try BinaryFile.read(path, what: what)
        if let kind = FileKind(start: bytes), !kind.isText {
            throw .invalid(path: path, place: "", problem: "expected a text, found \(description(of: kind))")
        }
        if bytes.starts(with: [0xff, 0xfe]) { return try utf16(bytes, path: path) { UInt16($0) | UInt16($1) << 8 } }
        if bytes.starts(with: [0xfe, 0xff]) { return try utf16(bytes, path: path) { UInt16($0) << 8 | UInt16($1) } }
        if bytes.prefix(2).contains(0) {
            throw .invalid(
                path: path, place: "",
                problem: "expected a text in UTF-8, or in UTF-16 with a byte order mark, found a zero among its first bytes, as in "
                    + "UTF-16 without that mark, or in a file that is no text")
        }
        try JSONText(bytes: bytes, path: path).checkEncoding {
            "expected a text in UTF-8, found the byte 0x\(String($0, radix: 16)), as in a text in Latin-1 or Windows-1252, or in "
                + "a file that is no text"
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The lines of that text, empty ones too, without the byte order mark that some editors put first.
    ///
    /// - Throws: as `read`.
    public static func lines(_ path: String, what: String) throws(FileError) -> [String] {
        try read(path, what: what).drop { $0 == "\u{FEFF}" }
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map(String.init)
    }

    /// What a file is that was given in the place of a text.
    private static func description(of kind: FileKind) -> String {
        switch kind {
        case .officeDocument, .openDocument, .olderOfficeDocument: "\(kind); save its table as CSV"
        default: kind.description
        }
    }

    /// The text after a byte order mark.
    ///
    /// - Parameter unit: makes a code unit of the two bytes in their order.
    private static func utf16(
        _ bytes: [UInt8], path: String, unit: (UInt8, UInt8) -> UInt16
    ) throws(FileError) -> String {
        let units = stride(from: 2, to: bytes.count - 1, by: 2).map { unit(bytes[$0], bytes[$0 + 1]) }
        guard bytes.count % 2 == 0, let text = String(validating: units, as: UTF16.self) else {
            throw .invalid(
                path: path, place: "", problem: "expected a text in UTF-16, as its byte order mark says, found other bytes")
        }
        return text
    }
}
