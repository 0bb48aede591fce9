import Glibc

/// The system's own words for the call that failed last, to be asked before any other call is made.
package func lastSystemError() -> String { String(cString: strerror(errno)) }
