/// What went wrong with a file, as one sentence that a person can act on.
public enum FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing is at `path`, where `what` ("search space") was expected.
    case missing(path: String, what: String)
    /// The file is there but cannot be read.
    case unreadable(path: String, reason: String)
    /// The file was read and what it holds is not right.
    ///
    /// `place` is a JSON pointer ("/stages/2/stride"), "line 3, column 7" or "byte 16"; empty for the whole file.
    case invalid(path: String, place: String, problem: String)
    /// The file could not be written; what was at `path` before is still there.
    case cannotWrite(path: String, reason: String)

    public var description: String {
        switch self {
        case .missing(let path, let what): "no \(what) at \(path)"
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .invalid(let path, "", let problem): "\(path): \(problem)"
        case .invalid(let path, let place, let problem): "\(path): \(place): \(problem)"
        case .cannotWrite(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}
