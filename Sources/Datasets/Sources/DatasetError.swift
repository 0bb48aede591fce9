/// A request that a data set cannot meet, as one sentence that a person can act on.
public enum DatasetError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The first `length` of `count` images were requested.
    case prefixOutOfRange(length: Int, dataset: String, count: Int)
    /// Batches of `batch` out of `count` images were requested, of which so many are held out.
    case batchOutOfRange(batch: Int, dataset: String, count: Int, heldOut: Int)

    public var description: String {
        switch self {
        case .prefixOutOfRange(let length, let dataset, let count):
            "cannot take the first \(length) images of \(dataset): expected a number from 1 to \(count)"
        case .batchOutOfRange(let batch, let dataset, let count, let heldOut):
            "cannot make batches of \(batch) images of \(dataset): expected a batch of 1 to \(count - heldOut), "
                + (heldOut == 0
                    ? "the images that there are" : "because \(heldOut) of the \(count) images are held out, and not trained on")
        }
    }
}
