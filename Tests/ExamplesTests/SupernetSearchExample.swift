import Architectures
import Datasets
import HardwareProfiles
import SupernetSearch
import TestSupport
import Testing
import Training

// example: SupernetSearch
func found(
    in space: SearchSpace, on device: DeviceProfile, images: ImageDataset, latencyMs: Double
) throws -> Architecture {
    var configuration = SearchConfiguration()
    configuration.targets = [CostTarget(.latency, atMost: latencyMs)]
    configuration.epochs = 4
    configuration.batch = 16
    configuration.candidates = 6
    let search = try Search(
        space: space, costModel: CostModel(device: device), trainingImages: images, configuration: configuration)
    while let event = try search.next() {
        if case .step(let step) = event, step.isLogged { print(step.phase.text, step.crossEntropy, step.runtimeMs) }
    }
    return search.supernet.derivedArchitecture(name: "found")
}
// end of example

@Suite("The example of SupernetSearch")
struct SupernetSearchExample {
    @Test("finds a network that keeps the deadline, and refuses an impossible one")
    func search() throws {
        let space = try SmallRuns.space(), images = SmallRuns.images(160, seed: 1)
        let device = try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")), model = CostModel(device: device)
        let range = model.latencyTable(of: space).range, limit = (range.lowerBound + range.upperBound) / 2
        let network = try found(in: space, on: device, images: images, latencyMs: limit)
        #expect(model.estimate(network.network).latencyMs <= limit)
        #expect(throws: TargetError.self) {
            try found(in: space, on: device, images: images, latencyMs: range.lowerBound / 2)
        }
        #expect(throws: ConfigurationError.self) { try found(in: space, on: device, images: images, latencyMs: 0) }
    }
}
