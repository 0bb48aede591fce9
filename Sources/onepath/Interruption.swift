import Glibc
import Synchronization

/// The run was asked to stop, by ctrl-C, by the system, or because its terminal was closed.
struct Interruption: Error, CustomStringConvertible {
    /// What is kept of the run, and where.
    let description: String

    private static let requested = Atomic<Bool>(false)

    /// From here on SIGINT, SIGTERM and SIGHUP ask to stop. A second SIGINT or SIGTERM ends the program at once.
    static func listen() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { _ in Interruption.requested.store(true, ordering: .relaxed) }
        action.sa_flags = Int32(bitPattern: UInt32(SA_RESETHAND))
        sigaction(SIGINT, &action, nil)
        sigaction(SIGTERM, &action, nil)
        if !isHangupIgnored {
            // Both the shell and the system may send it when one terminal is closed.
            action.sa_flags = 0
            sigaction(SIGHUP, &action, nil)
        }
        // Whoever started the program may have blocked them, and a program inherits that.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGINT)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGHUP)
        pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    }

    /// Whether whoever started the program wants it to outlive the terminal, as `nohup` does.
    private static var isHangupIgnored: Bool {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    static var isRequested: Bool { requested.load(ordering: .relaxed) }

    /// Waits for so many seconds.
    ///
    /// - Throws: `interruption` as soon as a stop is asked for.
    static func pause(seconds: Double, otherwise interruption: Interruption) throws {
        let end = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < end {
            if isRequested { throw interruption }
            usleep(100_000)
        }
    }
}
