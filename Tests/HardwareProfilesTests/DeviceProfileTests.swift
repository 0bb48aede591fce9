import Architectures
import HardwareProfiles
import JSONDocuments
import TestSupport
import Testing

@Suite struct DeviceProfileTests {
    @Test func theNameOfAProfileIsThatOfItsFile() throws {
        for path in try ShippedFiles.devices() {
            let device = try DeviceProfile(contentsOf: path)
            #expect(path.hasSuffix("/\(device.name).json"))
            #expect(device.path == path)
            _ = CostModel(device: device)
        }
    }

    @Test func pixel1IsDescribed() throws {
        let device = try DeviceProfile.pixel1()
        #expect(device.hardware.processNm.value == 14)
        #expect(device.hardware.clusters.map(\.name) == ["big", "little"])
        #expect(device.hardware.clusters.map(\.core) == ["Kryo", "Kryo"])
        #expect(device.hardware.clusters.map(\.cores.value) == [2, 2])
        #expect(device.hardware.clusters.map(\.clockGHz.value) == [2.15, 1.59])
        #expect(device.hardware.clusters.map(\.l2KiB.value) == [1024, 512])
        let memory = device.hardware.memory
        #expect(memory.kind == "LPDDR4")
        // Two transfers a cycle over the whole bus.
        let peak = memory.clockMHz.value * 2 * Double(memory.busBits.value) / 8 / 1000
        #expect(abs(peak / memory.bandwidthGBPerSecond.value - 1) < 0.01)
        #expect(device.runtime.name == "tflite")
        #expect(device.runtime.dataType == .float32)
        #expect(device.runtime.threads == 1)
        #expect(device.runtime.cluster == "big")
    }

    @Test func pixel1HoldsThePublishedFigures() throws {
        let device = try DeviceProfile.pixel1()
        let space = try SearchSpace.shipped("single-path-mobile")
        #expect(device.tables.count == 1)
        let table = try #require(device.tables.first)
        #expect(table.space == space.name)
        #expect(table.entries.count == 80)
        #expect(space.searchableLayers.count == Pixel1Figures.blocks.count)
        for (layer, figures) in zip(space.searchableLayers, Pixel1Figures.blocks) {
            let choices = [(3, 3), (3, 6), (5, 3), (5, 6)]
            for ((kernel, expansion), figure) in zip(choices, figures) {
                let block = layer.block(kernel: kernel, expansion: expansion)
                let entries = table.entries.filter { $0.layer == layer.name && $0.block == block }
                #expect(entries.map(\.latencyMs) == [figure])
                #expect(entries.map(\.input) == [layer.input])
            }
        }
        let fixed = space.largest.network.layers.filter { !$0.isSearchable }.map(\.key)
        #expect(table.groups.map(\.latencyMs) == [Pixel1Figures.fixedPart])
        #expect(table.groups.first?.keys == fixed)
    }

    /// The shipped profile with two of its entries: one of stride 2, one with a residual.
    private func short() throws -> JSON {
        let document = try JSON(contentsOf: ShippedFiles.device("pixel1"), what: "device profile")
        return document.changing(["tables", "0", "entries"]) { [$0.elements[0], $0.elements[4]] }
    }

