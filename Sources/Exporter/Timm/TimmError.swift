/// The reason, as one sentence, why timm's EfficientNet cannot express an architecture.
public struct TimmError: Error, Hashable, Sendable, CustomStringConvertible {
    public let architecture: String
    /// "the head", "layer stage1.2".
    public let place: String
    public let problem: String

    public var description: String { "\(architecture) has no form in timm's EfficientNet: \(place) \(problem)" }
}
