/// Sets values to zero at random in training and scales the others up (Srivastava et al., 2014); in place.
///
/// - Map: [N, H, W, C], plain.
public final class Dropout: Layer {
    public let map: FeatureMap
    /// The probability that a value is dropped, in 0..<1.
    public let rate: Float
    public var parameters: [Parameter] { [] }
    public var kind: LayerKind { .dropout }
    public var forwardWork: Work { Work(values: rate > 0 ? 3 * map.count : 0) }
    public var backwardWork: Work { forwardWork }
    /// The random numbers of the next step.
    public var random: RandomSource
    private let factors: Storage
    private var active = false

    public init(map: FeatureMap, rate: Float, random: RandomSource) {
        require(map.normalization == nil, "Dropout: the map must be plain")
        require(rate >= 0 && rate < 1, "Dropout: the rate must be in 0..<1, got \(rate)")
        self.map = map
        self.rate = rate
        self.random = random
        factors = Storage(count: map.values.count)
    }

    public func forward(training: Bool) {
        active = training && rate > 0
        guard active else { return }
        for index in 0..<factors.count {
            factors.pointer[index] = random.uniform() < rate ? 0 : 1 / (1 - rate)
            map.values.pointer[index] *= factors.pointer[index]
        }
    }

    public func backward() {
        guard active else { return }
        for index in 0..<factors.count { map.gradient.pointer[index] *= factors.pointer[index] }
    }
}
