import Files
import Foundation

/// A new, empty directory that goes with its last user.
public final class TemporaryDirectory {
    public let path: String

    /// - Parameter inMemory: whether it is in a file system in memory, where there is one: for many files.
    public init(inMemory: Bool = false) throws {
        let memory = "/dev/shm/"
        let parent = inMemory && access(memory, W_OK) == 0 ? memory : NSTemporaryDirectory()
        path = parent + "onepath-tests-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path of a file in it, whether it exists or not.
    public func file(_ name: String) -> String { path + "/" + name }

    /// What is in it, in alphabetical order.
    public func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }

    /// Writes a file and returns its path.
    public func write(_ bytes: [UInt8], to name: String) throws -> String {
        try AtomicFile.write(bytes, to: file(name))
        return file(name)
    }
}
