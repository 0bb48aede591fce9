import Files

/// Image files that nobody has labelled: all of one class.
public struct LooseImages: ImageSource {
    private let paths: [String]

    /// - Parameter paths: of JPEG or PNG files, at least one.
    public init(_ paths: [String]) {
        precondition(!paths.isEmpty, "LooseImages: there are no files")
        self.paths = paths
    }

    public var name: String { "images" }
    public var count: Int { paths.count }
    public var classes: Int { 1 }
    public var storedShape: ImageShape? { nil }
    public var isOrderedByClass: Bool { false }
    public var digest: String { FileDigest.sha256(ofText: paths.joined(separator: "\n")) }

    public func label(of image: Int) -> Int { 0 }

    public func makeReader(shape: ImageShape) -> any ImageReader { FileReader(shape: shape) { paths[$0] } }
}
