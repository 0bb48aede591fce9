/// Why a search or a training cannot be or cannot go on, as one sentence that a person can act on.
public enum TrainingError: Error, CustomStringConvertible, Sendable {
    /// The images do not fit what is to be trained: "the search space fashion-mnist".
    case imagesDoNotFit(dataset: String, images: String, network: String, expected: String)
    /// The Engine has not all the operators of the network.
    case cannotTrain(network: String)
    /// A value stopped being a finite number; `place` is where that showed first.
    case diverged(step: Int, place: String, advice: String)

    public var description: String {
        switch self {
        case .imagesDoNotFit(let dataset, let images, let network, let expected):
            "\(dataset): expected \(expected) for \(network), found \(images)"
        case .cannotTrain(let network):
            "\(network): expected ReLU alone, a head, and no squeeze-excite, which is all that can be computed here"
        case .diverged(let step, let place, let advice):
            "diverged at step \(step): \(place), the first in the order of the network, is not finite any more; "
                + "try \(advice)"
        }
    }
}
