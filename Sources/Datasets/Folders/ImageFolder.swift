import Engine
import Files
import Glibc

/// A folder of photos with one sub-folder a class, listed and split into training and validation images.
///
///     let photos = try ImageFolder(at: "photos", holdout: 0.1)
///     print(photos.classNames, photos.training.count, photos.validation.count)   // ["cat", "dog"] 1802 198
///     print(photos.training.path(at: 0))                                         // photos/cat/0001.jpg
///     for left in photos.leftOut { print(left) }                                 // 2 files .txt: cat/notes.txt, …
///
/// Layouts, with folder names in any case:
/// - `train/<class>/…` and one of `val/`, `validation/`, `valid/`, `test/<class>/…`, the first of them that is there;
/// - `train/<class>/…` alone, from which the share `holdout` is kept for validation;
/// - `<class>/…` directly, from which the share `holdout` is kept for validation.
///
/// Files in sub-folders of a class folder belong to the class. Images are the files whose name ends with `.jpg`, `.jpeg`,
/// `.jpe`, `.jfif` or `.png`, in any case; whether they are images indeed, `ImageFolderScan` tells. Names that begin with a
/// dot, `Thumbs.db` and `desktop.ini` are ignored. Everything else is in `leftOut`.
///
/// Which image is kept for validation depends on its path alone (`PathHash`), so files that are added or removed move
/// none. Classes stand in the order of the bytes of their names (UTF-8), and files of a class in that of their paths.
///
/// Links are followed; several links to a file are several images. A link to a folder that holds the link itself, or to
/// one that another link of the class has led to, is left out and reported: what it leads to is listed already, and a
/// folder of a million photos should not be refused for it.
public struct ImageFolder: Sendable {
    /// What an image is for.
    public enum Part: String, Sendable, Hashable, CaseIterable { case training, validation }

    /// The most classes that labels of 16 bits tell apart.
    public static let classLimit = 65_536
    /// The most folders inside each other in a class folder: more is a folder that was given by mistake.
    public static let depthLimit = 16

    /// The path that was given, without slashes at its end.
    public let path: String
    /// The name of the folder of training images as it is on the disk ("train"); nil where the classes are in `path`
    /// directly.
    public let trainingFolder: String?
    /// The name of the folder of validation images as it is on the disk ("val"); nil where `holdout` decides.
    public let validationFolder: String?
    /// The share of the images that was kept for validation; 0 where they have a folder.
    public let holdout: Double
    /// The names of the classes in the order of their labels; those that have training or held-out images.
    public let classNames: [String]
    /// The images to train with.
    public private(set) var training: ImageFileList
    /// The images to evaluate with; of the same classes. Empty only where the holdout is 0.
    public private(set) var validation: ImageFileList
    /// What is in the folder and in neither list, by reason.
    public let leftOut: [LeftOut]

    /// Lists a folder.
    ///
    /// - Parameters:
    ///   - path: the folder.
    ///   - holdout: in 0..<1, the share of the images that is kept for validation where no folder is for them.
    ///   - threads: how many folders are read at a time; the result is the same for any number.
    /// - Throws: `FileError`: `missing` where nothing is; `unreadable` for a file, and for a folder that cannot be read;
    ///   `invalid` where there are no images, fewer than two or more than `classLimit` classes, control characters in the
    ///   name of one, validation images of a class without training images, folders in folders beyond `depthLimit`, or far
    ///   more other files than images.
    public init(
        at path: String, holdout: Double = 0.1, threads: Int = ThreadPool.availableCores
    ) throws(FileError) {
        precondition((0..<1).contains(holdout), "ImageFolder: a holdout of \(holdout) is not in 0..<1")
        let layout = try ImageFolderLayout(of: path)
        let share = layout.validation == nil ? holdout : 0
        let listed = try ImageFolderListing(layout, holdout: share).lists(threads: threads)

        self.path = layout.path
        trainingFolder = layout.training.name
        validationFolder = layout.validation?.name
        self.holdout = share
        classNames = listed.classNames
        let folders = (training: layout.training.name, validation: (layout.validation ?? layout.training).name)
        training = ImageFileList(
            name: "\(path) training", root: layout.path, part: folders.training, classNames: listed.classNames,
            columns: listed.training)
        validation = ImageFileList(
            name: "\(path) validation", root: layout.path, part: folders.validation, classNames: listed.classNames,
            columns: listed.validation)
        leftOut = listed.leftOut.groups
        try checkSplit()
    }

    /// The images of a part.
    public subscript(part: Part) -> ImageFileList { part == .training ? training : validation }

    /// The classes that have no training images: all were held out.
    public var classesWithoutTraining: [String] { Self.absent(training) }

    /// The classes that have no validation images.
    public var classesWithoutValidation: [String] { Self.absent(validation) }

    /// Classes whose names differ only in case, in spaces, or in how accents are written: most likely one class in two
    /// folders. Each group has at least two, in the order of labels.
    public var similarClasses: [[String]] {
        // Strings are equal however accents are written.
        let groups = Dictionary(grouping: classNames.indices) { label in
            classNames[label].lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        return groups.values.filter { $0.count > 1 }.sorted { $0[0] < $1[0] }.map { group in group.map { classNames[$0] } }
    }

    /// The folder without some of its images; the classes stay.
    ///
    /// - Parameter images: indices in the list of their part.
    public func without(_ images: [ImagePlace]) -> ImageFolder {
        var rest = self
        rest.training = training.without(images.filter { $0.part == .training }.map(\.index))
        rest.validation = validation.without(images.filter { $0.part == .validation }.map(\.index))
        return rest
    }

    /// The folder with some of its images only.
    ///
    /// - Parameters:
    ///   - training: of the images of `training`.
    ///   - validation: of the images of `validation`.
    public func with(training: ImageFileList, validation: ImageFileList) -> ImageFolder {
        var part = self
        part.training = training
        part.validation = validation
        return part
    }

    private static func absent(_ list: ImageFileList) -> [String] {
        zip(list.classNames, list.classCounts).filter { $0.1 == 0 }.map(\.0)
    }

    /// Checks that a holdout left images on both sides.
    private func checkSplit() throws(FileError) {
        let total = training.count + validation.count
        let share = "a share of \(holdout) of \(total.counted("image"))"
        if training.count == 0 {
            throw .invalid(path: path, place: "", problem: "expected images to train with, but \(share) held out are all")
        }
        if validation.count == 0, holdout > 0 {
            throw .invalid(
                path: path, place: "",
                problem: "expected images to evaluate with, but \(share) held out are none: put some into a folder "
                    + "val beside train, or hold out more")
        }
    }
}

/// Where an image stands in an `ImageFolder`.
public struct ImagePlace: Sendable, Hashable, Comparable {
    public let part: ImageFolder.Part
    /// In the list of its part.
    public let index: Int

    public init(part: ImageFolder.Part, index: Int) {
        self.part = part
        self.index = index
    }

    /// Training images first.
    public static func < (left: ImagePlace, right: ImagePlace) -> Bool {
        left.part == right.part ? left.index < right.index : left.part == .training
    }
}
