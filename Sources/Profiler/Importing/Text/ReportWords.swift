extension Substring {
    /// The words between white space; "=" is a word of its own, with spaces around it or without.
    var reportWords: [String] {
        var words: [String] = []
        for word in split(whereSeparator: \.isWhitespace) {
            var rest = word
            while let place = rest.utf8.firstIndex(of: UInt8(ascii: "=")) {
                if place > rest.startIndex { words.append(String(rest[..<place])) }
                words.append("=")
                rest = rest[rest.utf8.index(after: place)...]
            }
            if !rest.isEmpty { words.append(String(rest)) }
        }
        return words
    }
}
