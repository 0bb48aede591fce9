/// The orientation that EXIF data tell (JEITA CP-3451; TIFF 6.0, sections 2 and 8). Any bytes may be given.
enum EXIF {
    /// - Parameter bytes: from the TIFF header on.
    /// - Returns: nil where the data tell none, or are damaged.
    static func orientation(in bytes: Slice<UnsafeRawBufferPointer>) -> Orientation? {
        let data = UnsafeRawBufferPointer(rebasing: bytes)
        guard data.count >= 8 else { return nil }
        let isLittleEndian: Bool
        switch (data[0], data[1]) {
        case (0x49, 0x49): isLittleEndian = true
        case (0x4D, 0x4D): isLittleEndian = false
        default: return nil
        }
        /// The unsigned number of `count` bytes at an offset; nil where it is not within the data.
        func number(at offset: Int, count: Int) -> Int? {
            guard offset >= 0, offset <= data.count - count else { return nil }
            let digits = data[offset..<offset + count]
            return isLittleEndian
                ? digits.reversed().reduce(0) { $0 << 8 | Int($1) } : digits.reduce(0) { $0 << 8 | Int($1) }
        }
        guard number(at: 2, count: 2) == 42, let directory = number(at: 4, count: 4),
            let entries = number(at: directory, count: 2)
        else { return nil }
        for entry in 0..<entries {
            let at = directory + 2 + 12 * entry
            guard let tag = number(at: at, count: 2) else { return nil }
            // The type SHORT; its value stands at the start of the field.
            if tag == 0x0112, number(at: at + 2, count: 2) == 3, let value = number(at: at + 8, count: 2) {
                return Orientation(rawValue: value)
            }
        }
        return nil
    }
}
