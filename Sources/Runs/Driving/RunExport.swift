import Architectures
import Datasets
import Files

/// What a run leaves beside its own files in formats that others define: figures for a viewer, weights for other programs.
public protocol RunExport: Sendable {
    /// Where the logged steps go besides.
    ///
    /// - Parameters:
    ///   - directory: of the run.
    ///   - step: after which the run is resumed; nil for a new one.
    /// - Throws: `FileError.cannotWrite`.
    func stepLog(in directory: String, resumingAfter step: Int?) throws(FileError) -> any StepLog

    /// Writes a network that a run found or trained.
    ///
    /// - Throws: `FileError.cannotWrite`.
    func write(_ network: FinishedNetwork, in directory: RunDirectory) throws(FileError)
}

/// A network that a run found or trained.
public struct FinishedNetwork: Sendable {
    /// With their architecture.
    public let weights: TrainedWeights
    /// What its images are normalised with.
    public let statistics: ChannelStatistics
    public let provenance: Provenance

    public init(weights: TrainedWeights, statistics: ChannelStatistics, provenance: Provenance) {
        self.weights = weights
        self.statistics = statistics
        self.provenance = provenance
    }
}
