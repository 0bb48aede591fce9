import Exporter
import Glibc

/// Shows on standard error how far a long piece of work is: a bar that is drawn over on a terminal, else a line now
/// and then.
struct ProgressDisplay {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private let first: Double
    private var lastShown: ContinuousClock.Instant?
    private var interval: Duration { isTerminal ? .milliseconds(200) : .seconds(10) }

    /// - Parameter first: how much of the work was done before, from 0 to 1.
    init(from first: Double = 0) { self.first = first }

    /// Shows how far the work is, if it is time to.
    ///
    /// - Parameters:
    ///   - fraction: of the work, from 0 to 1, where it is done.
    ///   - isMilestone: whether it is time to in any case.
    ///   - figures: what is known by now, before the time.
    mutating func show(fraction: Double, isMilestone: Bool = false, _ figures: @autoclosure () -> String) {
        let now = ContinuousClock.now
        let isLast = fraction >= 1
        // Before something is done there is no telling how long the rest takes.
        if fraction <= first { return }
        if !isLast, !isMilestone, let lastShown, now - lastShown < interval { return }
        lastShown = now
        let passed = (now - start) / .seconds(1)
        let left = passed / (fraction - first) * (1 - fraction)
        let line = figures() + "  " + (isLast ? "in \(passed.clock)" : "\(left.clock) left")
        if isTerminal {
            let bar = Self.bar(fraction: fraction, width: Self.columns - line.terminalWidth - 4)
            writeError("\r" + bar + line + "\u{1b}[K" + (isLast ? "\n" : ""))
        } else {
            writeError(line + "\n")
        }
    }

    /// Leaves the bar behind, for what is written next.
    func finish() {
        if isTerminal { writeError("\n") }
    }

    private static func bar(fraction: Double, width: Int) -> String {
        guard width >= 4 else { return "" }
        let filled = Int((fraction * Double(width)).rounded(.down))
        return "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled) + "] "
    }

    private static var columns: Int {
        var size = winsize()
        return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
    }
}
