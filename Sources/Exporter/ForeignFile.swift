/// What a file is that was given in the place of a model or of its weights, recognised by its first bytes.
enum ForeignFile {
    static let webPage = "a web page or XML, perhaps the page of the file instead of the file"

    /// nil for a start that is none of those that are known here.
    ///
    /// - Parameter remedy: what writes the expected file where there is one of torch.save.
    static func kind(start: [UInt8], remedy: String) -> String? {
        func begins(_ text: String) -> Bool { start.starts(with: text.utf8) }
        if begins("version https://git-lfs") { return "a pointer of Git LFS; git lfs pull fetches the file itself" }
        if begins("PK\u{3}\u{4}") { return "a zip archive, such as torch.save makes; \(remedy)" }
        if start.starts(with: [0x1f, 0x8b]) { return "a file that is packed by gzip; gunzip unpacks it" }
        return nil
    }
}
