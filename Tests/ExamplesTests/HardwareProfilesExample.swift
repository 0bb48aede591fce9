import Architectures
import HardwareProfiles
import Testing
import TestSupport

// example: HardwareProfiles
func slowestLayer(of architecture: Architecture, on profile: String) throws -> LayerCost? {
    let model = CostModel(device: try DeviceProfile(contentsOf: profile))
    let estimate = model.estimate(architecture.network)
    return estimate.layers.max { $0.latencyMs < $1.latencyMs }
}
// end of example

@Suite("The example of HardwareProfiles")
struct HardwareProfilesExample {
    @Test("finds the layer that takes most of the published network's time")
    func slowest() throws {
        let architecture = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        let layer = try #require(try slowestLayer(of: architecture, on: ShippedFiles.device("pixel1")))
        #expect(layer.source == .measured && layer.latencyMs > 80.4411 / 21)
    }
}
