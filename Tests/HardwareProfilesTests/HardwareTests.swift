import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("Hardware descriptions")
struct HardwareTests {
    @Test("each is called what its file is called, serves a profile, and every figure has its source")
    func shipped() throws {
        let served = Set(try DeviceProfile.allShipped().map(\.hardware.name))
        for path in try ShippedFiles.hardware() {
            let document = try JSON(contentsOf: path, what: "hardware description")
            guard case .string(let name) = document["name"] else {
                Issue.record("\(path) has no name")
                continue
            }
            #expect(path == ShippedFiles.device("hardware/\(name)"))
            #expect(served.contains(name))
        }
    }

    @Test("two transfers a cycle over the whole bus are the memory's bandwidth")
    func memoryBandwidth() throws {
        for device in try DeviceProfile.allShipped() {
            let memory = device.hardware.memory
            let clock = try #require(memory.clockMHz), bus = try #require(memory.busBits)
            let peak = clock.value * 2 * Double(bus.value) / 8 / 1000
            #expect(abs(peak / memory.bandwidthGBPerSecond.value - 1) < 0.01, "\(device.name)")
        }
    }

    @Test("a vector holds no more fused multiply-adds than its lanes, times the pipes that there can be")
    func arithmetic() throws {
        for device in try DeviceProfile.allShipped() {
            for cluster in device.hardware.clusters {
                let lanes = Double(cluster.vectorBits.value) / 32
                #expect(cluster.fmaPerCycleF32.value <= 4 * lanes, "\(device.name) \(cluster.name)")
                #expect(cluster.fmaPerCycleInt8.value >= cluster.fmaPerCycleF32.value, "\(device.name) \(cluster.name)")
            }
        }
    }

    @Test("the Pixel 1 is described")
    func pixel1() throws {
        let hardware = try DeviceProfile.shipped("pixel1").hardware
        #expect(hardware.processNm?.value == 14)
        #expect(hardware.clusters.map(\.name) == ["big", "little"])
        #expect(hardware.clusters.map(\.core) == ["Kryo", "Kryo"])
        #expect(hardware.clusters.map(\.cores.value) == [2, 2])
        #expect(hardware.clusters.map(\.clockGHz.value) == [2.15, 1.59])
        #expect(hardware.clusters.map(\.l2KiB.value) == [1024, 512])
        #expect(hardware.memory.kind == "LPDDR4")
        #expect(hardware.l3KiB == nil && hardware.l3GBPerSecond == nil)
    }

    private static let core = ["hardware", "clusters", "0"]

    @Test("a core without a clock is refused")
    func noClock() {
        #expect(
            DeviceProfile.refusal(changing: Self.core) { $0.removing("clock_ghz") }
                == "/hardware/clusters/0/clock_ghz: missing field \"clock_ghz\"")
        #expect(
            DeviceProfile.refusal(changing: Self.core + ["clock_ghz", "value"]) { _ in 0 }
                == "/hardware/clusters/0/clock_ghz/value: expected a number from 0.001 to 100, found 0")
    }

    @Test("a cache smaller than the one before it is refused")
    func shrinkingCaches() throws {
        #expect(
            DeviceProfile.refusal(changing: Self.core + ["l2_kib", "value"]) { _ in 16 }
                == "/hardware/clusters/0/l2_kib/value: expected an integer from 32 to 1048576, found 16")
        let largest = try #require(DeviceProfile.shipped("pixel4").hardware.clusters.map(\.l2KiB.value).max())
        #expect(
            DeviceProfile.refusal(of: "pixel4-tflite-2018", changing: ["hardware", "l3_kib", "value"]) { _ in
                .integer(largest - 1)
            }
                == "/hardware/l3_kib/value: expected an integer from \(largest) to 1048576, found \(largest - 1)")
    }

    @Test("the bandwidth of a third level is refused without one, and missed with one")
    func thirdLevel() {
        #expect(
            DeviceProfile.refusal(changing: ["hardware", "l3_gb_s"]) { _ in ["value": 20.0, "source": "x"] }
                == "/hardware/l3_gb_s: expected null, where there is no third level, found an object")
        #expect(
            DeviceProfile.refusal(of: "pixel4-tflite-2018", changing: ["hardware", "l3_gb_s"]) { _ in nil }
                == "/hardware/l3_gb_s: expected a figure, found null")
    }

    @Test("a core that streams more than the memory gives is refused")
    func coreBandwidth() {
        #expect(
            DeviceProfile.refusal(changing: ["hardware", "memory", "core_bandwidth_gb_s", "value"]) { _ in 30.0 }
                == "/hardware/memory/core_bandwidth_gb_s/value: expected a number from 0.001 to 29.8, found 30.0")
    }

    @Test("clusters are refused where there are none, or two of one name")
    func clusters() {
        #expect(
            DeviceProfile.refusal(changing: ["hardware", "clusters"]) { _ in [] }
                == "/hardware/clusters: expected at least one cluster, found an empty array")
        #expect(
            DeviceProfile.refusal(changing: ["hardware", "clusters", "1", "name"]) { _ in "big" }
                == "/hardware/clusters/1/name: expected a name that no other cluster has, found \"big\"")
    }

    @Test("energies that lack the device's memory are refused")
    func energiesOfAnotherMemory() {
        #expect(
            DeviceProfile.refusal(changing: ["hardware", "memory", "kind"]) { _ in "HBM3" }
                == "/hardware/energy: expected energies that cover HBM3, found none in "
                + ShippedFiles.device("hardware/energy"))
    }
}
