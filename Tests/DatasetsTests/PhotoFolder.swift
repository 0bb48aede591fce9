import Datasets
import Files
import Foundation
import TestSupport

/// A folder of files in a temporary directory, to be listed as photos.
struct PhotoFolder {
    private let directory: TemporaryDirectory

    /// - Parameters:
    ///   - files: paths of files to write; the content of each is its own path.
    ///   - many: whether tens of thousands of files will be there.
    init(_ files: [String] = [], many: Bool = false) throws {
        directory = try TemporaryDirectory(inMemory: many)
        try write(files)
    }

    var path: String { directory.path }

    func file(_ name: String) -> String { directory.file(name) }

    func write(_ files: [String]) throws {
        for name in files { try write(Array(name.utf8), to: name) }
    }

    func write(_ bytes: [UInt8], to name: String) throws {
        try makeFolder((name as NSString).deletingLastPathComponent)
        // Many of them, which are read by nobody after a crash: not synced as AtomicFile does.
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    }

    func makeFolder(_ name: String) throws {
        try FileManager.default.createDirectory(atPath: file(name), withIntermediateDirectories: true)
    }

    /// - Parameter target: as the link holds it.
    func link(_ name: String, to target: String) throws {
        try makeFolder((name as NSString).deletingLastPathComponent)
        try FileManager.default.createSymbolicLink(atPath: file(name), withDestinationPath: target)
    }

    func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: file(name)) }

    /// Sets when a file was last written, in seconds since 1970 and nanoseconds.
    func setTime(of name: String, seconds: Int, nanoseconds: Int) throws {
        let times = [timespec](repeating: timespec(tv_sec: seconds, tv_nsec: nanoseconds), count: 2)
        if utimensat(AT_FDCWD, file(name), times, 0) != 0 { throw CocoaError(.fileWriteUnknown) }
    }

    func listed(holdout: Double = 0.1, threads: Int = 2) throws(FileError) -> ImageFolder {
        try ImageFolder(at: path, holdout: holdout, threads: threads)
    }

    /// Why the folder is refused, without its path.
    func refusal() -> String {
        do throws(FileError) {
            _ = try listed()
            return "not refused"
        } catch {
            return error.description.replacing(path, with: "PHOTOS")
        }
    }
}

extension ImageFileList {
    /// From the folder that the class folders are in.
    var paths: [String] { (0..<count).map(relativePath) }
}

extension ImageFolder {
    /// In the order of the lists.
    var lines: [String] { leftOut.map(\.description) }
}
