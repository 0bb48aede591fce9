import Exporter
import Files
import Runs

extension EventFile: StepLog {
    public func append(metrics line: JSON) throws(FileError) { try append(metrics: line, wallTime: EventFile.now) }

    public func append(step: Int, scalars: [(name: String, value: Double)]) throws(FileError) {
        try append(step: step, wallTime: EventFile.now, scalars: scalars)
    }
}

/// What runs leave for other programs: figures for TensorBoard, weights as safetensors, the architecture as JSON.
struct ExportedRun: RunExport {
    func stepLog(in directory: String, resumingAfter step: Int?) throws(FileError) -> any StepLog {
        if let step { return try EventFile(resuming: directory, after: step) }
        return try EventFile(creating: directory)
    }

    func write(_ network: FinishedNetwork, in directory: RunDirectory) throws(FileError) {
        let file = WeightsFile(
            network.weights, imageMean: network.statistics.mean.map(Double.init),
            imageDeviation: network.statistics.standardDeviation.map(Double.init), classNames: network.classNames,
            provenance: network.provenance)
        try file.write(to: directory.weightsPath)
        try ArchitectureDocument(network.weights.architecture, provenance: network.provenance)
            .write(to: directory.architecturePath)
    }
}
