/// Finds what was meant by a text with a typing error.
package enum NearestText {
    /// The candidate with the smallest edit distance to `text`, where swapped neighbours count as one edit (Damerau, 1964, "A
    /// technique for computer detection and correction of spelling errors"), the first of several; nil where
    /// more than a third of the text would have to change.
    package static func nearest(to text: String, among candidates: [String]) -> String? {
        near(to: text, among: candidates).first
    }

    /// "did you mean pixel1 or pixel2?": the nearest candidate, or two that are equally near; nil where none is near.
    package static func question(on text: String, among candidates: [String]) -> String? {
        let near = near(to: text, among: candidates).prefix(2)
        return near.isEmpty ? nil : "did you mean \(near.joined(separator: " or "))?"
    }

    /// The nearest candidates, all at the same distance, in their order.
    private static func near(to text: String, among candidates: [String]) -> [String] {
        guard text.utf8.count <= 1000 else { return [] }
        var near: (distance: Int, texts: [String]) = (text.utf8.count / 3, [])
        for candidate in candidates where candidate.utf8.count <= 1000 {
            let distance = distance(Array(text.utf8), Array(candidate.utf8))
            if distance < near.distance {
                near = (distance, [candidate])
            } else if distance == near.distance {
                near.texts.append(candidate)
            }
        }
        return near.texts
    }

    private static func distance(_ from: [UInt8], _ to: [UInt8]) -> Int {
        var before: [Int] = [], last = Array(0...to.count)
        for (index, byte) in from.enumerated() {
            var row = [index + 1]
            for place in to.indices {
                var least = min(last[place] + (byte == to[place] ? 0 : 1), last[place + 1] + 1, row[place] + 1)
                if index > 0, place > 0, byte == to[place - 1], from[index - 1] == to[place] {
                    least = min(least, before[place - 1] + 1)
                }
                row.append(least)
            }
            (before, last) = (last, row)
        }
        return last[to.count]
    }
}
