import Datasets
import Files
import Testing

@Suite("Folders of pictures without classes")
struct PictureFolderTests {
    @Test("are listed with the folders in them, in the order of their names' bytes; the rest is named and counted")
    func listed() throws {
        let photos = try PhotoFolder([
            "b.jpg", "B.PNG", "10.jpeg", "2.jpe", "day/a.jfif", "day/deep/z.JPG", "a.gif", "day/b.gif", "clip.mov", "README",
            ".hidden.jpg", ".cache/x.jpg", "Thumbs.db",
        ])
        try photos.link("linked.png", to: "b.jpg")
        try photos.link("again", to: "day")
        try photos.link("nothing.jpg", to: "gone")
        let folder = try PictureFolder(at: photos.path + "//")
        #expect(folder.path == photos.path)
        #expect(
            folder.pictures == [
                "10.jpeg", "2.jpe", "B.PNG", "again/a.jfif", "again/deep/z.JPG", "b.jpg", "day/a.jfif", "day/deep/z.JPG",
                "linked.png",
            ].map(photos.file))
        #expect(
            folder.leftOut.map(\.description) == [
                "1 unreadable file: nothing.jpg: No such file or directory", "3 files .gif: a.gif, again/b.gif, day/b.gif",
                "1 file .mov: clip.mov", "1 file without an ending: README",
            ])
    }

    @Test("that have no pictures, or are none, are refused", arguments: [
        ([], "expected a folder of JPEG or PNG images, found an empty folder"),
        (["a.gif"], "expected a folder of JPEG or PNG images, found a folder of 1 GIF file"),
    ] as [([String], String)])
    func refused(files: [String], problem: String) throws {
        let photos = try PhotoFolder(files)
        #expect(throws: FileError.invalid(path: photos.path, place: "", problem: problem)) {
            _ = try PictureFolder(at: photos.path)
        }
    }

    @Test("that are far too deep are refused in words of their own")
    func deep() throws {
        let deep = (0..<17).map { "\($0)" }.joined(separator: "/")
        let photos = try PhotoFolder(["\(deep)/a.jpg"])
        #expect {
            _ = try PictureFolder(at: photos.path)
        } throws: { error in
            "\(error)".contains("expected at most 16 folders inside each other in the folder, found more, as ")
        }
    }
}
