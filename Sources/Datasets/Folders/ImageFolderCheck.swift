import Files

/// An image file that cannot be decoded.
public struct BrokenImage: Sendable, Hashable {
    public let place: ImagePlace
    public let path: String
    /// Why it cannot be decoded, without its path.
    public let problem: String
    /// What the file really is, by its first bytes: "a ZIP archive, to be unpacked first".
    public let found: String

    /// - Parameter error: of the decoder.
    init(_ place: ImagePlace, path: String, error: FileError) {
        (self.place, self.path) = (place, path)
        problem = switch error {
        case .missing: "no longer there"
        case .unreadable(_, let reason), .cannotWrite(_, let reason): reason
        case .invalid(_, "", let problem): problem
        case .invalid(_, let place, let problem): "\(place): \(problem)"
        }
        if case .missing = error { found = "nothing" } else { found = FolderContents.kind(ofFile: path) }
    }
}

/// Image files with the same bytes.
public struct DuplicateImages: Sendable, Hashable {
    /// Of their bytes, 64 lower-case hexadecimal digits.
    public let sha256: String
    /// At least two, training images first.
    public internal(set) var places: [ImagePlace]
}

/// What a scan found in a folder of images.
public struct ImageFolderCheck: Sendable {
    /// An image to train with that is also one to evaluate with, which makes the evaluation look better than it is.
    public struct Leak: Sendable, Hashable {
        public let training: ImagePlace
        public let validation: ImagePlace
    }

    public let folder: ImageFolder
    /// In the order of the lists, training images first.
    public let broken: [BrokenImage]
    /// Of the sound images; nil where there are none.
    public let heights: ImageSides?
    public let widths: ImageSides?
    /// The shorter side of each.
    public let shorterSides: ImageSides?
    /// Sound images that are there more than once, each group once, in the order of its first.
    public let duplicates: [DuplicateImages]

    /// Of each validation image that is a training image too, that pair; with the first of several training images.
    public var leaks: [Leak] {
        duplicates.flatMap { group -> [Leak] in
            guard let first = group.places.first, first.part == .training else { return [] }
            return group.places.filter { $0.part == .validation }.map { Leak(training: first, validation: $0) }
        }
    }

    /// The groups whose images are of more than one class: at most one of their labels is right.
    public var contradictions: [DuplicateImages] {
        duplicates.filter { group in Set(group.places.map { folder[$0.part].label(at: $0.index) }).count > 1 }
    }

    /// The folder without the broken images.
    public var soundFolder: ImageFolder { folder.without(broken.map(\.place)) }

    static let schema = "onepath.data-check/1"

    public var json: JSON {
        func path(_ place: ImagePlace) -> JSON { .string(folder[place.part].path(at: place.index)) }
        let counts = zip(folder.training.classCounts, folder.validation.classCounts)
        let classes: [JSON] = zip(folder.classNames, counts).map { name, counts in
            ["name": .string(name), "training": .integer(counts.0), "validation": .integer(counts.1)]
        }
        let broken: [JSON] = broken.map { image in
            ["path": .string(image.path), "problem": .string(image.problem), "found": .string(image.found)]
        }
        let leaks: [JSON] = leaks.map { ["training": path($0.training), "validation": path($0.validation)] }
        let duplicates: [JSON] = duplicates.map {
            ["sha256": .string($0.sha256), "paths": .array($0.places.map(path))]
        }
        let contradictions: [JSON] = contradictions.map { .array($0.places.map(path)) }
        return [
            "schema": .string(Self.schema), "path": .string(folder.path),
            "training_folder": folder.trainingFolder.map(JSON.string) ?? .null,
            "validation_folder": folder.validationFolder.map(JSON.string) ?? .null,
            "holdout": .number(folder.holdout), "training_images": .integer(folder.training.count),
            "validation_images": .integer(folder.validation.count), "classes": .array(classes),
            "height": heights?.json ?? .null, "width": widths?.json ?? .null,
            "shorter_side": shorterSides?.json ?? .null, "broken": .array(broken), "leaks": .array(leaks),
            "duplicates": .array(duplicates), "contradictions": .array(contradictions),
            "similar_classes": .array(folder.similarClasses.map { .array($0.map(JSON.string)) }),
            "left_out": .array(folder.leftOut.map(\.json)),
        ]
    }
}
