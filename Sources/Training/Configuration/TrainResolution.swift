import Architectures
import Files

/// The shorter side of the images that a run trains on: one for the whole run, or small at first and larger later, as in
/// progressive learning (Tan and Le, 2021, "EfficientNetV2"). Small images teach a network most of what large ones do, in
/// less time.
///
///     TrainResolution("96-160")?.side(epoch: 0, of: 10)    // 96
///
/// A schedule has one part of equal length for every 16 pixels, or for every eighth of the last side where that is less, at
/// least two parts, but none that is shorter than an epoch.
public struct TrainResolution: Hashable, Sendable {
    /// The side in the first epoch, in pixels.
    public let first: Int
    /// The side in the last epoch, in pixels; at least `first`.
    public let last: Int

    /// The sides that can be trained on, in pixels.
    public static let sides = 8...8192
    /// By how much one part of a schedule differs from the next, at least.
    private var grain: Int { min(16, max(1, last / 8)) }

    /// - Parameters:
    ///   - first: the side in the first epoch.
    ///   - last: the side in the last epoch; nil for that of the first.
    public init(_ first: Int, to last: Int? = nil) {
        self.first = first
        self.last = last ?? first
    }

    /// Reads "128" or "96-160"; nil for any other text.
    public init?(_ text: String) {
        let sides = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard (1...2).contains(sides.count), let first = sides[0], let last = sides[sides.count - 1] else { return nil }
        self.init(first, to: last)
    }

    /// Whether the side changes.
    public var isSchedule: Bool { first != last }

    /// The side in an epoch, in pixels.
    ///
    /// - Parameters:
    ///   - epoch: counted from 0.
    ///   - epochs: of the whole run.
    public func side(epoch: Int, of epochs: Int) -> Int {
        guard isSchedule, epochs > 1 else { return last }
        let parts = min(max((last - first) / grain + 1, 2), epochs)
        return first + (last - first) * (epoch * parts / epochs) / (parts - 1)
    }

    /// The mean number of pixels of the images of some steps, as a part of those of the last epoch: about the part of the
    /// time.
    ///
    /// - Parameters:
    ///   - steps: of the whole run's `count`, counted from 0.
    ///   - epochs: of the whole run.
    package func relativePixels(ofSteps steps: Range<Int>, of count: Int, epochs: Int) -> Double {
        guard isSchedule, !steps.isEmpty else { return 1 }
        let stepsPerEpoch = max(1, count / epochs)
        var sum = 0.0
        for epoch in steps.lowerBound / stepsPerEpoch...(steps.upperBound - 1) / stepsPerEpoch {
            let side = Double(side(epoch: epoch, of: epochs))
            let part = steps.clamped(to: epoch * stepsPerEpoch..<(epoch + 1) * stepsPerEpoch)
            sum += Double(part.count) * side * side
        }
        return sum / Double(steps.count) / Double(last * last)
    }

    /// 128, or [96, 160].
    public var json: JSON { isSchedule ? [.integer(first), .integer(last)] : .integer(first) }

    /// Reads the form of `json`.
    ///
    /// - Throws: `FileError.invalid`.
    package init(json node: JSONNode) throws {
        guard case .array = node.value else {
            self.init(try node.integer(in: Self.sides))
            return
        }
        let sides = try node.array { try $0.integer(in: Self.sides) }
        guard sides.count == 2, sides[0] <= sides[1] else {
            throw node.mismatch(expected: "two sides, the second not below the first")
        }
        self.init(sides[0], to: sides[1])
    }

    /// What a run's configuration has recorded; nil where that is none.
    package init?(recorded value: JSON?) {
        guard let value, let found = try? TrainResolution(json: JSONNode(value, path: "")) else { return nil }
        self = found
    }
}

extension TrainResolution: CustomStringConvertible {
    public var description: String { isSchedule ? "\(first)-\(last)" : "\(first)" }
}

extension TrainingConfiguration {
    /// The shape of the images that a network of that input is trained on in an epoch, counted from 0.
    package func trainedInput(of input: FeatureShape, epoch: Int) -> FeatureShape {
        trainResolution.map { input.resized(shorterSide: $0.side(epoch: epoch, of: epochs)) } ?? input
    }

    /// The same settings, with images of the size of the last epoch in all.
    package var atLargestResolution: TrainingConfiguration {
        var configuration = self
        configuration.trainResolution = trainResolution.map { TrainResolution($0.last) }
        return configuration
    }

    /// The mean number of pixels of the images of some steps, as `TrainResolution.relativePixels` has it; 1 where all images
    /// have one size.
    package func relativePixels(ofSteps steps: Range<Int>, of count: Int) -> Double {
        trainResolution?.relativePixels(ofSteps: steps, of: count, epochs: epochs) ?? 1
    }

    /// The part of the time of all steps that the first ones take, by the sizes of their images.
    package func share(ofSteps count: Int, of all: Int) -> Double {
        guard count > 0 else { return 0 }
        let first = Double(count) * relativePixels(ofSteps: 0..<min(count, all), of: all)
        return first / (Double(all) * relativePixels(ofSteps: 0..<all, of: all))
    }
}
