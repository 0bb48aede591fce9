import Architectures
import Exporter
import Files
import TFLite
import TestSupport
import Testing

// example: TFLite
func operatorsOfModel(_ weights: TrainedWeights, at path: String) throws -> [String] {
    var model = TFLiteNetwork(weights, output: .probabilities).model
    let input = weights.architecture.input
    let description = TFLiteDescription(
        name: "flowers", description: "Tells flowers apart.", width: input.width, height: input.height,
        channels: input.channels)
    model.describe(description, classNames: ["daisy", "rose", "tulip"])
    try model.write(to: path)
    return try TFLiteModel(contentsOf: path).operators.map(\.operation.name)
}
// end of example

@Suite("The example of TFLite")
struct TFLiteExample {
    @Test("writes a network that is read back with its operators")
    func written() throws {
        let directory = try TemporaryDirectory()
        var architecture = try ArchitectureDocument(contentsOf: ShippedFiles.reference("mobilenet-v1")).architecture
        architecture.classes = 3
        let names = try operatorsOfModel(TrainedWeights(untrained: architecture), at: directory.file("m.tflite"))
        #expect(names.filter { $0 == "DEPTHWISE_CONV_2D" }.count == 13)
        #expect(names.suffix(3) == ["MEAN", "FULLY_CONNECTED", "SOFTMAX"])
    }
}
