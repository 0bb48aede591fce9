import Architectures
import Datasets
import Files

/// Writes a run's results in formats that others define: figures for a viewer, weights for other programs.
public protocol RunExport: Sendable {
    /// A second log for the logged steps.
    ///
    /// - Parameters:
    ///   - directory: of the run.
    ///   - step: the step after which the run is resumed; nil for a new run.
    /// - Throws: `FileError.cannotWrite`.
    func stepLog(in directory: String, resumingAfter step: Int?) throws(FileError) -> any StepLog

    /// Writes a network that a run found or trained.
    ///
    /// - Throws: `FileError.cannotWrite`.
    func write(_ network: FinishedNetwork, in directory: RunDirectory) throws(FileError)
}

/// A network that a run found or trained.
public struct FinishedNetwork: Sendable {
    /// The weights with their architecture.
    public let weights: TrainedWeights
    /// Mean and std for the normalisation of its images.
    public let statistics: ChannelStatistics
    /// The names of its classes; nil where the data have none.
    public let classNames: [String]?
    public let provenance: Provenance

    public init(
        weights: TrainedWeights, statistics: ChannelStatistics, classNames: [String]?, provenance: Provenance
    ) {
        self.weights = weights
        self.statistics = statistics
        self.classNames = classNames
        self.provenance = provenance
    }
}
