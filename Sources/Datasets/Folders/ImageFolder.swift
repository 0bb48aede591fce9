import Engine
import Files
import Glibc

/// A folder of labelled images: `train/<class>/…` and `val/<class>/…`, or only `<class>/…`.
///
///     let folder = try ImageFolder(at: "photos")
///     print(folder.classNames, folder.training.count, folder.validation.count)
///
/// The folder with the validation images may be called `val`, `validation` or `test`; the first of these counts. Without
/// one, a share of the images is kept for validation (see `Holdout`). Files with the endings jpg, jpeg, jpe, jfif and png
/// are images; folders within a class belong to it; links are followed. Hidden files and what file managers leave behind
/// are ignored, other files are counted. A class is named as its folder, and labels follow the order of the names' bytes.
public struct ImageFolder: Sendable {
    public let path: String
    /// In the order of their labels.
    public let classNames: [String]
    public let training: ImageFileList
    public let validation: ImageFileList
    /// The name of the folder with the validation images; nil where a share of the training images is kept.
    public let validationFolder: String?
    public let skipped: SkippedFiles
    /// Names of class folders without an image; they are no classes.
    public let emptyClasses: [String]
    /// Names of classes of which no image is left for validation.
    public let classesWithoutValidation: [String]

    /// The largest number of classes.
    public static let classLimit = 65_536
    private static let trainingNames = ["train", "training"]
    private static let validationNames = ["val", "validation", "valid", "test"]

    /// What a folder must look like, for messages.
    static let expected = "folders of JPEG or PNG images, one for each class, below train and val, or alone"

    /// - Parameters:
    ///   - path: the folder.
    ///   - holdout: which images are kept for validation where no folder holds them.
    /// - Throws: `FileError`: `missing`, `unreadable`, or `invalid` where there are no images, fewer than two classes, more
    ///   than `classLimit`, or a class that only validation has.
    public init(at path: String, holdout: Holdout = Holdout()) throws(FileError) {
        self.path = path
        let top = try Self.parts(of: path)
        let trainingFolder = Self.first(of: Self.trainingNames, in: top.folders)
        var skipped = SkippedFiles()
        let classes: [Class], held: (folder: String, classes: [Class])?
        if let trainingFolder {
            classes = try Self.classes(in: "\(path)/\(trainingFolder)", &skipped)
            held = try Self.first(of: Self.validationNames, in: top.folders).map { name throws(FileError) in
                (name, try Self.classes(in: "\(path)/\(name)", &skipped))
            }
        } else {
            classes = try Self.classes(in: path, &skipped)
            held = nil
        }
        let present = classes.filter { !$0.walk.files.isEmpty }
        let names = present.map(\.name)
        guard !names.isEmpty else {
            throw .invalid(
                path: path, place: "", problem: "expected \(Self.expected), found \(FolderContents.summary(of: path))")
        }
        guard names.count > 1 else {
            throw .invalid(
                path: path, place: "", problem: "expected at least two classes with images, found one: \(names[0])")
        }
        guard names.count <= Self.classLimit else {
            throw .invalid(
                path: path, place: "", problem: "expected at most \(Self.classLimit) classes, found \(names.count)")
        }
        if let held, let unknown = held.classes.first(where: { !$0.walk.files.isEmpty && !names.contains($0.name) }) {
            throw .invalid(
                path: "\(path)/\(held.folder)/\(unknown.name)", place: "",
                problem: "expected the classes of \(path)/\(trainingFolder ?? "") "
                    + "(\(names.prefix(4).joined(separator: ", "))\(names.count > 4 ? ", …" : "")), found one that has no "
                    + "training images")
        }
        let root = trainingFolder.map { "\(path)/\($0)" } ?? path
        if let held {
            training = Self.list(present, in: root) { _ in true }
            let labels = Dictionary(uniqueKeysWithValues: zip(names, 0...))
            validation = Self.list(
                held.classes.filter { labels[$0.name] != nil }, in: "\(path)/\(held.folder)", labels: labels
            ) { _ in true }
        } else {
            training = Self.list(present, in: root) { !holdout.keeps($0) }
            validation = Self.list(present, in: root) { holdout.keeps($0) }
        }
        guard training.count > 0, validation.count > 0 else {
            let part = training.count == 0 ? "training" : "validation"
            throw .invalid(
                path: path, place: "",
                problem: "expected images for training and for validation, found none for \(part) among "
                    + "\(training.count + validation.count)")
        }
        classNames = names
        validationFolder = held?.folder
        emptyClasses = classes.filter(\.walk.files.isEmpty).map(\.name)
        classesWithoutValidation = zip(names, validation.counts(classes: names.count)).filter { $1 == 0 }.map(\.0)
        for name in top.files { skipped.add("\(path)/\(name)", because: "beside the folders of classes") }
        self.skipped = skipped
    }

