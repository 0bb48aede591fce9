/// Stops the program with a message unless a condition holds. Unlike a precondition's, the message is there in release
/// builds too, where a wrong shape is as much in need of it.
@inline(__always)
func require(_ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String) {
    if !condition() { fatalError(message()) }
}
