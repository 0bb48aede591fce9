/// What the name of a file tells.
enum ImageFileName {
    /// The endings of images, in lower case.
    private static let endings = Set(["jpg", "jpeg", "jpe", "jfif", "png"].map { packed(Array($0.utf8))! })
    /// What systems leave beside people's files, in lower case: Windows, network disks (thumbnails of all photos), the
    /// root of a disk, archives of macOS. Names of others begin with a dot.
    private static let leavings = [
        "thumbs.db", "desktop.ini", "@eadir", "lost+found", "$recycle.bin", "system volume information", "__macosx",
    ].map { Array($0.utf8) }

    /// Whether nobody wants to hear of the file or folder.
    static func isIgnored(_ name: UnsafeRawBufferPointer) -> Bool {
        name.first == UInt8(ascii: ".") || leavings.contains { $0.elementsEqual(name.lazy.map(lowered)) }
    }

    static func isImage(_ name: UnsafeRawBufferPointer) -> Bool {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")) else { return false }
        return packed(UnsafeRawBufferPointer(rebasing: name[(dot + 1)...])).map(endings.contains) ?? false
    }

    /// Whether the name is UTF-8.
    static func isText(_ name: UnsafeRawBufferPointer) -> Bool {
        name.allSatisfy { $0 < 0x80 } || String(validating: name, as: UTF8.self) != nil
    }

    /// ".gif" of "A.GIF"; empty where there is none that people would call so.
    static func ending(_ name: UnsafeRawBufferPointer) -> String {
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot + 1 < name.count, name.count - dot <= 9,
            name[(dot + 1)...].allSatisfy({ isLetterOrDigit(lowered($0)) })
        else { return "" }
        return String(decoding: name[dot...].map(lowered), as: UTF8.self)
    }

    /// The name as text, with bytes that are not UTF-8 as "\xE9".
    static func shown(_ name: some Sequence<UInt8>) -> String {
        let bytes = Array(name)
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        var text = ""
        for byte in bytes {
            if byte < 0x80 {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                text += "\\x" + String(byte, radix: 16, uppercase: true)
            }
        }
        return text
    }

    /// Up to eight bytes in lower case as one number; nil for more.
    private static func packed(_ bytes: some Collection<UInt8>) -> UInt64? {
        bytes.count > 8 ? nil : bytes.reduce(0) { $0 << 8 | UInt64(lowered($1)) }
    }

    private static func lowered(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9"))
    }
}
