/// Why a search could not go on, as one sentence that a person can act on.
public enum SearchError: Error, CustomStringConvertible, Sendable {
    /// The images do not fit the space.
    case imagesDoNotFit(dataset: String, images: String, space: String, expected: String)
    /// A value stopped being a finite number.
    case diverged(step: Int, what: String)

    public var description: String {
        switch self {
        case .imagesDoNotFit(let dataset, let images, let space, let expected):
            "\(dataset): expected \(expected) for the search space \(space), found \(images)"
        case .diverged(let step, let what):
            "the search diverged at step \(step): \(what) is not a finite number any more; "
                + "try a smaller λ, a larger batch or another seed"
        }
    }
}
