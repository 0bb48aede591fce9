import Architectures
import Files
import Foundation
import HardwareProfiles
import Testing
import TestSupport

@Suite("Device profiles")
struct DeviceProfileTests {
    /// What the page of MobileNetV3 has of the kernels of 2019.
    private static let networks = ["pixel1-tflite-2019", "pixel3-tflite-2019"].flatMap { [$0, $0 + "-int8"] }

    @Test("each is called what its file is called, and what it refers to is there")
    func shipped() throws {
        let devices = try DeviceProfile.allShipped().filter { $0.runtime.name != .ncnn }
        let phones = ["pixel2", "pixel3", "pixel3a", "pixel4", "pixel6", "raspberrypi3b+", "raspberrypi4", "raspberrypi5"]
        #expect(
            Set(devices.map(\.name))
                == Set(["pixel1", "pixel1-xnnpack", "note10"] + phones + phones.map { "\($0)-tflite-2018" } + Self.networks))
        for device in devices {
            #expect(device.path == ShippedFiles.device(device.name))
            // The plain name is what an app of today runs, but for the two that keep a table of the older kernels.
            let isOlder = device.name.contains("-tflite-20") || ["pixel1", "note10"].contains(device.name)
            #expect(device.runtime.name == (isOlder ? .tflite : .xnnpack))
            #expect(device.runtime.threads == 1 && (device.runtime.dataType == .int8) == device.name.hasSuffix("-int8"))
            #expect(device.name.hasPrefix(device.hardware.name))
            let referredTo = ["hardware/\(device.hardware.name)", "hardware/energy"].map(ShippedFiles.device)
            #expect(device.inputs.contains(device.path) && referredTo.allSatisfy(device.inputs.contains))
            // Its model answers, with an energy.
            let cost = CostModel(device: device).modelled([.add(FeatureShape(height: 9, width: 9, channels: 9))])
            #expect(cost.latencyMs > 0 && (cost.energyMj ?? 0) > 0)
        }
    }

    @Test("one without measurements of its own stands on those of another with the same runtime, and says so")
    func standIns() throws {
        for device in try DeviceProfile.allShipped() {
            let isMeasured = !device.tables.isEmpty || !device.networks.isEmpty
            switch device.parameters {
            case .calibrated:
                #expect(isMeasured)
                #expect(device.basisOfModel.hasPrefix("calibrated on "))
            case .standIn(let name, let calibration):
                #expect(!isMeasured)
                let other = try DeviceProfile.shipped(name)
                #expect(other.parameters == .calibrated(calibration) && other.runtime.name == device.runtime.name)
                #expect(device.inputs.contains(other.path))
                // Not how well the parameters fit the device that they were fitted to.
                #expect(
                    device.basisOfModel == "not measured on this device: parameters of \(name) stand in (on devices it "
                        + "was not fitted to, the model was off by 15 % on average and 45 % at worst, over 20 networks)")
            case .transferred(let parameters):
                // Of what was measured, how well it was predicted when it was left out.
                #expect((parameters.leftOut == nil) == device.networks.isEmpty)
                #expect(device.basisOfModel.hasPrefix("learned from its facts"))
                #expect(device.runtime.name != .tflite || Self.networks.contains(device.name))
            case .usual:
                Issue.record("\(device.name) has no parameters")
            }
        }
        let usual = try DeviceProfile.copy(changing: ["parameters"]) { _ in nil }
        #expect(usual.basisOfModel == "not measured: usual parameters of tflite stand in")
    }

    @Test("the Pixel 1's holds the published figures, in the layers of the published space")
    func publishedFigures() throws {
        let device = try DeviceProfile.shipped("pixel1")
        let space = try SearchSpace.shipped("single-path-mobile")
        #expect(device.tables.count == 1)
        let table = try #require(device.tables.first)
        #expect(table.space == space.name)
        #expect(table.entries.count == 80)
        #expect(space.searchableLayers.count == Pixel1Figures.blocks.count)
        for (layer, figures) in zip(space.searchableLayers, Pixel1Figures.blocks) {
            let choices = [(3, 3), (3, 6), (5, 3), (5, 6)]
            for ((kernel, expansion), figure) in zip(choices, figures) {
                let block = layer.block(BlockSize(kernel: kernel, expansion: expansion))
                let entries = table.entries.filter { $0.layer == layer.name && $0.block == block }
                #expect(entries.map(\.latencyMs) == [figure])
                #expect(entries.map(\.input) == [layer.input])
            }
        }
        let fixed = space.largest.network.layers.filter { !$0.isSearchable }.map(\.key)
        #expect(table.groups.map(\.latencyMs) == [Pixel1Figures.fixedPart])
        #expect(table.groups.first?.keys == fixed)
    }

    @Test("on other threads a device keeps its hardware and parameters, and loses tables that hold no longer")
    func threads() throws {
        let device = try DeviceProfile.shipped("pixel1")
        #expect(device.bigCores == 2)
        #expect(device.running(threads: 1) == device)
        let both = device.running(threads: 2)
        #expect(both.runtime.threads == 2 && both.tables.isEmpty)
        #expect(both.hardware == device.hardware && both.parameters == device.parameters)
    }

    // MARK: Keys

    private static let keys = ["tables", "0", "groups", "0", "keys"]

    /// The sentence of the refusal of a copy of the Pixel 1's profile by its space, or by a network of it.
    private func refusal(of key: Int, replacing old: String, with new: String, byNetwork: Bool) throws -> String? {
        let device = try DeviceProfile.copy(changing: Self.keys + ["\(key)"]) { value in
            guard case .string(let text) = value, text.contains(old) else { return value }
            return .string(text.replacing(old, with: new, maxReplacements: 1))
        }
        let space = try SearchSpace.shipped("single-path-mobile")
        return DeviceProfile.refusal {
            byNetwork
                ? try device.checkTables(of: space.smallest.network) : try device.checkTables(of: space)
        }
    }

    @Test("a group's key with a typing error that no layer can have is refused when the profile is read", arguments: [
        ("k3 s2", "k3 s02"), ("convolution", "convolutiom"), (" relu", " rela"), ("->", ">"), ("x3->", "x3 ->"),
        ("112x112", "0x112"), ("relu", "relu "), (" s2", ""), ("x3->", "x-3->"),
    ])
    func impossibleKeys(old: String, new: String) throws {
        let refusal = DeviceProfile.refusal(changing: Self.keys + ["0"]) { value in
            guard case .string(let text) = value else { return value }
            return .string(text.replacing(old, with: new, maxReplacements: 1))
        }
        let sentence = try #require(refusal, "\(new)")
        #expect(sentence.hasPrefix("/tables/0/groups/0/keys/0: expected the key of a layer, found \""), "\(sentence)")
    }

    @Test("one that another layer could have is refused by the space, or by any network of it, with the nearest",
          arguments: [false, true])
    func strangeKeys(byNetwork: Bool) throws {
        #expect(try refusal(of: 0, replacing: "x", with: "x", byNetwork: byNetwork) == nil)
        for (key, old, new) in [
            (0, " relu", ""), (0, "x32", "x33"), (1, "112x112x16", "112x112x17"), (2, "k3", "k5"), (2, "e6", "e5"),
            (3, "1280", "1281"), (4, "1000", "1001"),
        // A network alone may have been trained on data of another number of classes.
        ] where !(byNetwork && old == "1000") {
            let sentence = try #require(try refusal(of: key, replacing: old, with: new, byNetwork: byNetwork))
            #expect(
                sentence.hasPrefix(
                    "/tables/0/groups/0/keys/\(key): expected the key of a layer that single-path-mobile does not search, "
                        + "found \""), "\(sentence)")
            #expect(sentence.contains("; nearest is \""), "\(sentence)")
        }
        // What holds of a part of what is not searched, or of something twice, is never looked up.
        for change in [{ $0.dropLast() }, { $0 + [$0[0]] }] as [([JSON]) -> [JSON]] {
            let device = try DeviceProfile.copy(changing: Self.keys) { .array(change($0.elements)) }
            let space = try SearchSpace.shipped("single-path-mobile")
            let sentence = DeviceProfile.refusal {
                byNetwork
                    ? try device.checkTables(of: space.largest.network) : try device.checkTables(of: space)
            }
            #expect(
                sentence?.hasPrefix("/tables/0/groups/0/keys: expected all 5 layers that single-path-mobile does not search")
                    == true, "\(sentence ?? "accepted")")
        }
    }

    @Test("a network of the space with another number of classes is accepted, with fewer at the measured latency")
    func otherClasses() throws {
        var space = try SearchSpace.shipped("single-path-mobile")
        let device = try DeviceProfile.shipped("pixel1")
        let measured = CostModel(device: device).estimate(space.smallest.network).latencyMs
        for classes in [4, 10, 5000] {
            space.classes = classes
            try device.checkTables(of: space.smallest.network)
            let latency = CostModel(device: device).estimate(space.smallest.network).latencyMs
            #expect(classes < 1000 ? latency == measured : latency.isFinite && latency != measured, "\(classes)")
            let refusal = invalidPlace { try device.checkTables(of: space) }
            #expect(refusal?.place == "/tables/0/groups/0/keys/4", "\(classes)")
        }
    }

    @Test("an entry of a layer that is none of its choices is refused by the space")
    func unreachableEntries() throws {
        let space = try SearchSpace.shipped("single-path-mobile")
        try DeviceProfile.shipped("pixel1").checkTables(of: space)
        for (field, value) in [("kernel", 7), ("expansion", 5)] {
            let device = try DeviceProfile.copy(changing: ["tables", "0", "entries", "5", field]) { _ in .integer(value) }
            let sentence = DeviceProfile.refusal { try device.checkTables(of: space) }
            #expect(
                sentence?.hasPrefix(
                    "/tables/0/entries/5: expected a choice of layer stage1.2 of single-path-mobile, found block k") == true,
                "\(sentence ?? "accepted")")
            #expect(sentence?.contains("; nearest is \"block k3 s1 e") == true, "\(sentence ?? "accepted")")
        }
    }

    @Test("a group of no space that nearly is what a network has is told where it does not count")
    func nearGroups() throws {
        let network = try SearchSpace.shipped("single-path-mobile").largest.network
        #expect(try DeviceProfile.shipped("pixel1").groupsNearlyIn(network) == [])
        let device = try DeviceProfile.copy(changing: ["tables", "0"]) { table in
            table.changing(["space"]) { _ in nil }.changing(["groups", "0", "keys", "1"]) { _ in
                "block k3 s1 e1 112x112x32->112x112x17 unexpanded"
            }
        }
        try device.checkTables(of: network)
        let notes = device.groupsNearlyIn(network)
        #expect(notes.count == 1)
        #expect(notes[0].contains("/tables/0/groups/0: 4 of its 5 layers are in"), "\(notes)")
        #expect(notes[0].contains("nearest is \"block k3 s1 e1 112x112x32->112x112x16 unexpanded\""), "\(notes)")
        let other = try Architecture.reference("mobilenet-v3-small").network
        #expect(device.groupsNearlyIn(other) == [])
    }

    // MARK: Data types

    @Test("parameters of another data type than the runtime's are refused with what to do", arguments: [
        ("pixel1", "found ones of float32"), ("pixel4-tflite-2018", "found ones of float32"),
    ])
    func dataTypes(name: String, found: String) throws {
        let document = try DeviceProfile.document(name).changing(["runtime", "data_type"]) { _ in "int8" }
        let sentence = try #require(DeviceProfile.refusal { try DeviceProfile(copy: document) })
        #expect(sentence.hasPrefix("/parameters: expected parameters that were fitted to int8"), "\(sentence)")
        #expect(sentence.contains(found) && sentence.contains("onepath calibrate") && !sentence.contains("\n"), "\(sentence)")
        // The usual ones are of float32 too.
        let usual = document.changing(["parameters"]) { _ in nil }
        #expect(DeviceProfile.refusal { try DeviceProfile(copy: usual) }?.contains("found the usual ones, of float32") == true)
        #expect(throws: Never.self) { try DeviceProfile(copy: document.inInt8()) }
        // To fit others, those that there are do not matter.
        let bare = document.changing(["tables"]) { _ in [] }.changing(["networks"]) { _ in [] }
        #expect(throws: Never.self) {
            try DeviceProfile(json: JSONNode(bare, path: DeviceProfile.copyPath), toCalibrate: true)
        }
    }

    @Test("latencies of another data type than the runtime's are refused")
    func dataTypesOfLatencies() throws {
        for (name, place) in [("pixel1", "tables"), ("pixel1-xnnpack", "networks")] {
            let shipped = try DeviceProfile.document(name)
            let document = shipped.inInt8().changing([place]) { _ in shipped[place] ?? [] }
            let sentence = DeviceProfile.refusal { try DeviceProfile(copy: document) }
            #expect(
                sentence?.hasPrefix("/\(place)/0: expected latencies that were measured in int8") == true,
                "\(sentence ?? "accepted")")
            let marked = document.changing([place]) { list in
                .array(list.elements.map { element in
                    guard case .object(let members) = element else { return element }
                    return .object(members + [.init(key: "data_type", value: "int8")])
                })
            }
            let device = try DeviceProfile(copy: marked)
            #expect(device.runtime.dataType == .int8 && device.isMeasured)
        }
    }

    // MARK: References

    @Test("other files are found by their names, and with the product when they are not beside the profile", arguments: [
        ("hardware/pixel2.json", "pixel1.json"), ("pixel2", "pixel1"), ("hardware/pixel2.json", "pixel1"),
    ])
    func references(hardware: String, parameters: String) throws {
        let directory = try TemporaryDirectory()
        let shipped = try JSON(contentsOf: ShippedFiles.device("pixel2-tflite-2018"), what: "device profile")
        let copy = shipped.changing(["hardware"]) { _ in .string(hardware) }
            .changing(["parameters"]) { _ in .string(parameters) }
        let path = try directory.write(Array(copy.text(pretty: true).utf8), to: "mine.json")
        let device = try DeviceProfile(contentsOf: path)
        let original = try DeviceProfile.shipped("pixel2-tflite-2018")
        #expect(device.hardware == original.hardware && device.parameters == original.parameters)
        #expect(device.inputs[0] == path && device.inputs.dropFirst().allSatisfy { $0.contains("devices/") })
        // Beside the shipped ones the same names do.
        #expect(try DeviceProfile(copy: copy).hardware == original.hardware)
    }

    @Test("hardware is handed on as a file or as the object that it is")
    func hardwareReference() throws {
        let directory = try TemporaryDirectory()
        let device = try DeviceProfile.shipped("pixel1")
        #expect(try device.hardwareReference(from: ShippedFiles.device("mine")) == "hardware/pixel1.json")
        #expect(
            try device.hardwareReference(from: directory.file("mine.json"))
                == .string(ShippedFiles.device("hardware/pixel1")))
        let inside = try DeviceProfile.document("pixel1")
        let path = try directory.write(Array(inside.text(pretty: true).utf8), to: "inside.json")
        let reference = try DeviceProfile(contentsOf: path).hardwareReference(from: "/elsewhere/mine.json")
        #expect(reference["name"] == "pixel1")
        // From there its energies are found too.
        let copy = inside.changing(["hardware"]) { _ in reference }
        #expect(
            try DeviceProfile(json: JSONNode(copy, path: "/elsewhere/mine.json")).hardware == device.hardware)
    }

    // MARK: Several errors

    @Test("all errors are told at once, each with its place")
    func severalErrors() throws {
        let document = try Self.short("pixel1")
            .changing(["name"]) { _ in 3 }
            .changing(["runtime", "threads"]) { _ in "one" }
            .changing(["runtime", "cluster"]) { _ in "huge" }
            .changing(["hardware", "clusters", "0"]) { $0.removing("clock_ghz") }
            .changing(["hardware", "clusters", "1", "l1_kib", "value"]) { _ in 0 }
            .changing(["parameters", "values", "launch_us"]) { _ in 0 }
            .changing(["tables", "0", "entries", "1", "kernel"]) { _ in 4 }
            .changing(["tables", "0", "entries", "1"]) { $0.removing("latency_ms") }
            .removing("networks")
        let sentence = try #require(DeviceProfile.refusal { try DeviceProfile(copy: document) })
        let places = sentence.split(separator: "\n").map { line in
            String(line.drop { $0 == " " }.prefix { $0 != ":" })
        }
        #expect(
            places == [
                "/name", "/hardware/clusters/0/clock_ghz", "/hardware/clusters/1/l1_kib/value", "/runtime/threads",
                "/parameters/values/launch_us", "/tables/0/entries/1/kernel", "/tables/0/entries/1/latency_ms", "/networks",
            ], "\(sentence)")
    }

    @Test("nothing at all, and nothing but the schema, is told as what is missing")
    func empty() throws {
        let empty: JSON = ["schema": "onepath.device/1"]
        let sentence = try #require(DeviceProfile.refusal { try DeviceProfile(copy: empty) })
        let missing = ["name", "description", "hardware", "runtime", "parameters", "tables", "networks"]
        let lines = sentence.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        #expect(lines == missing.map { "/\($0): missing field \"\($0)\"" }, "\(sentence)")
        #expect(invalidPlace { try DeviceProfile(copy: []) }?.sentence.hasSuffix("expected an object, found an array") == true)
        // Of another kind of file no more is told than that.
        #expect(
            DeviceProfile.refusal { try DeviceProfile(copy: ["schema": "onepath.space/1", "x": 1]) }
                == "/schema: expected \"onepath.device/1\", found \"onepath.space/1\"")
    }

    // MARK: Damage

    /// A shipped profile with two of its entries at most: one of stride 2, one with a residual.
    private static func short(_ name: String) throws -> JSON {
        try DeviceProfile.document(name).changing(["tables", "0", "entries"]) { [$0.elements[0], $0.elements[4]] }
    }

    @Test("every damaged copy is refused at the damage", arguments: ["pixel1", "pixel4-tflite-2018", "pixel3a"])
    func damages(name: String) throws {
        let damages = try Self.short(name).damages()
        #expect(damages.count > 800)
        for damage in damages {
            var place = damage.pointer
            if damage.what == "null" {
                // A table of no space, an entry of no layer, hardware of no known energy, a chip without a cache
                // before its memory, a memory of no known clock or bus, and a model without parameters are as good as any.
                let free = [
                    "/layer", "/tables/0/space", "/hardware/energy", "/hardware/system_cache_kib", "/parameters",
                    "/hardware/memory/clock_mhz", "/hardware/memory/bus_bits",
                ]
                if free.contains(where: place.hasSuffix) { continue }
                // Without a process, its energies are too many.
                if place == "/hardware/process_nm" { place = "/hardware/energy" }
                // Without a third level, its bandwidth is one too many.
                if place == "/hardware/l3_kib" { place = "/hardware/l3_gb_s" }
            }
            // A device need not be in a list, nor its stream be known, nor its blocks correct the model of kernels.
            let isOptional = ["/published_as", "/stream_gb_s", "/parameters/depthwise"].contains(where: place.hasSuffix)
            if damage.what == "removed", isOptional { continue }
            // A correction may go either way.
            if damage.what == "negated", place.hasPrefix("/parameters/depthwise"), place.hasSuffix("/weight") { continue }
            // Parameters may stand in an object as well as in another profile.
            if damage.what == "object", place == "/parameters" { place += "/values" }
            let found = invalidPlace { try DeviceProfile(copy: damage.document) }
            #expect(found?.place == place, "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "accepted")")
            #expect(found?.sentence.hasPrefix("\(DeviceProfile.copyPath): ") ?? false)
        }
    }

    @Test("what cannot be is refused in a sentence", arguments: [
        (
            #""cluster":"big""#, #""cluster":"huge""#,
            #"/runtime/cluster: expected a cluster of the hardware ("big", "little"), found "huge""#
        ),
        (#""threads":1"#, #""threads":3"#, "/runtime/threads: expected an integer from 1 to 2, found 3"),
        (
            #""float32""#, #""float8""#,
            #"/runtime/data_type: expected "float32" or "int8", found "float8""#
        ),
        (
            #""name":"tflite""#, #""name":"caffe""#,
            #"/runtime/name: expected "tflite" or "xnnpack" or "ncnn", found "caffe""#
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
        (
            #""launch_us":"#, #""launch_us":-"#,
            "/parameters/values/launch_us: expected a number from 1e-06 to 1000000, found -0.2994160192478196"
        ),
        (
            #""networks":["#,
            #""networks":[{"architecture":"mobilenet-v1","threads":3,"latency_ms":1.0,"source":"x"}"#,
            "/networks/0/threads: expected an integer from 1 to 2, found 3"
        ),
    ])
    func refusesWhatCannotBe(old: String, new: String, message: String) throws {
        let text = try Self.short("pixel1").text(pretty: false)
            .replacing(": ", with: ":").replacing(", \"", with: ",\"")
        #expect(text.contains(old))
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        #expect(DeviceProfile.refusal { try DeviceProfile(copy: JSON(parsing: changed, path: "x")) } == message)
    }

    @Test("two latencies for one thing are refused, one said twice is not")
    func contradictions() throws {
        let entries = ["tables", "0", "entries"]
        func latency(_ value: Double) -> (JSON) -> JSON {
            { measurement in measurement.changing(["latency_ms"]) { _ in .number(value) } }
        }
        let twice = DeviceProfile.refusal(changing: entries) { .array($0.elements + [latency(5)($0.elements[0])]) }
        #expect(
            twice == "/tables/0/entries/80: expected one latency for block k3 s2 e3 112x112x16->56x56x24, "
                + "found 5.0 ms, and 4.4905 ms at /tables/0/entries/0")
        // Said twice is no contradiction; nor is another layer that does the same work.
        _ = try DeviceProfile.copy(changing: entries) { .array($0.elements + [$0.elements[0]]) }

        let group = DeviceProfile.refusal(changing: ["tables", "0", "groups"]) { groups in
            let reordered = groups.elements[0].changing(["keys"]) { .array($0.elements.reversed()) }
            return .array(groups.elements + [latency(20)(reordered)])
        }
        #expect(
            group == "/tables/0/groups/1: expected one latency for these layers, found 20.0 ms, "
                + "and 19.5999 ms at /tables/0/groups/0")
        let second = DeviceProfile.refusal(changing: ["tables"]) { tables in
            .array(tables.elements + [tables.elements[0].changing(["entries", "7"], latency(1))])
        }
        #expect(second?.hasPrefix("/tables/1/entries/7: ") ?? false)
        let keys = DeviceProfile.refusal(changing: ["tables", "0", "groups", "0", "keys"]) { _ in [] }
        #expect(keys == "/tables/0/groups/0/keys: expected the key of at least one layer, found an empty array")
    }

    @Test("a table that says it is of a space, and is of another, is refused where the space is known")
    func tablesOfAnotherSpace() throws {
        let mobile = try SearchSpace.shipped("single-path-mobile"), small = try SearchSpace.shipped("fashion-mnist")
        for device in try DeviceProfile.allShipped() {
            try device.checkTables(of: mobile)
            try device.checkTables(of: small)
        }
        let claiming = try DeviceProfile.copy(changing: ["tables", "0", "space"]) { _ in .string(small.name) }
        try claiming.checkTables(of: mobile)
        #expect(
            DeviceProfile.refusal { try claiming.checkTables(of: small) }
                == "/tables/0/entries/0: expected layer stage1.1 as in fashion-mnist "
                + "(28x28x8->14x14x12, stride 2), found 112x112x16->56x56x24, stride 2")
        let renamed = try DeviceProfile.copy(changing: ["tables", "0", "entries", "79", "layer"]) { _ in "stage6.1" }
        #expect(
            DeviceProfile.refusal { try renamed.checkTables(of: mobile) }
                == "/tables/0/entries/79: expected a layer that single-path-mobile searches, found stage6.1")
    }

    // MARK: Files that are referred to

    @Test("parameters of a profile without, of another runtime, or that itself refers on are refused", arguments: [
        "without.json", "pixel1-xnnpack.json", "pixel2-tflite-2018.json", "copy.json",
    ])
    func parametersOfOthers(name: String) throws {
        let directory = try TemporaryDirectory()
        func write(_ name: String, _ document: JSON) throws -> String {
            try directory.write(Array(document.text(pretty: true).utf8), to: name)
        }
        let bare = try DeviceProfile.document("pixel1").changing(["hardware", "energy"]) { _ in nil }
        _ = try write("pixel1.json", bare)
        _ = try write("pixel2-tflite-2018.json", bare.changing(["parameters"]) { _ in "pixel1.json" })
        _ = try write("without.json", bare.changing(["parameters"]) { _ in nil })
        _ = try write("pixel1-xnnpack.json", bare.changing(["runtime", "name"]) { _ in "xnnpack" })
        let path = try write("copy.json", bare.changing(["parameters"]) { _ in .string(name) })
        #expect(
            invalidPlace { try DeviceProfile(contentsOf: path) }?.sentence
                == "\(path): /parameters: expected a profile with parameters of its own for tflite, "
                + "found \"\(name)\"")
        // The one that has them is taken, in place of the damaged one.
        let good = try write("copy.json", bare.changing(["parameters"]) { _ in "pixel1.json" })
        let device = try DeviceProfile(contentsOf: good)
        #expect(device.inputs == [good, directory.file("pixel1.json")])
    }

    @Test("a missing file is named, the profile's own and those that it refers to")
    func missing() {
        #expect(throws: FileError.missing(path: "/absent/phone.json", what: "device profile")) {
            try DeviceProfile(contentsOf: "/absent/phone.json")
        }
        for (keys, what) in [
            (["hardware"], "hardware description"), (["hardware", "energy"], "table of energies"),
            (["parameters"], "device profile"),
        ] {
            #expect(throws: FileError.missing(path: ShippedFiles.device("absent"), what: what)) {
                try DeviceProfile.copy(changing: keys) { _ in "absent.json" }
            }
        }
    }

    @Test("a damaged file that is referred to is told by its own name")
    func damagedReference() throws {
        let directory = try TemporaryDirectory()
        let energy = try JSON(contentsOf: ShippedFiles.device("hardware/energy"), what: "table of energies")
        // What is no finite number has no text in a file, and no number there has to be whole.
        let damages = energy.damages().filter { !["not a number", "infinite", "fraction"].contains($0.what) }
        #expect(damages.count > 200)
        for damage in damages {
            let path = directory.file("energy.json")
            try damage.document.text(pretty: false).write(toFile: path, atomically: false, encoding: .utf8)
            let found = invalidPlace {
                try DeviceProfile.copy(changing: ["hardware", "energy"]) { _ in .string(path) }
            }
            // A memory that has no energy is missed by the hardware that has it.
            let isMissed = damage.what == "removed" && damage.pointer == "/dram_pj_per_byte/LPDDR4"
            if damage.what == "removed", damage.pointer.hasPrefix("/dram_pj_per_byte/LP"), !isMissed { continue }
            #expect(
                found?.place == (isMissed ? "/hardware/energy" : damage.pointer),
                "\(damage.what) at \(damage.pointer): \(found?.sentence ?? "accepted")")
            #expect(found?.sentence.hasPrefix(isMissed ? DeviceProfile.copyPath : "\(path): ") ?? false)
        }
    }
}
