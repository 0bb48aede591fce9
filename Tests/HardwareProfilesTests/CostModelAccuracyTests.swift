import Architectures
import HardwareProfiles
import TestSupport
import Testing

/// The published figures that the model is held against, each predicted without itself.
@Suite("Accuracy of the cost model")
struct CostModelAccuracyTests {
    private func mean(_ errors: [Double]) -> Double { errors.reduce(0, +) / Double(errors.count) }

    @Test("of a block of the Pixel 1, from the 79 others")
    func blocks() throws {
        let errors = CostModelAccuracy.leavingOneBlockOut(of: try .shipped("pixel1"))
        #expect(errors.count == 80)
        // An error that is too small would be that of a figure that had its say.
        #expect(mean(errors) > 0.005 && mean(errors) <= 0.018, "mean \(mean(errors))")
        #expect(largest(of: errors) <= 0.055, "worst \(largest(of: errors))")
    }

    @Test("of a block of the Galaxy Note10, from the others that expand")
    func note10() throws {
        let device = try DeviceProfile.shipped("note10")
        let blocks = device.tables.flatMap(\.entries).map(\.block)
        let errors = zip(CostModelAccuracy.leavingOneBlockOut(of: device), blocks).filter { $0.1.expandConvolution }.map(\.0)
        #expect(errors.count == 90)
        #expect(mean(errors) > 0.005 && mean(errors) <= 0.03, "mean \(mean(errors))")
        #expect(largest(of: errors) <= 0.15, "worst \(largest(of: errors))")
    }

    @Test("of a stage of the Pixel 1, from the four others")
    func stages() throws {
        let errors = CostModelAccuracy.leavingOneStageOut(of: try .shipped("pixel1"))
        #expect(errors.count == 80)
        #expect(mean(errors) <= 0.025, "mean \(mean(errors))")
        #expect(mean(errors) > mean(CostModelAccuracy.leavingOneBlockOut(of: try .shipped("pixel1"))))
    }

    @Test("of a block that is left out does not depend on its figure")
    func leftOut() throws {
        let device = try DeviceProfile.shipped("pixel1")
        let before = CostModelAccuracy.leavingOneStageOut(of: device)
        for place in [0, 79] {
            let doubled = try DeviceProfile.copy(changing: ["tables", "0", "entries", "\(place)", "latency_ms"]) { _ in
                .number(device.tables[0].entries[place].latencyMs * 2)
            }
            let after = CostModelAccuracy.leavingOneStageOut(of: doubled)[place]
            // The prediction is what it was, above or below; the figure that it is compared with has doubled.
            let possible = [1 + before[place], 1 - before[place]].map { abs($0 / 2 - 1) }
            #expect(possible.contains { abs($0 - after) < 1e-9 })
        }
    }

    @Test("of whole networks, from others on the device, and from other devices")
    func networks() throws {
        let devices = try DeviceProfile.allShipped().filter { !$0.networks.isEmpty && $0.runtime.name == .xnnpack }
        #expect(devices.map(\.name) == ["pixel1-xnnpack", "pixel3a", "raspberrypi3b+"])
        var own: [Double] = [], carried: [Double] = []
        for device in devices {
            let others = devices.filter { $0 != device }
            let errors = try CostModelAccuracy.leavingOneNetworkOut(
                of: device, others: others, operators: Architecture.operatorsOfReference)
            #expect(errors.count == device.networks.count)
            own += errors
            carried += try CostModelAccuracy.carryingOver(
                to: device, from: others, operators: Architecture.operatorsOfReference)
        }
        #expect(own.count == 20 && carried.count == 20)
        #expect(mean(own) <= 0.1, "mean \(mean(own))")
        #expect(mean(carried) <= 0.2, "mean \(mean(carried))")
        // What is said of a device on which nothing was measured is this, to four digits.
        let figures = CostModelAccuracy.ofUnmeasuredDevices
        #expect(figures.count == carried.count)
        #expect(abs(figures.mean - mean(carried)) <= 5e-5, "mean \(mean(carried))")
        #expect(try abs(figures.worst - #require(carried.max())) <= 5e-5, "worst \(carried.max() ?? .nan)")
    }

    @Test("of what is not searched on the Pixel 1, from the blocks alone")
    func fixedPart() throws {
        // Stem, head and classifier are of kinds that no measured block holds; their sum was measured all the same.
        let without = try DeviceProfile.copy(changing: ["tables", "0", "groups"]) { _ in [] }
        let network = try SearchSpace.shipped("single-path-mobile").largest.network
        let rows = CostModel(device: without).fixedCosts(of: network)
        #expect(rows.map(\.name) == ["stem", "first.1", "last.1", "head", "classifier"])
        #expect(rows.allSatisfy { $0.source != .measured && $0.latencyMs > 0.5 })
        let sum = rows.reduce(0) { $0 + $1.latencyMs }
        #expect(abs(sum / Pixel1Figures.fixedPart - 1) < 0.1, "\(sum) ms")
    }
}
