/// Why a row of another program's table is not imported.
struct Mismatch: Error {
    let reason: String

    init(_ reason: String) { self.reason = reason }
}
