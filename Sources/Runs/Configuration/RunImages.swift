import Files

/// The images that a run trains on, as its configuration refers to them.
public struct RunImages: Hashable, Sendable {
    /// The name of the data set, or the path of its directory.
    public let data: String
    /// The number of training images: the first of the data set, or evenly spaced ones where it is ordered by class. Those
    /// that are skipped are among them.
    public let count: Int
    /// How many of them a search does not train on, but ranks candidates by.
    public var heldOut = 0
    /// The share of a folder's images that is kept for validation, if it has no folder for them; nil for other data.
    public var holdout: Double?
    /// The names of the classes, in the order of their labels; nil where the data have none.
    public var classNames: [String]?
    /// The paths of a folder's broken images that the run goes on without, from the folder on; empty where there are none.
    public var skipped: [String] = []
    /// How many of the skipped ones are training images.
    public var skippedTraining = 0
    /// Whether a folder's images are decoded from their files each time: what a cache holds of large ones are other pixels.
    public var isUncached = false

    /// How many images are trained on: without those that are skipped or held out.
    public var trained: Int { count - skippedTraining - heldOut }

    /// The numbers of images by what is done with them: all that may be trained on, and those of them that are not.
    public var counts: [(name: String, count: Int)] {
        let others = [(Self.heldOutField, heldOut), (Self.skippedTrainingField, skippedTraining)].filter { $0.1 > 0 }
        return [(Self.countField, count)] + others
    }

    public init(data: String, count: Int, holdout: Double? = nil, classNames: [String]? = nil) {
        self.data = data
        self.count = count
        self.holdout = holdout
        self.classNames = classNames
    }

    var members: [JSON.Member] {
        [
            .init(key: "data", value: .string(data)), .init(key: Self.countField, value: .integer(count)),
        ] + (heldOut > 0 ? [.init(key: Self.heldOutField, value: .integer(heldOut))] : [])
            + (holdout.map { [.init(key: Self.holdoutField, value: .number($0))] } ?? [])
            + (classNames.map { [.init(key: Self.classNamesField, value: .array($0.map(JSON.string)))] } ?? [])
            + (skipped.isEmpty ? [] : [.init(key: Self.skippedField, value: .array(skipped.map(JSON.string)))])
            + (skippedTraining > 0 ? [.init(key: Self.skippedTrainingField, value: .integer(skippedTraining))] : [])
            + (isUncached ? [.init(key: Self.uncachedField, value: .bool(true))] : [])
    }

    private static let countField = "train_examples"
    static let heldOutField = "held_out_examples"
    static let holdoutField = "holdout"
    static let classNamesField = "class_names"
    static let skippedField = "skipped_images"
    static let skippedTrainingField = "skipped_train_examples"
    static let uncachedField = "no_cache"

    /// Reads the fields of `members`.
    init(_ fields: inout JSONFields) throws {
        data = try fields.string("data")
        count = try fields.integer(Self.countField, in: 1...1 << 40)
        skippedTraining = try fields.optionalNode(Self.skippedTrainingField)?.integer(in: 0...count - 1) ?? 0
        heldOut = try fields.optionalNode(Self.heldOutField)?.integer(in: 0...count - skippedTraining - 1) ?? 0
        holdout = try fields.optionalNode(Self.holdoutField).map(Self.holdout)
        classNames = try fields.optionalNode(Self.classNamesField)?.array { try $0.string() }
        skipped = try fields.optionalNode(Self.skippedField)?.array { try $0.string() } ?? []
        isUncached = try fields.optionalNode(Self.uncachedField)?.bool() ?? false
    }

    /// Reads the share of a folder's images that is kept for validation.
    static func holdout(_ node: JSONNode) throws(FileError) -> Double {
        let share = try node.number(in: 0...1)
        guard share > 0, share < 1 else { throw node.mismatch(expected: "a number above 0 and below 1") }
        return share
    }

    /// Reads the fields of `members` from a run's configuration, whose other fields are ignored.
    ///
    /// - Throws: `FileError.invalid`.
    init(configuration node: JSONNode) throws {
        self = try node.object { fields in
            for name in fields.names { _ = fields.optionalNode(name) }
            return try RunImages(&fields)
        }
    }
}
