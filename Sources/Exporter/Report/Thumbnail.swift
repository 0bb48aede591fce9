/// A small image of a page.
public struct Thumbnail: Sendable, Hashable {
    public enum Format: String, Sendable { case jpeg, png }

    /// Of the image's file, for those who cannot see it, and under the pointer.
    public let name: String
    /// Of a file of that format, at most some kilobytes: they stand in the page.
    public let bytes: [UInt8]
    public let format: Format

    public init(name: String, bytes: [UInt8], format: Format) {
        (self.name, self.bytes, self.format) = (name, bytes, format)
    }
}

extension Thumbnail {
    /// The image, which stands in the page.
    var markup: Markup {
        .element(
            "img",
            ["alt": name, "title": name, "src": "data:image/\(format.rawValue);base64,\(Base64.text(bytes))"])
    }
}
