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
    /// The search that found it, or the training of its weights.
    public var run: ReportRun?
    /// Of its layers, on the device that the report is for.
    public var costs: ReportCosts?
    /// What is known of its latency on the device of a run where `costs` are not.
    public var found: (device: String, latency: KnownLatency)?
    /// What the network's sums stand beside.
    public var comparison: [ReportTotals] = []
    /// Images that it was evaluated on; nil where they are not at hand.
    public var images: ReportImages?
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
        let pictures = [NetworkPicture(architecture).picture, latencyPicture].compactMap(\.self) + curves
            + [indicatorPicture].compactMap(\.self)
        try AtomicFile.write(Picture.file(pictures, title: architecture.name), to: path)
    }

    /// The latency on the device that the report is for.
    var latency: (device: String, latency: KnownLatency)? { costs.map { ($0.device, $0.latency) } ?? found }

    var latencyPicture: Picture? { costs.map { LatencyPicture($0).picture } }

    /// What the run did over time; those of which something was logged.
    var curves: [Picture] {
        guard let run else { return [] }
        return run.curves.filter { !$0.places.isEmpty }.map { CurvePicture($0, phases: run.phases).picture }
    }

    var indicatorPicture: Picture? {
        guard let run, let selection = run.selection, !selection.steps.isEmpty, !selection.indicators.isEmpty else {
            return nil
        }
        return IndicatorPicture(selection, phases: run.phases).picture
    }
}
