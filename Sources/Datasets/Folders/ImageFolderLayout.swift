import Files
import Glibc

/// Where in a data set's folder the class folders are.
struct ImageFolderLayout: Sendable {
    /// The data set's folder, without slashes at its end.
    let path: String
    /// The class folders of the training images, or of all.
    let training: ClassFolders
    /// nil where a share of the training images is held out.
    let validation: ClassFolders?
    private(set) var leftOut = LeftOutTally()

    /// Of each, the first that is there is taken.
    private static let trainingNames = ["train", "training", "training_set"]
    private static let validationNames = ["val", "validation", "valid", "validation_set", "test", "testing", "test_set"]
    /// What a folder of images is, for messages.
    static let expectation = "a folder of JPEG or PNG images as <class>/… or train/<class>/… with val/<class>/…"

    /// - Throws: `FileError` for what is no folder of images, which the error describes.
    init(of path: String) throws(FileError) {
        let shortened = path.reversed().drop { $0 == "/" }.reversed()
        self.path = shortened.isEmpty && path.hasPrefix("/") ? "/" : String(shortened)
        try Self.checkFolder(path)

        let root = try ClassFolders(at: self.path, name: nil)
        func found(_ names: [String]) throws(FileError) -> String? {
            for name in names {
                let matches = root.names.filter { $0.lowercased() == name }
                if matches.count > 1 {
                    throw .invalid(
                        path: path, place: "",
                        problem: "expected one folder \(name), found \(matches.joined(separator: " and "))")
                }
                if let match = matches.first { return match }
            }
            return nil
        }
        let validationName = try found(Self.validationNames)
        var trainingFolders: ClassFolders?
        if let name = try found(Self.trainingNames) {
            let folders = try ClassFolders(at: "\(self.path)/\(name)", name: name)
            // Beside "car" and "plane", a folder "train" without folders is a class.
            let isClass = folders.names.isEmpty && root.names.contains { $0 != name && $0 != validationName }
            if !isClass { trainingFolders = folders }
        }
        if let trainingFolders {
            training = trainingFolders
            if let validationName {
                validation = try ClassFolders(at: "\(self.path)/\(validationName)", name: validationName)
            } else {
                validation = nil
            }
            leftOut.add(root.leftOut)
            for other in root.names where other != training.name && other != validationName { leftOut.add(.unusedFolder, other) }
        } else {
            if let validationName,
                !(try ClassFolders(at: "\(self.path)/\(validationName)", name: validationName).names.isEmpty)
            {
                throw .missing(
                    path: "\(self.path)/\(Self.trainingNames[0])",
                    what: "folder of training images beside \(validationName)")
            }
            (training, validation) = (root, nil)
        }
        for part in [training, validation].compactMap(\.self) {
            leftOut.add(part.leftOut)
            try Self.check(part, isValidation: part.name != nil && part.name == validation?.name)
        }
    }

    private static func checkFolder(_ path: String) throws(FileError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw .lastFailure(path: path, what: "folder of images") }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw .unreadable(path: path, reason: "expected \(expectation), found \(FolderContents.kind(ofFile: path))")
        }
        if AbsolutePath.of(path) == "/" {
            throw .invalid(
                path: path, place: "", problem: "expected \(expectation), found the root of the file system")
        }
    }

    private static func check(_ part: ClassFolders, isValidation: Bool) throws(FileError) {
        if part.names.isEmpty {
            throw .invalid(
                path: part.path, place: "",
                problem: "expected a folder for each class with its JPEG or PNG images, found "
                    + FolderContents.summary(of: part.path)
                    + (isValidation ? "; without that folder, a share of the training images is kept for validation" : ""))
        }
        if part.names.count > ImageFolder.classLimit {
            throw .invalid(
                path: part.path, place: "",
                problem: "expected at most \(ImageFolder.classLimit) class folders, found \(part.names.count)")
        }
        if let name = part.names.first(where: breaksLines) {
            throw .invalid(
                path: part.path, place: "",
                problem: "expected names of classes in one line without control characters, found \(name.debugDescription): "
                    + "rename the folder")
        }
    }

    /// Whether a name cannot stand in lists of names, which have one a line, or would command a terminal.
    private static func breaksLines(_ name: String) -> Bool {
        name.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }
}