    /// Whether there is a folder of images at `path`, and not something else, such as IDX files.
    static func isPresent(at path: String) -> Bool {
        guard let parts = try? parts(of: path) else { return false }
        return !parts.folders.isEmpty
    }

    /// A class folder and the images in it.
    private struct Class {
        let name: String
        let walk: FolderWalk

        /// The path of a file from the folder of the classes on, as UTF-8.
        func name(of file: FolderWalk.File) -> [UInt8] {
            Array(name.utf8) + [UInt8(ascii: "/")] + walk.name(of: file)
        }
    }

    /// The names in a folder that are not hidden: folders, and others.
    private static func parts(of path: String) throws(FileError) -> (folders: [String], files: [String]) {
        var folders: [String] = [], files: [String] = []
        for name in try DirectoryEntries.readableNames(in: path) where !name.hasPrefix(".") {
            var status = stat()
            let isFolder = stat("\(path)/\(name)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            if isFolder { folders.append(name) } else { files.append(name) }
        }
        return (folders, files)
    }

    private static func first(of names: [String], in folders: [String]) -> String? {
        names.lazy.compactMap { name in folders.first { $0.lowercased() == name } }.first
    }

    /// The class folders in a folder, in the order of their names' bytes; the cores share them.
    private static func classes(in path: String, _ skipped: inout SkippedFiles) throws(FileError) -> [Class] {
        let parts = try parts(of: path)
        let names = parts.folders.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var walks = [Result<FolderWalk, FileError>?](repeating: nil, count: names.count)
        let pool = ThreadPool(threads: min(ThreadPool.availableCores, max(1, names.count)))
        walks.withUnsafeMutableBufferPointer { walks in
            nonisolated(unsafe) let walks = walks
            pool.run { thread in
                for index in stride(from: thread, to: names.count, by: pool.threads) {
                    walks[index] = Result { () throws(FileError) in try FolderWalk("\(path)/\(names[index])") }
                }
            }
        }
        var classes: [Class] = []
        for (name, walk) in zip(names, walks) {
            guard let walk = try walk?.get() else { continue }
            skipped.add(walk.skipped)
            classes.append(Class(name: name, walk: walk))
        }
        return classes
    }

    /// The files of classes whose names `isIn` takes.
    ///
    /// - Parameter labels: by the names of classes; nil for their places.
    private static func list(
        _ classes: [Class], in folder: String, labels: [String: Int]? = nil, where isIn: ([UInt8]) -> Bool
    ) -> ImageFileList {
        var files = 0, nameBytes = 0
        func forEach(_ body: (FolderWalk.File, [UInt8], Int) -> Void) {
            for (place, one) in classes.enumerated() {
                for file in one.walk.files {
                    let name = one.name(of: file)
                    if isIn(name) { body(file, name, labels?[one.name] ?? place) }
                }
            }
        }
        forEach { _, name, _ in
            files += 1
            nameBytes += name.count
        }
        var list = ImageFileList(folder: folder)
        list.reserve(files: files, nameBytes: nameBytes)
        forEach { list.append($0, named: $1, label: $2) }
        return list
    }
}
