import Files
import Foundation
import Testing
import TestSupport

@Suite struct AtomicFileTests {
    @Test func writesAndReplaces() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("x")
        for content in ["one", "", String(repeating: "long é", count: 100_000)] {
            try AtomicFile.write(content, to: file)
            #expect(try String(contentsOfFile: file, encoding: .utf8) == content)
        }
        try AtomicFile.write([0, 255, 10], to: file)
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data([0, 255, 10]))
        #expect(try directory.names() == ["x"])
    }

    @Test func writesToANameOfTheGreatestLength() throws {
        let directory = try TemporaryDirectory()
        let name = String(repeating: "n", count: 255)
        try AtomicFile.write("content", to: directory.file(name))
        #expect(try directory.names() == [name])
    }

    @Test func keepsPermissionsAndSymbolicLinks() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("x")
        let link = directory.file("link")
        try AtomicFile.write("old", to: file)
        #expect(chmod(file, 0o640) == 0)
        #expect(symlink("x", link) == 0)
        try AtomicFile.write("new", to: link)
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "new")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "x")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o640)
    }

    @Test func whatCannotBeWrittenLeavesNothingBehindAndDestroysNothing() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("x")
        let inner = directory.file("inner")
        try AtomicFile.write("old", to: file)
        try FileManager.default.createDirectory(atPath: inner, withIntermediateDirectories: false)
        let impossible = [
            (file + "/y", "Not a directory"), (directory.file("absent/y"), "No such file or directory"),
            (inner, "it is a directory"), (directory.file(String(repeating: "n", count: 256)), "File name too long"),
            ("/dev/full", "it is not a regular file"), ("/dev/null", "it is not a regular file"),
        ]
        for (path, reason) in impossible {
            #expect(errorMessage { try AtomicFile.write("new", to: path) } == "cannot write \(path): \(reason)")
            // That a name is too long shows when it is written.
            if reason == "File name too long" { continue }
            #expect(errorMessage { try AtomicFile.checkWritable(path) } == "cannot write \(path): \(reason)")
        }
        for path in [file, directory.file("new")] { try AtomicFile.checkWritable(path) }
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "old")
        #expect(try directory.names() == ["inner", "x"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: inner).isEmpty)
        #expect(FileManager.default.fileExists(atPath: "/dev/full"))
    }

    @Test func aWriteThatFailsHalfwayKeepsTheOldFile() async {
        // A process of its own, because its files may not grow beyond 1000 bytes.
        await #expect(processExitsWith: .success) {
            let directory = try TemporaryDirectory()
            let file = directory.file("x")
            try AtomicFile.write("old", to: file)
            var limit = rlimit(rlim_cur: 1000, rlim_max: 1000)
            signal(SIGXFSZ, SIG_IGN)
            #expect(setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit) == 0)
            let message = errorMessage { try AtomicFile.write(String(repeating: "new", count: 1000), to: file) }
            #expect(message == "cannot write \(file): File too large")
            #expect(try String(contentsOfFile: file, encoding: .utf8) == "old")
            #expect(try directory.names() == ["x"])
        }
    }

    @Test func aDirectoryThatMayNotBeWrittenKeepsTheOldFile() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("x")
        try AtomicFile.write("old", to: file)
        #expect(chmod(directory.path, 0o555) == 0)
        defer { chmod(directory.path, 0o755) }
        guard access(directory.path, W_OK) != 0 else { return }  // Permissions do not bind the superuser.
        #expect(errorMessage { try AtomicFile.write("new", to: file) } == "cannot write \(file): Permission denied")
        #expect(try String(contentsOfFile: file, encoding: .utf8) == "old")
    }

    @Test func manyWritersOfOneFileLeaveOneWholeContent() async throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("x")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for digit in 0..<8 {
                group.addTask { try AtomicFile.write(String(repeating: "\(digit)", count: 50_000), to: file) }
            }
            try await group.waitForAll()
        }
        let content = try String(contentsOfFile: file, encoding: .utf8)
        #expect(content.count == 50_000 && Set(content).count == 1)
        #expect(try directory.names() == ["x"])
    }

    @Test func writesPartsOneAfterTheOther() throws {
        let directory = try TemporaryDirectory()
        try AtomicFile.write([[1, 2], [], [3]], to: directory.file("x"))
        #expect(try BinaryFile.read(directory.file("x"), what: "file") == [1, 2, 3])
    }

    @Test func removesWhatKilledWritersLeftAndNothingElse() throws {
        let directory = try TemporaryDirectory()
        for name in [".onepath-12ab.tmp", "x", ".onepath-notes", "y.tmp"] {
            try AtomicFile.write("content", to: directory.file(name))
        }
        AtomicFile.removeLeftovers(in: directory.path)
        #expect(try directory.names() == [".onepath-notes", "x", "y.tmp"])
    }
}
