import Files
import Glibc
import Training

/// The checkpoints of one run, one file each: `step-00001234.checkpoint`. The last two are kept.
///
/// An older one is removed only when a newer one is safely on the disk.
public struct CheckpointDirectory {
    public let path: String
    /// The steps of the good checkpoints, in order: those written here, and the one that the run was resumed from.
    public private(set) var steps: [Int] = []

    private static let prefix = "step-"
    private static let suffix = ".checkpoint"
    private static let kept = 2

    init(_ path: String) { self.path = path }

    /// The path of a step's checkpoint.
    public func file(ofStep step: Int) -> String {
        let digits = String(step)
        let zeros = String(repeating: "0", count: max(0, 8 - digits.count))
        return "\(path)/\(Self.prefix)\(zeros)\(digits)\(Self.suffix)"
    }

    /// Writes a checkpoint, and then removes all but this one and the previous good one.
    ///
    /// - Throws: `FileError.cannotWrite`; earlier checkpoints are then still there.
    mutating func save(_ checkpoint: Checkpoint) throws(FileError) {
        try Folder.make(at: path)
        try checkpoint.write(to: file(ofStep: checkpoint.step))
        steps = Array((steps.filter { $0 < checkpoint.step } + [checkpoint.step]).suffix(Self.kept))
        for step in try stored() where !steps.contains(step) { unlink(file(ofStep: step)) }
    }

    /// The newest checkpoint that can be read, with the errors of newer ones; nil where there are no checkpoints.
    ///
    /// - Throws: `FileError.invalid` where none of the existing ones can be read; `FileError.unreadable` where they
    ///   cannot be listed.
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
                    + "with its first step, or restore a copy of one")
        }
        return nil
    }

    /// The step of the newest file with the name of a checkpoint, good or not; nil where there is none.
    func newestStep() -> Int? { (try? stored())?.last }

    /// The steps of all files with the name of a checkpoint, in order.
    private func stored() throws(FileError) -> [Int] {
        try DirectoryEntries.readableNames(in: path).compactMap { name -> Int? in
            guard name.hasPrefix(Self.prefix), name.hasSuffix(Self.suffix) else { return nil }
            return Int(name.dropFirst(Self.prefix.count).dropLast(Self.suffix.count))
        }.sorted()
    }
}
