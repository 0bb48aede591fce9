import Files
import Foundation
import Testing
import TestSupport

@Suite("Folders")
struct FolderTests {
    @Test("are told from files and from nothing, also behind a link")
    func folders() throws {
        let directory = try TemporaryDirectory(), manager = FileManager.default
        let folder = directory.file("folder"), file = try directory.write([1], to: "file")
        try manager.createDirectory(atPath: folder, withIntermediateDirectories: false)
        func link(to target: String) throws -> String {
            let path = directory.file("link \(AbsolutePath.baseName(target))")
            try manager.createSymbolicLink(atPath: path, withDestinationPath: target)
            return path
        }
        for path in [folder, folder + "/", try link(to: folder)] { #expect(Folder.exists(at: path), "\(path)") }
        let absent = directory.file("absent")
        for path in [file, try link(to: file), absent, try link(to: absent), ""] {
            #expect(!Folder.exists(at: path), "\(path)")
        }
        #expect(DirectoryEntries.names(in: directory.path) == ["file", "folder", "link absent", "link file", "link folder"])
    }

    @Test("are made where there are none, with those above them where that is asked")
    func making() throws {
        let directory = try TemporaryDirectory(), deep = directory.file("a/b/c")
        #expect(errorMessage { try Folder.make(at: deep) } == "cannot write \(deep): No such file or directory")
        for _ in 0..<2 { try Folder.makeAll(to: deep + "/") }
        for _ in 0..<2 { try Folder.make(at: deep + "/d") }
        #expect(Folder.exists(at: deep + "/d"))
        let file = try directory.write([1], to: "file")
        #expect(errorMessage { try Folder.makeAll(to: file) } == "cannot write \(file): it is not a directory")
        #expect(errorMessage { try Folder.makeAll(to: file + "/x") } == "cannot write \(file)/x: Not a directory")
    }
}
