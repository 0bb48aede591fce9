/// Finds what was meant by a text with a typing error.
enum NearestText {
    /// The candidate that the fewest changed, added or left-out characters make of `text` (Levenshtein, 1966), the first
    /// of several; nil where none is near: more than a third of the text would have to change.
    static func nearest(to text: String, among candidates: [String]) -> String? {
        guard text.utf8.count <= 1000 else { return nil }
        var best: (distance: Int, text: String)?
        for candidate in candidates where candidate.utf8.count <= 1000 {
            let distance = distance(Array(text.utf8), Array(candidate.utf8))
            if distance < best?.distance ?? (text.utf8.count / 3 + 1) { best = (distance, candidate) }
        }
        return best?.text
    }

    private static func distance(_ from: [UInt8], _ to: [UInt8]) -> Int {
        var row = Array(0...to.count)
        for (index, byte) in from.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for place in to.indices {
                let replaced = diagonal + (byte == to[place] ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(replaced, row[place] + 1, diagonal + 1)
            }
        }
        return row[to.count]
    }
}
