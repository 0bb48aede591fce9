import SupernetSearch
import Testing
import Training

// example: SupernetSearch
func shortSearch(latencyMs: Double) throws -> SearchConfiguration {
    var configuration = SearchConfiguration()
    configuration.targets = [CostTarget(.latency, atMost: latencyMs)]
    configuration.epochs = 4
    try configuration.check()
    return configuration
}
// end of example

@Suite("The example of SupernetSearch")
struct SupernetSearchExample {
    @Test("makes a configuration with one target, and refuses an impossible one")
    func configuration() throws {
        let configuration = try shortSearch(latencyMs: 1.5)
        #expect(configuration.targets.map(\.limit) == [1.5] && configuration.epochs == 4)
        #expect(throws: ConfigurationError.self) { try shortSearch(latencyMs: 0) }
    }
}
