import Synchronization

/// Collects the errors of one document while its outermost object or array is read. The nodes of a document share
/// it, a wrong field gives a placeholder, and all errors are thrown together at the end.
///
/// Three kinds of errors keep one mistake from being reported twice. An error of a single value always counts. An
/// error that follows from several values (a `throw`) counts only if no value was wrong before it. An error against
/// a range that was itself read from the document counts only if nothing at all was wrong before it.
final class JSONErrors: Sendable {
    fileprivate struct State {
        /// The number of objects and arrays that are being read.
        var depth = 0
        /// The first errors, in the order of reading.
        var errors: [FileError] = []
        var count = 0
        /// The number of errors of single values.
        var wrongValues = 0
    }

    /// The largest number of errors that are listed; the others are only counted.
    static let limit = 20

    private let state = Mutex(State())

    /// Records that a value is wrong.
    ///
    /// - Parameter isDerived: whether the expectation follows from other values, which may be wrong themselves.
    /// - Throws: the error itself where no object and no array is being read.
    func note(_ error: FileError, isDerived: Bool) throws(FileError) {
        let isInside = state.withLock { state in
            if state.depth > 0, !isDerived || state.count == 0 {
                state.add(error)
                state.wrongValues += 1
            }
            return state.depth > 0
        }
        if !isInside { throw error }
    }

    /// Records an error that reading a part threw; the rest is still read.
    ///
    /// - Throws: the error itself where it is not about the document at `path`.
    func note(thrown error: any Error, path: String) throws {
        guard let invalid = error as? FileError, case .invalid(path, _, _) = invalid else { throw error }
        state.withLock { state in
            if state.wrongValues == 0 { state.add(invalid) }
        }
    }

    /// Reads an object or an array; the outermost one throws the errors of all.
    ///
    /// - Throws: what `body` throws; in the outermost one `FileError.invalid` with all errors.
    func gather<T>(path: String, _ body: () throws -> T) throws -> T {
        let isOutermost = state.withLock { state in
            if state.depth == 0 { state = State() }
            state.depth += 1
            return state.depth == 1
        }
        defer { state.withLock { $0.depth -= 1 } }
        guard isOutermost else { return try body() }
        let result: T
        do {
            result = try body()
        } catch {
            let isForeign = (try? note(thrown: error, path: path)) == nil
            throw all(path: path, and: isForeign ? error : nil) ?? error
        }
        if let error = all(path: path, and: nil) { throw error }
        return result
    }

    /// All errors as one, a sentence a line; nil where there are none.
    ///
    /// - Parameter other: an error that is not about the document.
    private func all(path: String, and other: (any Error)?) -> FileError? {
        let (errors, count) = state.withLock { ($0.errors, $0.count) }
        guard case .invalid(_, let place, let problem)? = errors.first else { return nil }
        var lines = [problem]
        for case .invalid(_, let place, let problem) in errors.dropFirst() {
            lines.append("  " + (place.isEmpty ? problem : "\(place): \(problem)"))
        }
        if count > errors.count { lines.append("  and \(count - errors.count) more") }
        if let other { lines.append("  \(other)") }
        return .invalid(path: path, place: place, problem: lines.joined(separator: "\n"))
    }
}

extension JSONErrors.State {
    fileprivate mutating func add(_ error: FileError) {
        if errors.count < JSONErrors.limit { errors.append(error) }
        count += 1
    }
}
