import Files
import Foundation
import Testing
import TestSupport

@Suite("Directories")
struct DirectoryEntriesTests {
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
        for path in [folder, folder + "/", try link(to: folder)] { #expect(DirectoryEntries.isFolder(path), "\(path)") }
        let absent = directory.file("absent")
        for path in [file, try link(to: file), absent, try link(to: absent), ""] {
            #expect(!DirectoryEntries.isFolder(path), "\(path)")
        }
        #expect(DirectoryEntries.names(in: directory.path) == ["file", "folder", "link absent", "link file", "link folder"])
    }
}
