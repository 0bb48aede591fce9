import Files

/// The images of a folder that nobody has sorted into classes.
///
///     let folder = try PictureFolder(at: "holiday")
///     print(folder.pictures)                          // ["holiday/beach.jpg", "holiday/day 2/boat.png"]
///     for left in folder.leftOut { print(left) }      // 1 file .mov: boat.mov
///
/// What counts as an image, and how links are followed, is as in an `ImageFolder`.
public struct PictureFolder: Sendable {
    /// The path that was given, without slashes at its end.
    public let path: String
    /// The paths of all images, also in folders in it, in the order of their bytes.
    public let pictures: [String]
    /// What is in the folder and not in `pictures`, by reason.
    public let leftOut: [LeftOut]

    private static let expectation = "a folder of JPEG or PNG images"

    /// - Throws: `FileError`: `unreadable` for a folder that cannot be read, `invalid` where there are no images, or far more
    ///   other files, and for folders in folders beyond `ImageFolder.depthLimit`.
    public init(at path: String) throws(FileError) {
        var path = path
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.path = path
        let walk = try ClassFolderWalk(ofAllIn: path, expecting: Self.expectation), images = walk.images
        if images.count == 0 {
            throw .invalid(
                path: path, place: "",
                problem: "expected \(Self.expectation), found \(FolderContents.summary(of: path))")
        }
        let folder = path.hasSuffix("/") ? path : path + "/"
        pictures = images.sortedIndices.map { index in
            folder + String(decoding: images.names[images.range(of: Int(index))], as: UTF8.self)
        }
        leftOut = walk.leftOut.groups
    }
}
