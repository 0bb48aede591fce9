import Architectures
import Files

/// A network for people to look at: as one page that needs nothing beside it, or as the page's pictures alone.
///
///     let report = Report(architecture, origin: document.provenance, provenance: provenance)
///     try report.writeHTML(to: "report.html")
public struct Report: Sendable {
    public let architecture: Architecture
    /// How the architecture came about; nil where that is not known.
    public let origin: Provenance?
    /// The search that found it.
    public var run: ReportRun?
    public var costs: ReportCosts?
    /// What the network's sums stand beside.
    public var comparison: [ReportTotals] = []
    /// How the report came about.
    public let provenance: Provenance

    public init(_ architecture: Architecture, origin: Provenance?, provenance: Provenance) {
        self.architecture = architecture
        self.origin = origin
        self.provenance = provenance
    }

    /// Replaces the file at `path` by one page of HTML, which is XML too.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func writeHTML(to path: String) throws(FileError) { try AtomicFile.write(ReportPage(self).text, to: path) }

    /// Replaces the file at `path` by the pictures, one under the other.
    ///
    /// - Throws: `FileError.cannotWrite`; what was at `path` is then untouched.
    public func writeSVG(to path: String) throws(FileError) {
        let pictures = [NetworkPicture(architecture).picture, latencyPicture].compactMap { $0 } + curves
            + [indicatorPicture].compactMap { $0 }
        try AtomicFile.write(Picture.file(pictures, title: architecture.name), to: path)
    }

    var latencyPicture: Picture? { costs.map { LatencyPicture($0).picture } }

    /// What the search did over time; nothing without a logged step.
    var curves: [Picture] {
        guard let run, !run.steps.isEmpty else { return [] }
        return [
            CurvePicture(
                name: "cross-entropy", title: "Cross-entropy", unit: nil, run: run, values: run.crossEntropy,
                isSmoothed: true
            ).picture,
            CurvePicture(
                name: "runtime", title: "Runtime term: latency of what is selected", unit: "ms", run: run,
                values: run.runtimeMs, fromZero: true
            ).picture,
            CurvePicture(
                name: "learning-rate", title: "Learning rate", unit: nil, run: run, values: run.learningRate
            ).picture,
        ]
    }

    var indicatorPicture: Picture? {
        guard let run, !run.steps.isEmpty, !run.indicators.isEmpty else { return nil }
        return IndicatorPicture(run).picture
    }
}
