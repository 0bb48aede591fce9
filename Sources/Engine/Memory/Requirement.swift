/// Stops the program with a message unless a condition holds. Unlike a precondition, it prints the message in release
/// builds too, where a wrong shape needs it as much.
@inline(__always)
func require(_ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String) {
    if !condition() { fatalError(message()) }
}
