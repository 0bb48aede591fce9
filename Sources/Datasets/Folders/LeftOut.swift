import Files

/// Files or folders of one kind that are in no list of an `ImageFolder`, as one line that a person can act on.
public struct LeftOut: Sendable, Hashable, CustomStringConvertible {
    public enum Reason: Sendable, Hashable {
        /// A file of a class folder whose name does not end like an image's; the ending in lower case: ".gif". nil stands
        /// for all endings that are less frequent than the first twenty.
        case notAnImage(ending: String?)
        /// A file directly beside the class folders or beside the folder of training images; the ending in lower case.
        case besideClasses(ending: String)
        /// A pipe, a socket or a device.
        case notAFile
        /// A class folder without images, which is no class.
        case emptyClass
        /// A folder beside the folder of training images that was not read.
        case unusedFolder
        /// A link to a folder that is listed already.
        case repeatedLink
        /// A file of which the system tells nothing, for example a link to nothing; the reason follows its path.
        case unreadable
        /// An image whose path is not UTF-8; bytes that are not are shown as "\xE9".
        case notUTF8
    }

    public let reason: Reason
    public internal(set) var count: Int
    /// The first few by name, as paths from the data set's folder.
    public internal(set) var examples: [String]

    /// The kind in words: "files .gif".
    public var kind: String {
        func files(_ ending: String?) -> String {
            guard let ending else { return "file\(plural) of other kinds" }
            return "file\(plural)\(ending.isEmpty ? " without an ending" : " " + ending)"
        }
        return switch reason {
        case .notAnImage(let ending): files(ending)
        case .besideClasses(let ending): files(ending) + " beside the class folders"
        case .notAFile: count == 1 ? "name that is no file" : "names that are no files"
        case .emptyClass: "class folder\(plural) without images"
        case .unusedFolder: "folder\(plural) beside the training images"
        case .repeatedLink: "link\(plural) to a folder that is listed already"
        case .unreadable: "unreadable file\(plural)"
        case .notUTF8: "image\(plural) whose path is not UTF-8"
        }
    }

    private var plural: String { count == 1 ? "" : "s" }

    /// "3 files .gif: cat/a.gif, cat/b.gif, …".
    public var description: String {
        "\(count) \(kind): \(shownExamples)"
    }

    /// The examples, for people.
    public var shownExamples: String { examples.joined(separator: ", ") + (count > examples.count ? ", …" : "") }

    public var json: JSON {
        [
            "kind": .string(kind), "count": .integer(count), "examples": .array(examples.map(JSON.string)),
        ]
    }

    /// The order in which people read them: what may be a mistake first.
    fileprivate var rank: Int {
        switch reason {
        case .unreadable: 0
        case .notUTF8: 1
        case .emptyClass: 2
        case .repeatedLink: 3
        case .unusedFolder: 4
        case .notAnImage: 5
        case .besideClasses: 6
        case .notAFile: 7
        }
    }
}

/// Counts what is left out, and keeps the first few names of each kind.
struct LeftOutTally: Sendable {
    private var found: [LeftOut.Reason: LeftOut] = [:]
    /// How many files in class folders are no images.
    private(set) var otherFiles = 0

    /// The number of names that are kept.
    private static let told = 4
    /// The number of endings that are told apart: there are folders where each file has its own.
    private static let endings = 20

    mutating func add(_ reason: LeftOut.Reason, _ path: String) {
        if case .notAnImage = reason { otherFiles += 1 }
        add(LeftOut(reason: reason, count: 1, examples: [path]))
    }

    mutating func add(_ other: LeftOutTally) {
        otherFiles += other.otherFiles
        for group in other.found.values { add(group) }
    }

    private mutating func add(_ group: LeftOut) {
        guard var present = found.removeValue(forKey: group.reason) else {
            found[group.reason] = group
            return
        }
        present.count += group.count
        for example in group.examples {
            let place = present.examples.firstIndex { example < $0 } ?? present.examples.count
            if place < Self.told { present.examples.insert(example, at: place) }
        }
        present.examples.removeLast(max(0, present.examples.count - Self.told))
        found[group.reason] = present
    }

    /// In a fixed order: by reason, then the most frequent first.
    var groups: [LeftOut] {
        let others = found.values.filter { if case .notAnImage = $0.reason { true } else { false } }
        var told = self
        for rare in Self.ordered(others).dropFirst(Self.endings) {
            told.found[rare.reason] = nil
            told.add(LeftOut(reason: .notAnImage(ending: nil), count: rare.count, examples: rare.examples))
        }
        return Self.ordered(Array(told.found.values))
    }

    private static func ordered(_ groups: [LeftOut]) -> [LeftOut] {
        groups.sorted { ($0.rank, $1.count, $0.kind) < ($1.rank, $0.count, $1.kind) }
    }
}
