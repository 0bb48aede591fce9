import Files
import Glibc

/// Finds the images of one class folder, or of a folder without classes, and of all folders in it.
struct ClassFolderWalk {
    /// The images, in the order of the system.
    var images = ImageFileColumns()
    private(set) var leftOut = LeftOutTally()
    /// Whether the class folder is itself a link to a folder that holds it.
    private(set) var isRepeated = false

    /// The path of the class folder from the data set's, for what is left out; empty where that has no classes.
    private let shown: String
    /// The data set's folder, and what it should be, for messages.
    private let root: String
    private let expectation: String
    /// The folders that a link has led to.
    private var followed: Set<OpenFolder.Identity> = []
    /// How many folders inside the class folder hold the one that is read.
    private var depth = 0

    /// Files that are no images are counted up to this number before their share decides.
    private static let otherLimit = 20_000
    /// How many times more other files than images there may be beyond that.
    private static let otherShare = 10

    /// - Parameters:
    ///   - folders: the class folders.
    ///   - name: of one of them.
    ///   - root: the data set's folder.
    ///   - ancestors: the folders that hold the class folder.
    /// - Throws: `FileError.unreadable` for a folder; `.invalid` where there are too many folders in folders or other files.
    init(
        _ folders: ClassFolders, class name: String, root: String, ancestors: [OpenFolder.Identity]
    ) throws(FileError) {
        shown = folders.relativePath(of: name)
        self.root = root
        expectation = ImageFolderLayout.expectation
        let folder = try OpenFolder("\(folders.path)/\(name)")
        if ancestors.contains(folder.identity) {
            leftOut.add(.repeatedLink, shown)
            isRepeated = true
        } else {
            try read(folder, path: [], ancestors: ancestors)
        }
    }

    /// Finds the images of a folder without classes.
    ///
    /// - Throws: as the other initialiser.
    init(ofAllIn path: String, expecting expectation: String) throws(FileError) {
        (shown, root, self.expectation) = ("", path, expectation)
        let folder = try OpenFolder(path)
        try read(folder, path: [], ancestors: OpenFolder.identities(upFrom: path))
    }

    /// Checks that images are not lost among other files, as in a home folder that was given by mistake.
    ///
    /// - Parameter expectation: what the folder should be.
    static func check(
        images: Int, others: LeftOutTally, in root: String, expecting expectation: String = ImageFolderLayout.expectation
    ) throws(FileError) {
        guard others.otherFiles > otherLimit, others.otherFiles > otherShare * images else { return }
        let most = others.groups.filter { if case .notAnImage = $0.reason { true } else { false } }.prefix(2)
        throw .invalid(
            path: root, place: "",
            problem: "expected \(expectation), found \(images) images among more than \(otherLimit) "
                + "other files (\(most.map(\.description).joined(separator: "; ")))")
    }

    /// Adds what is in a folder.
    ///
    /// - Parameters:
    ///   - path: of the folder from the class folder, with a slash at its end; empty for the class folder.
    ///   - ancestors: the folders that hold it.
    private mutating func read(
        _ folder: borrowing OpenFolder, path: [UInt8], ancestors: [OpenFolder.Identity]
    ) throws(FileError) {
        var inside: [(name: [UInt8], isLink: Bool)] = []
        let isText = String(validating: path, as: UTF8.self) != nil
        try folder.forEachEntry { entry throws(FileError) in
            if ImageFileName.isImage(entry.name) {
                guard let status = folder.status(of: entry) else {
                    let reason = lastSystemError()
                    return leftOut.add(.unreadable, "\(shownPath(path, entry)): \(reason)")
                }
                switch status.st_mode & S_IFMT {
                case S_IFREG:
                    if isText, ImageFileName.isText(entry.name) {
                        return images.append(folder: path, name: entry.name, status: status)
                    }
                    return leftOut.add(.notUTF8, shownPath(path, entry))
                case S_IFDIR: break
                default: return leftOut.add(.notAFile, shownPath(path, entry))
                }
            } else if !folder.isFolder(entry) {
                if folder.isLink(entry), folder.status(of: entry) == nil {
                    // Perhaps a folder of images, on a disk that is not there.
                    let reason = lastSystemError()
                    return leftOut.add(.unreadable, "\(shownPath(path, entry)): \(reason)")
                }
                leftOut.add(.notAnImage(ending: ImageFileName.ending(entry.name)), shownPath(path, entry))
                return try Self.check(images: images.count, others: leftOut, in: root, expecting: expectation)
            }
            inside.append((Array(entry.name), folder.isLink(entry)))
        }
        if inside.isEmpty { return }
        // The order decides which of two links is the first; so it must not be the system's.
        inside.sort { $0.name.lexicographicallyPrecedes($1.name) }
        let ancestors = ancestors + [folder.identity]
        depth += 1
        defer { depth -= 1 }
        if depth > ImageFolder.depthLimit {
            throw .invalid(
                path: folder.path, place: "",
                problem: "expected at most \(ImageFolder.depthLimit) folders inside each other in the "
                    + "\(shown.isEmpty ? "folder" : "class folder \(shown)"), found more, as \(ImageFileName.shown(inside[0].name))")
        }
        for (name, isLink) in inside {
            let inner = try OpenFolder(name, in: folder)
            if ancestors.contains(inner.identity) || (isLink && !followed.insert(inner.identity).inserted) {
                leftOut.add(.repeatedLink, shownPath(path + name))
            } else {
                try read(inner, path: path + name + [UInt8(ascii: "/")], ancestors: ancestors)
            }
        }
    }

    /// From the data set's folder.
    private func shownPath(_ path: [UInt8], _ entry: OpenFolder.Entry) -> String { shownPath(path + entry.name) }

    /// - Parameter path: from the class folder.
    private func shownPath(_ path: [UInt8]) -> String {
        (shown.isEmpty ? "" : "\(shown)/") + ImageFileName.shown(path)
    }
}
