import Files
import Runs
import Training

/// What one may do next with what a command has written: a line at the end of what it prints for people.
enum NextCommand {
    /// - Parameter words: of the command, after the program.
    static func line(_ words: String...) -> String { line(words) }

    /// - Parameter words: of the command, after the program.
    static func line(_ words: [String]) -> String { "Next: onepath " + CommandWords.text(of: words) }

    /// The options with which another run reads the same images: with another share kept for validation it would train on
    /// images that the first was tested on.
    ///
    /// - Parameters:
    ///   - images: of the first run.
    ///   - resolution: that it trained at; nil for the network's input.
    static func options(of images: RunImages, resolution: TrainResolution?) -> [String] {
        var options: [String] = []
        if let resolution { options += ["--train-resolution", "\(resolution)"] }
        if let holdout = images.holdout, holdout != HoldoutOption.usual { options += ["--holdout", "\(holdout)"] }
        if images.isUncached { options.append("--no-cache") }
        if !images.skipped.isEmpty { options.append("--skip-broken") }
        return options
    }
}
