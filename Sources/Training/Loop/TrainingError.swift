/// The reason why a search or a training cannot start or continue, as one sentence that a person can act on.
public enum TrainingError: Error, CustomStringConvertible, Sendable {
    /// The images do not fit the network or space to train: "the search space fashion-mnist".
    case imagesDoNotFit(dataset: String, images: String, network: String, expected: String)
    /// The Engine does not have all operators of the network; the first that it lacks, for people.
    case cannotTrain(network: String, found: String)
    /// A value is no longer finite; `place` is the first such value in the order of the network.
    case diverged(step: Int, place: String, advice: String)

    public var description: String {
        switch self {
        case .imagesDoNotFit(let dataset, let images, let network, let expected):
            "\(dataset): expected \(expected) for \(network), found \(images)"
        case .cannotTrain(let network, let found):
            "\(network): expected ReLU or ReLU6 alone, a head, and no squeeze-excite, which is all that can be computed here, "
                + "found \(found)"
        case .diverged(let step, let place, let advice):
            "diverged at step \(step): \(place), the first in the order of the network, is not finite any more; "
                + "try \(advice)"
        }
    }
}