    @Test func everyDamagedCopyIsRefusedAtTheDamage() throws {
        let damages = try short().damages()
        #expect(damages.count > 500)
        for damage in damages {
            // A table of no space and an entry of no layer are as good as any.
            let isFree = damage.pointer.hasSuffix("/layer") || damage.pointer == "/tables/0/space"
            if isFree && damage.what == "null" { continue }
            let found = invalidPlace { try DeviceProfile(json: JSONNode(damage.document, path: "copy.json")) }
            #expect(
                found?.place == damage.pointer,
                "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "accepted")")
            #expect(found?.sentence.hasPrefix("copy.json: ") ?? false)
        }
    }


    @Test(arguments: [
        (
            #""cluster":"big""#, #""cluster":"huge""#,
            #"/runtime/cluster: expected a cluster of the hardware ("big", "little"), found "huge""#
        ),
        (#""threads":1"#, #""threads":3"#, "/runtime/threads: expected an integer from 1 to 2, found 3"),
        (#""float32""#, #""float8""#, #"/runtime/data_type: expected "float32", found "float8""#),
        (
            #""name":"little""#, #""name":"big""#,
            #"/hardware/clusters/1/name: expected a name that no other cluster has, found "big""#
        ),
        (
            #""l2_kib":{"value":1024"#, #""l2_kib":{"value":16"#,
            "/hardware/clusters/0/l2_kib/value: expected an integer from 32 to 1048576, found 16"
        ),
        (
            "onepath.device/1", "onepath.device/2",
            #"/schema: expected "onepath.device/1", found "onepath.device/2""#
        ),
        (
            #""residual":false"#, #""residual":true"#,
            "/tables/0/entries/0/residual: expected false, for a block of stride 2 from 16 to 24 channels, found true"
        ),
        (
            #""latency_ms":4.4905"#, #""latency_ms":0.0"#,
            "/tables/0/entries/0/latency_ms: expected a number from 1e-06 to 1000000, found 0.0"
        ),
        (
            #""input_height":112,"input_width":112"#, #""input_height":8192,"input_width":8192"#,
            "/tables/0/entries/0: makes a feature map of 8192x8192x48, which is more than 2147483647 values"
        ),
        (
            #""layer":"stage1.2""#, #""layer":"stage1.1""#,
            "/tables/0/entries/1: expected layer stage1.1 as at /tables/0/entries/0 "
                + "(112x112x16->56x56x24, stride 2), found 56x56x24->56x56x24, stride 1, residual"
        ),
        (#""name":"pixel1""#, #""name":"""#, #"/name: expected a text that is not empty, found """#),
        (
            #""space":"single-path-mobile""#, #""space":"""#,
            #"/tables/0/space: expected a text that is not empty, found """#
        ),
    ])
    func refusesWhatCannotBe(old: String, new: String, message: String) throws {
        let text = try short().text(pretty: false).replacing(": ", with: ":").replacing(", \"", with: ",\"")
        #expect(text.contains(old))
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        let found = invalidPlace {
            try DeviceProfile(json: JSONNode(JSON(parsing: changed, path: "x"), path: "x"))
        }
        #expect(found?.sentence == "x: " + message)
    }

    @Test func refusesTwoLatenciesForOneThing() throws {
        let entries = ["tables", "0", "entries"]
        func latency(_ value: Double) -> (JSON) -> JSON {
            { measurement in measurement.changing(["latency_ms"]) { _ in .number(value) } }
        }
        let twice = invalidPlace {
            try DeviceProfile.pixel1(changing: entries) { .array($0.elements + [latency(5)($0.elements[0])]) }
        }
        #expect(
            twice?.sentence
                == "copy.json: /tables/0/entries/80: expected one latency for block k3 s2 e3 112x112x16->56x56x24, "
                + "found 5.0 ms, and 4.4905 ms at /tables/0/entries/0")
        // Said twice is no contradiction; nor is another layer that does the same work.
        _ = try DeviceProfile.pixel1(changing: entries) { .array($0.elements + [$0.elements[0]]) }

        let group = invalidPlace {
            try DeviceProfile.pixel1(changing: ["tables", "0", "groups"]) { groups in
                let reordered = groups.elements[0].changing(["keys"]) { .array($0.elements.reversed()) }
                return .array(groups.elements + [latency(20)(reordered)])
            }
        }
        #expect(
            group?.sentence
                == "copy.json: /tables/0/groups/1: expected one latency for these layers, found 20.0 ms, "
                + "and 19.5999 ms at /tables/0/groups/0")
        let second = invalidPlace {
            try DeviceProfile.pixel1(changing: ["tables"]) { tables in
                .array(tables.elements + [tables.elements[0].changing(["entries", "7"], latency(1))])
            }
        }
        #expect(second?.place == "/tables/1/entries/7")
    }

    @Test func refusesEmptyLists() throws {
        let clusters = invalidPlace { try DeviceProfile.pixel1(changing: ["hardware", "clusters"]) { _ in [] } }
        #expect(
            clusters?.sentence
                == "copy.json: /hardware/clusters: expected at least one cluster, found an empty array")
        let keys = invalidPlace {
            try DeviceProfile.pixel1(changing: ["tables", "0", "groups", "0", "keys"]) { _ in [] }
        }
        #expect(
            keys?.sentence
                == "copy.json: /tables/0/groups/0/keys: expected the key of at least one layer, found an empty array")
    }

    @Test func aMissingFileIsNamed() {
        #expect(throws: FileError.missing(path: "/absent/phone.json", what: "device profile")) {
            try DeviceProfile(contentsOf: "/absent/phone.json")
        }
    }
}
