import Files

/// What the markers in front of a JPEG file's first scan tell (ITU-T T.81, annex B), read as libjpeg reads them.
struct JPEGHeader {
    private(set) var width = 0
    private(set) var height = 0
    /// The sampling factors of each component.
    private(set) var sampling: [(horizontal: Int, vertical: Int)] = []
    private(set) var orientation = Orientation.upright

    /// - Parameters:
    ///   - bytes: of the file, which begin with FF D8.
    ///   - path: for errors.
    init(_ bytes: UnsafeRawBufferPointer, path: String) throws(FileError) {
        func failure(_ problem: String, at offset: Int) -> FileError {
            .invalid(path: path, place: "byte \(offset)", problem: problem)
        }
        var at = 2
        while true {
            while at < bytes.count && bytes[at] != 0xFF { at += 1 }
            while at < bytes.count && bytes[at] == 0xFF { at += 1 }
            guard at < bytes.count else {
                throw failure("the JPEG file is cut short, before its first scan", at: bytes.count)
            }
            let marker = bytes[at], place = at - 1
            at += 1
            // Bytes that were stuffed, markers without a segment.
            if marker == 0 || marker == 1 || (0xD0...0xD7).contains(marker) { continue }
            if marker == 0xD9 { throw failure("the JPEG file ends before its first scan", at: place) }
            if marker == 0xD8 { throw failure("the JPEG file begins twice", at: place) }
            guard at + 2 <= bytes.count else { throw failure("the JPEG file is cut short", at: bytes.count) }
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            guard length >= 2 else { throw failure("a JPEG segment of \(length) bytes, expected at least 2", at: at) }
            guard at + length <= bytes.count else {
                throw failure("the JPEG file is cut short, within a segment of \(length) bytes", at: bytes.count)
            }
            let segment = bytes[(at + 2)..<(at + length)]
            switch marker {
            case 0xC0, 0xC1, 0xC2:
                guard sampling.isEmpty else { throw failure("the JPEG file has two frames", at: place) }
                do { try readFrame(segment) } catch { throw failure(error.problem, at: place) }
            case 0xC3, 0xC5...0xC7, 0xC9...0xCB, 0xCD...0xCF:
                throw failure(
                    "expected a baseline or progressive JPEG file, found one whose process is \(Self.process(marker))", at: place)
            case 0xE1:
                let identifier = Array("Exif\0\0".utf8)
                if segment.starts(with: identifier), let told = EXIF.orientation(in: segment.dropFirst(identifier.count)) {
                    orientation = told
                }
            case 0xDA:
                guard !sampling.isEmpty else { throw failure("expected a JPEG frame before its first scan", at: place) }
                return
            default: break
            }
            at += length
        }
    }

    private struct FrameError: Error { var problem: String }

    /// Reads what follows a marker SOF (B.2.2).
    private mutating func readFrame(_ segment: Slice<UnsafeRawBufferPointer>) throws(FrameError) {
        let fields = UnsafeRawBufferPointer(rebasing: segment)
        guard fields.count >= 6, fields.count == 6 + 3 * Int(fields[5]) else {
            throw FrameError(problem: "the JPEG frame's \(fields.count) bytes do not fit its number of components")
        }
        guard fields[0] == 8 else { throw FrameError(problem: "expected 8 bits a sample, found \(fields[0])") }
        height = Int(fields[1]) << 8 | Int(fields[2])
        width = Int(fields[3]) << 8 | Int(fields[4])
        guard [1, 3, 4].contains(fields[5]) else {
            throw FrameError(problem: "expected 1, 3 or 4 components, found \(fields[5])")
        }
        for component in 0..<Int(fields[5]) {
            let factors = fields[7 + 3 * component]
            guard (1...4).contains(factors >> 4), (1...4).contains(factors & 15) else {
                throw FrameError(problem: "expected sampling factors from 1 to 4, found \(factors >> 4) and \(factors & 15)")
            }
            sampling.append((Int(factors >> 4), Int(factors & 15)))
        }
    }

    /// How many pixels so many bytes can hold at most: every block of 8×8 samples takes a bit or more of a Huffman code.
    func holds(pixelsIn count: Int) -> Bool {
        let horizontal = sampling.map(\.horizontal).max()!, vertical = sampling.map(\.vertical).max()!
        let blocks = sampling.map {
            ((width * $0.horizontal - 1) / (8 * horizontal) + 1) * ((height * $0.vertical - 1) / (8 * vertical) + 1)
        }.max()!
        return blocks <= 8 * count
    }

    /// What a marker SOF that is not decoded stands for (T.81, table B.1).
    private static func process(_ marker: UInt8) -> String {
        switch marker {
        case 0xC3, 0xCB: "lossless"
        case 0xC9, 0xCA: "arithmetic-coded"
        default: "hierarchical"
        }
    }
}
