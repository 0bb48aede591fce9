import Files
import Foundation
import SwiftProtobuf

/// The figures of a run, step by step, in a file that TensorBoard reads (events.out.tfevents.*).
///
///     let events = try EventFile(creating: "runs/one")
///     try events.append(step: 20, scalars: [("loss", 1.5)])
///
/// A resumed run writes a new file with a later name: TensorBoard reads all files of a directory as one.
public final class EventFile {
    public let path: String
    private let descriptor: Int32

    /// The prefix of the names of event files; a time follows, which orders them.
    private static let prefix = "events.out.tfevents."
    /// The times, in seconds since 1970, with at most ten digits, so that padded texts have the order of the numbers.
    private static let orderedTimes = 0...9_999_999_999

    /// Creates the first file of a run in its directory, which must exist.
    ///
    /// - Parameters:
    ///   - directory: of the run.
    ///   - wallTime: seconds since 1970.
    /// - Throws: `FileError.cannotWrite`.
    public init(creating directory: String, wallTime: Double = now) throws(FileError) {
        // Always after existing files, even if the clock was set back.
        var time = max(Int(wallTime), (Self.times(in: directory).max() ?? 0) + 1)
        func create() -> (path: String, descriptor: Int32) {
            let zeros = String(repeating: "0", count: max(0, 10 - "\(time)".count))
            let path = "\(directory)/\(Self.prefix)\(zeros)\(time).onepath"
            return (path, open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0o666))
        }
        var file = create()
        while file.descriptor < 0, errno == EEXIST {
            time += 1
            file = create()
        }
        (path, descriptor) = file
        guard descriptor >= 0 else { throw .cannotWrite(path: path, reason: lastSystemError()) }
        try append(.with {
            $0.wallTime = wallTime
            $0.fileVersion = "brain.Event:2"
        })
    }

    /// Creates another file for a run that resumes after a step. TensorBoard then ignores the later steps of earlier
    /// files.
    ///
    /// - Throws: `FileError.cannotWrite`.
    public convenience init(
        resuming directory: String, after step: Int, wallTime: Double = now
    ) throws(FileError) {
        try self.init(creating: directory, wallTime: wallTime)
        try append(.with {
            $0.wallTime = wallTime
            $0.step = Int64(step + 1)
            $0.sessionLog.status = .start
        })
    }

    deinit { close(descriptor) }

    /// Adds figures of a step.
    ///
    /// - Parameters:
    ///   - step: not before that of the last call.
    ///   - wallTime: seconds since 1970.
    ///   - scalars: with their names, grouped by "/"; the file stores float32.
    /// - Throws: `FileError.cannotWrite`; earlier figures are still there.
    public func append(
        step: Int, wallTime: Double = now, scalars: [(name: String, value: Double)]
    ) throws(FileError) {
        try append(.with {
            $0.wallTime = wallTime
            $0.step = Int64(step)
            $0.summary.value = scalars.map { name, value in
                .with {
                    $0.tag = name
                    $0.simpleValue = Float(value)
                }
            }
        })
    }

    /// Adds a line of a run's `metrics.jsonl`: every number except "step"; numbers in objects have the joined names,
    /// such as "indicators/stage1.1/kernel_5".
    ///
    /// - Throws: `FileError.cannotWrite`.
    public func append(metrics line: JSON, wallTime: Double = now) throws(FileError) {
        guard case .integer(let step)? = line["step"] else { preconditionFailure("a line of metrics has a step") }
        try append(
            step: step, wallTime: wallTime,
            scalars: line.numbers.filter { $0.path != ["step"] }.map { ($0.path.joined(separator: "/"), $0.value) })
    }

    /// Seconds since 1970.
    public static var now: Double { Date().timeIntervalSince1970 }

    private func append(_ event: TensorBoardEvent) throws(FileError) {
        let bytes: [UInt8]
        do {
            bytes = try event.serializedBytes()
        } catch {
            preconditionFailure("an event has no required fields: \(error)")
        }
        try writeAll(TFRecord.bytes(of: bytes), descriptor, path)
    }

    /// The times in the names of the event files in a directory. Files without a time, or with the last time of ten
    /// digits, are not files of a run and are ignored.
    private static func times(in directory: String) -> [Int] {
        DirectoryEntries.names(in: directory).compactMap { name in
            guard name.hasPrefix(prefix), let time = Int(name.dropFirst(prefix.count).prefix(while: { $0 != "." })),
                orderedTimes.contains(time), time < orderedTimes.upperBound
            else { return nil }
            return time
        }
    }
}
