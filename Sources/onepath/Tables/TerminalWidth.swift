extension Character {
    /// The columns of a terminal that it takes, 0, 1 or 2, as Unicode's annex 11 (UAX #11, East Asian Width) recommends.
    /// What combines with the first scalar takes none of its own.
    var terminalWidth: Int {
        guard let first = unicodeScalars.first else { return 0 }
        let properties = first.properties
        switch properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        // Section 5: what is shown as an emoji is wide, by itself or by the selector behind it, U+FE0F.
        if properties.isEmojiPresentation || properties.isEmoji && unicodeScalars.contains("\u{FE0F}") { return 2 }
        return Self.wide.contains { $0.contains(first.value) } ? 2 : 1
    }

    /// The classes W and F of UAX #11's EastAsianWidth.txt, 14.0, but the emoji. What is not assigned in between counts too.
    private static let wide: [ClosedRange<UInt32>] = [
        // The first letters of Hangul's syllables; angle brackets.
        0x1100...0x115F, 0x2329...0x232A,
        // Radicals and punctuation; Kana, Bopomofo and what is circled or squared; ideographs and Yi.
        0x2E80...0x303E, 0x3041...0x3247, 0x3250...0x4DBF, 0x4E00...0xA4CF,
        // Hangul, ideographs for compatibility, vertical forms.
        0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        // Letters and signs as wide as ideographs.
        0xFF01...0xFF60, 0xFFE0...0xFFE6,
        // Tangut, Khitan, more of Kana, Nushu; squared ideographs; the planes of ideographs.
        0x16FE0...0x18D08, 0x1AFF0...0x1B2FF, 0x1F200...0x1F265, 0x20000...0x3FFFD,
    ]
}

extension StringProtocol {
    /// The columns of a terminal that it takes on one line.
    var terminalWidth: Int {
        // Nearly every line is plain ASCII, and a list of rows may have a hundred thousand of them.
        if utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return utf8.count }
        return reduce(0) { $0 + $1.terminalWidth }
    }

    /// The longest start that takes at most so many columns.
    func prefix(columns: Int) -> SubSequence {
        var left = columns
        return prefix { character in
            left -= character.terminalWidth
            return left >= 0
        }
    }

    /// The text in at most so many columns, cut in the middle: the start tells of what it is a name, and the end which one.
    func shortened(toColumns columns: Int) -> String {
        let end = String(reversed()).prefix(columns: columns - 1 - columns / 2)
        return "\(prefix(columns: columns / 2))…\(String(end.reversed()))"
    }
}
