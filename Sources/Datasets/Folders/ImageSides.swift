import Files

/// How long a side of many images is, in pixels.
public struct ImageSides: Sendable, Hashable {
    /// How many images have a side in a range.
    public struct Bin: Sendable, Hashable {
        /// In pixels; the last has no upper end.
        public let from: Int
        /// Not in the range itself; nil for the last.
        public let below: Int?
        public let images: Int
    }

    /// How many images have a side of each length.
    struct Counts: Sendable {
        private(set) var images: [Int: Int] = [:]
        mutating func add(_ side: Int) { images[side, default: 0] += 1 }
    }

    public let least: Int
    /// That which half of the images do not exceed: of an even number, the lower of the two in the middle.
    public let median: Int
    public let most: Int
    /// From the one that holds `least` to the one that holds `most`.
    public let histogram: [Bin]

    private static let edges = [
        0, 32, 64, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024, 1536, 2048, 4096, 8192,
    ]

    /// nil where there are no images.
    init?(_ counts: Counts) {
        let sides = counts.images.sorted { $0.key < $1.key }
        guard let first = sides.first, let last = sides.last else { return nil }
        (least, most) = (first.key, last.key)
        let middle = (sides.reduce(0) { $0 + $1.value } + 1) / 2
        var before = 0
        median = sides.first { side in
            before += side.value
            return before >= middle
        }!.key
        let bins = Self.edges.indices.map { index in
            let (from, below) = (Self.edges[index], index + 1 < Self.edges.count ? Self.edges[index + 1] : nil)
            let images = sides.filter { $0.key >= from && $0.key < below ?? .max }.reduce(0) { $0 + $1.value }
            return Bin(from: from, below: below, images: images)
        }
        histogram = Array(bins.trimmingPrefix { $0.images == 0 }.reversed().drop { $0.images == 0 }.reversed())
    }

    public var json: JSON {
        [
            "min": .integer(least), "median": .integer(median), "max": .integer(most),
            "histogram": .array(
                histogram.map {
                    ["from": .integer($0.from), "below": $0.below.map(JSON.integer) ?? .null, "images": .integer($0.images)]
                }),
        ]
    }
}
