import Files
import Glibc
import Training

/// The checkpoints of one run, a file a step, of which the last two are kept: `step-00001234.checkpoint`.
///
/// An older one goes only when a newer one is safely on the disk.
public struct CheckpointDirectory {
    public let path: String
    /// The steps of the checkpoints that are good, in order: written here, or what the run was resumed from.
    public private(set) var steps: [Int] = []

    private static let prefix = "step-"
    private static let suffix = ".checkpoint"
    private static let kept = 2

    init(_ path: String) { self.path = path }

    /// Where the checkpoint of a step is.
    public func file(ofStep step: Int) -> String {
        let digits = String(step)
        let zeros = String(repeating: "0", count: max(0, 8 - digits.count))
        return "\(path)/\(Self.prefix)\(zeros)\(digits)\(Self.suffix)"
    }

    /// Writes a checkpoint, and then removes all but this and the good one before it.
    ///
    /// - Throws: `FileError.cannotWrite`; the checkpoints before are then still there.
    mutating func save(_ checkpoint: Checkpoint) throws(FileError) {
        if mkdir(path, 0o777) != 0, errno != EEXIST {
            throw .cannotWrite(path: path, reason: String(cString: strerror(errno)))
        }
        try checkpoint.write(to: file(ofStep: checkpoint.step))
        steps = Array((steps.filter { $0 < checkpoint.step } + [checkpoint.step]).suffix(Self.kept))
        for step in try stored() where !steps.contains(step) { unlink(file(ofStep: step)) }
    }

    /// The newest checkpoint that can be read, with what is wrong with newer ones; nil where there are none at all.
    ///
    /// - Throws: `FileError.invalid` where there are some and none of them can be read; `FileError.unreadable` where it
    ///   cannot be known which there are.
    mutating func newest() throws -> (checkpoint: Checkpoint, skipped: [FileError])? {
        AtomicFile.removeLeftovers(in: path)
        let stored = try stored()
        var skipped: [FileError] = []
        for step in stored.reversed() {
            do {
                let checkpoint = try Checkpoint(contentsOf: file(ofStep: step))
                guard checkpoint.step == step else {
                    throw FileError.invalid(
                        path: file(ofStep: step), place: "/step",
                        problem: "expected \(step) as in the file's name, found \(checkpoint.step)")
                }
                steps = [step]
                return (checkpoint, skipped)
            } catch let error as FileError {
                skipped.append(error)
            }
        }
        if let first = skipped.first {
            throw FileError.invalid(
                path: path, place: "",
                problem: "none of the checkpoints in it can be read (\(first)); remove it to begin the run again "
                    + "with its first step, or bring back a copy of one")
        }
        return nil
    }

    /// The steps of all files that are named as checkpoints, in order.
    private func stored() throws(FileError) -> [Int] {
        try DirectoryEntries.readableNames(in: path).compactMap { name -> Int? in
            guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
            return Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        }.sorted()
    }
}
