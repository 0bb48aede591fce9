import Glibc

/// The system's message for the call that failed last. Read it before any other call is made.
package func lastSystemError() -> String { String(cString: strerror(errno)) }
