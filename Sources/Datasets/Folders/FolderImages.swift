import Files

/// The images of a folder, each decoded from its file when it is read.
public struct FolderImages: ImageSource {
    /// Of the images.
    public let files: ImageFileList

    public init(_ files: ImageFileList) { self.files = files }

    public var name: String { files.name }
    public var count: Int { files.count }
    public var classes: Int { files.classNames.count }
    public var storedShape: ImageShape? { nil }
    public var isOrderedByClass: Bool { true }
    public var digest: String { files.digest }

    public func label(of image: Int) -> Int { files.label(at: image) }

    public func makeReader(shape: ImageShape) -> any ImageReader { FileReader(shape: shape, path: files.path(at:)) }
}
