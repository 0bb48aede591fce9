import Files

/// The sentence of the `FileError` that `body` throws; any other outcome is told in its place.
func errorMessage<T>(_ body: () throws -> T) -> String {
    do {
        return "no error, but \(try body())"
    } catch let error as FileError {
        return error.description
    } catch {
        return "not a FileError, but \(error)"
    }
}
