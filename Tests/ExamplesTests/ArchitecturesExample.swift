import Architectures
import Testing
import TestSupport

// example: Architectures
func largestOfTen(in spaceFile: String) throws -> Architecture? {
    let space = try SearchSpace(contentsOf: spaceFile)
    let architectures = space.randomArchitectures(10, seed: 0)
    return architectures.max { $0.network.macs < $1.network.macs }
}
// end of example

@Suite("The example of Architectures")
struct ArchitecturesExample {
    @Test("finds a network between the smallest and the largest of the space")
    func largest() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        let macs = try #require(try largestOfTen(in: ShippedFiles.space("fashion-mnist"))).network.macs
        #expect(macs > space.smallest.network.macs && macs <= space.largest.network.macs)
    }
}
