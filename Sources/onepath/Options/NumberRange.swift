import ArgumentParser

extension ClosedRange<Int> {
    /// Checks that a number that was given with a flag is one of these; where none was given, there is nothing to check.
    ///
    /// - Throws: `ValidationError`.
    func check(_ number: Int?, of flag: String) throws {
        guard let number, !contains(number) else { return }
        throw ValidationError("--\(flag): expected a number from \(lowerBound) to \(upperBound), found \(number)")
    }
}
