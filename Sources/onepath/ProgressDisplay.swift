import Exporter
import Glibc
import SupernetSearch

/// Shows on standard error how far a search is: a bar that is drawn over on a terminal, else a line now and then.
struct ProgressDisplay {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let start = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    private var interval: Duration { isTerminal ? .milliseconds(200) : .seconds(10) }

    /// Shows a step, if it is time to.
    mutating func show(_ step: SearchStep) {
        let now = ContinuousClock.now
        let isLast = step.step == step.steps
        if !isLast, let lastShown, now - lastShown < interval { return }
        lastShown = now
        let passed = (now - start) / .seconds(1)
        let left = passed / Double(step.step) * Double(step.steps - step.step)
        let figures = "epoch \(step.epoch)/\(step.epochs)  step \(step.step)/\(step.steps)  "
            + "\(step.imagesPerSecond.fixed(0)) img/s  CE \(step.crossEntropy.fixed(3))  "
            + "\(step.runtimeMs.fixed(3)) ms  "
            + (isLast ? "in \(passed.clock)" : "\(left.clock) left")
        if isTerminal {
            let bar = Self.bar(fraction: Double(step.step) / Double(step.steps), width: Self.columns - figures.count - 4)
            writeError("\r" + bar + figures + "\u{1b}[K" + (isLast ? "\n" : ""))
        } else {
            writeError(figures + "\n")
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
