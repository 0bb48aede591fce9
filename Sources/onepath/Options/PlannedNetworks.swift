import Architectures
import Exporter
import Files
import Glibc
import Profiler
import TFLite

/// A folder of networks to run on a device: their models, and the sheet for what they take.
struct PlannedNetworks {
    private let folder: String
    private let command: String
    /// The sheet.
    var sheet: String { "\(folder)/measurements.csv" }

    /// Makes the folder where there is none.
    ///
    /// - Parameter command: that writes it, for the models' provenance.
    /// - Throws: `FileError.cannotWrite`.
    init(folder: String, command: String) throws(FileError) {
        try Folder.make(at: folder)
        self.folder = folder
        self.command = command
    }

    /// Writes an untrained architecture as ONNX, TensorFlow Lite and ncnn.
    ///
    /// - Returns: the path of the ONNX model.
    func write(_ architecture: Architecture) throws -> String {
        let path = "\(folder)/\(architecture.name.fileName)"
        let untrained = try TrainedWeights(untrained: architecture)
        try TFLiteNetwork(untrained).model.write(to: path + ".tflite")
        try NCNNNetworkFile(architecture.network).write(to: path + ".param")
        let weights = WeightsFile(untrained, provenance: Provenance(command: command, seed: nil, inputs: []))
        try ONNXFile(weights, isFolded: true).write(to: path + ".onnx", metadata: [(key: "weights", value: "untrained")])
        return path + ".onnx"
    }

    /// Writes an architecture as its own description, which keeps the space that it is of.
    ///
    /// - Returns: its path.
    func writeDescription(_ architecture: Architecture) throws -> String {
        let path = "\(folder)/\(architecture.name.fileName).json"
        let provenance = Provenance(command: command, seed: nil, inputs: [])
        try ArchitectureDocument(architecture, provenance: provenance).write(to: path)
        return path
    }

    /// Writes a row for each network, without a latency; what is in the sheet already stays.
    ///
    /// - Throws: `FileError`, also where the sheet that is there cannot be read.
    func writeSheet(_ networks: [String], threads: Int) throws {
        let text = access(sheet, F_OK) == 0
            ? try DeviceMeasurementSheet.text(networks, threads: threads, addedTo: sheet)
            : DeviceMeasurementSheet.text(networks, threads: threads)
        try AtomicFile.write(text, to: sheet)
    }
}
