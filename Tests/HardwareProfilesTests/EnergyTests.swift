import Architectures
import Files
import Foundation
import HardwareProfiles
import Testing
import TestSupport

@Suite("Energy")
struct EnergyTests {
    private static let map = FeatureShape(height: 56, width: 56, channels: 96)
    private static let operators = [
        Operator.convolution(kernel: 1, stride: 1, input: map, outputChannels: 96, activation: .relu),
        .depthwiseConvolution(kernel: 5, stride: 1, input: map, activation: .relu), .add(map),
    ]

    /// The Pixel 4 with XNNPACK, whose energies are all zero but those that are given.
    private func device(
        _ energies: [String: Double], dram: Double = 0, process: Double = 45, changing keys: [String] = ["name"],
        _ change: (JSON) -> JSON = { $0 }
    ) throws -> DeviceProfile {
        let directory = try TemporaryDirectory()
        let shipped = try JSON(contentsOf: ShippedFiles.device("hardware/energy"), what: "table of energies")
        guard case .object(let members) = shipped else { throw FileError.missing(path: "energy.json", what: "object") }
        let document = JSON.object(members.map { member in
            if member.key == "dram_pj_per_byte" {
                return .init(key: member.key, value: ["LPDDR4X": ["value": .number(dram), "source": "x"]])
            }
            guard member.value["value"] != nil else { return member }
            return .init(key: member.key, value: ["value": .number(energies[member.key] ?? 0), "source": "x"])
        })
        let path = try directory.write(Array(document.text(pretty: true).utf8), to: "energy.json")
        let profile = try DeviceProfile.document("pixel4")
            .changing(["hardware", "energy"]) { _ in .string(path) }
            .changing(["hardware", "process_nm", "value"]) { _ in .number(process) }
        return try DeviceProfile(copy: profile.changing(keys[...], change))
    }

    private func isClose(_ left: Double?, _ right: Double) -> Bool {
        left.map { abs($0 - right) <= 1e-12 * right } ?? false
    }

    @Test("operations and bytes count at their price, those of the chip at its process, those of the memory not")
    func prices() throws {
        let factor = try #require(DeviceProfile.shipped("pixel1").hardware.energy).factor(nm: 14)
        #expect(factor < 0.2)
        for (process, scale) in [(45.0, 1.0), (14, factor)] {
            func cost(_ key: String) throws -> LayerCost {
                CostModel(device: try device([key: 2], process: process)).modelled(Self.operators)
            }
            let arithmetic = try cost("fma_f32_pj")
            #expect(isClose(arithmetic.energyMj, 2e-9 * scale * Double(arithmetic.macs)))
            for (key, bytes) in [
                ("l1_pj_per_byte", \LayerCost.l1Bytes), ("l2_pj_per_byte", \.l2Bytes), ("l3_pj_per_byte", \.l3Bytes),
            ] {
                let cost = try cost(key)
                #expect(isClose(cost.energyMj, 2e-9 * scale * cost[keyPath: bytes]) && cost[keyPath: bytes] > 0)
            }
            #expect(try (cost("instruction_overhead_pj").energyMj ?? 0) > 0)
            let memory = CostModel(device: try device([:], dram: 2, process: process)).modelled(Self.operators)
            #expect(isClose(memory.energyMj, 2e-9 * memory.memoryBytes) && memory.memoryBytes > 0)
        }
    }

    @Test("cores and their cluster draw power as long as the work lasts")
    func staticPower() throws {
        for (threads, milliwatts) in [(1, 7.0), (2, 10.0)] {
            let device = try device(
                ["static_mw_per_core": 3, "static_mw_per_cluster": 4, "static_mw_per_little_core": 100],
                changing: ["runtime"]
            ) { runtime in
                runtime.changing(["threads"]) { _ in .integer(threads) }.changing(["cluster"]) { _ in "big" }
            }
            let cost = CostModel(device: device).modelled(Self.operators)
            #expect(isClose(cost.energyMj, milliwatts * cost.latencyMs * 1e-3))
        }
    }

    @Test("int8 is multiplied at the price of int8")
    func int8() throws {
        let device = try device(["fma_f32_pj": 1000, "mac_int8_pj": 2], changing: []) { $0.inInt8() }
        let cost = CostModel(device: device).modelled(Self.operators)
        #expect(isClose(cost.energyMj, 2e-9 * Double(cost.macs)))
    }

    @Test("a skipped layer takes none, and hardware without energies gives none")
    func nothing() throws {
        let skip = Network.Layer(name: "x", input: Self.map, content: .skip, isSearchable: true)
        #expect(CostModel(device: try .shipped("pixel1")).cost(of: skip, space: nil).energyMj == 0)
        let silent = try DeviceProfile.copy(changing: ["hardware", "energy"]) { _ in nil }
        let estimate = CostModel(device: silent).estimate(try Architecture.reference("mobilenet-v2").network)
        #expect(estimate.energyMj == nil && estimate.layers.allSatisfy { $0.energyMj == nil })
        #expect(estimate.json["energy_mj"] == .null && estimate.latencyMs > 0)
    }

    @Test("a network's is the sum over its layers")
    func sum() throws {
        let network = try Architecture.reference("single-path-nas").network
        let estimate = CostModel(device: try .shipped("pixel1")).estimate(network)
        let energies = estimate.layers.compactMap(\.energyMj)
        #expect(energies.count == estimate.layers.count && energies.filter { $0 > 0 }.count == 20)
        #expect(isClose(estimate.energyMj, energies.reduce(0, +)))
    }

    @Test("between two processes the factor is on the line in logarithms, beyond the last it is that of the last")
    func processFactor() throws {
        let figures = try #require(DeviceProfile.shipped("pixel1").hardware.energy)
        let known = figures.processFactors
        #expect(known.count > 5)
        for entry in known { #expect(abs(figures.factor(nm: entry.nm) - entry.factor.value) < 1e-12) }
        for (high, low) in zip(known, known.dropFirst()) {
            // In the middle of the logarithms stands the geometric mean.
            let middle = (high.factor.value * low.factor.value).squareRoot()
            #expect(abs(figures.factor(nm: (high.nm * low.nm).squareRoot()) / middle - 1) < 1e-12)
            #expect(high.factor.value > low.factor.value)
        }
        #expect(figures.factor(nm: 90) == known.first?.factor.value)
        #expect(figures.factor(nm: 1) == known.last?.factor.value)
    }
}
