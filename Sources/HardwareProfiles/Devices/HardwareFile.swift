import Files

extension Hardware {
    static let schema = "onepath.hardware/1"

    /// Reads the hardware from the object at `node`, or from the file that `node` names.
    init(referredToBy node: JSONNode, inputs: inout [String]) throws {
        guard case .string = node.value else {
            self = try node.object { try Hardware(&$0, path: node.path, inputs: &inputs) }
            return
        }
        guard let path = try FileReference.path(node, .hardware) else { throw node.mismatch(expected: "a path") }
        inputs.append(path)
        self = try JSONNode(contentsOf: path, what: "hardware description").object { fields in
            try fields.schema(Self.schema)
            return try Hardware(&fields, path: path, inputs: &inputs)
        }
    }

    /// Reads the fields of a hardware description in the file at `path`.
    private init(_ fields: inout JSONFields, path: String, inputs: inout [String]) throws {
        name = try fields.node("name").text()
        publishedAs = try fields.optionalNode("published_as")?.text()
        let energyNode = try fields.node("energy")
        let energyPath = energyNode.isNull ? nil : try FileReference.path(energyNode, .hardware)
        chip = try fields.node("chip").text()
        processNm = try fields.optionalFigure("process_nm", in: 1.0...1000)
        let list = try fields.node("clusters")
        var names: Set<String> = []
        clusters = try list.array { cluster in try cluster.object { try Cluster(&$0, names: &names, inputs: &inputs) } }
        if clusters.isEmpty { throw list.problem("expected at least one cluster, found an empty array") }
        let largest = clusters.map(\.l2KiB.value).max() ?? 1
        // A third level smaller than the second is a typing error, and would be worse than none.
        l3KiB = try fields.optionalFigure("l3_kib", in: largest...1_048_576, isDerived: true)
        systemCacheKiB = try fields.optionalFigure("system_cache_kib", in: 1...1_048_576)
        let rate = try fields.node("l3_gb_s")
        if rate.isNull != (l3KiB == nil) {
            try rate.refuse(
                expected: l3KiB == nil ? "null, where there is no third level" : "a figure", isDerived: true)
        }
        l3GBPerSecond = rate.isNull ? nil : try fields.optionalFigure("l3_gb_s", in: 0.001...100_000)
        memory = try fields.object("memory") { try Memory(&$0) }
        if let energyPath {
            if processNm == nil {
                try energyNode.refuse(expected: "null, where the process is not known", isDerived: true)
            }
            inputs.append(energyPath)
            let figures = try EnergyFigures(contentsOf: energyPath)
            if figures.dramPJPerByte[memory.kind] == nil {
                try energyNode.refuse(
                    problem: "expected energies that cover \(memory.kind), found none in \(energyPath)")
            }
            energy = figures
        } else {
            energy = nil
        }
    }
}

extension Hardware.Cluster {
    /// What the file of a core tells stands for every figure that the cluster does not give itself.
    ///
    /// - Parameters:
    ///   - names: of the earlier clusters.
    ///   - inputs: the files that were read.
    fileprivate init(_ fields: inout JSONFields, names: inout Set<String>, inputs: inout [String]) throws {
        let nameNode = try fields.node("name")
        name = try nameNode.text()
        if !names.insert(name).inserted {
            try nameNode.refuse(expected: "a name that no other cluster has", isDerived: true)
        }
        core = try fields.node("core").text()
        var known: Core?
        if let node = fields.optionalNode("core_file"), let path = try FileReference.path(node, .core) {
            known = try Core(contentsOf: path)
            if !inputs.contains(path) { inputs.append(path) }
        }
        let facts = known
        if facts == nil, let path = FileReference.core(named: core, near: fields.node.path) {
            // All figures stand here; what is learned from other devices with that core is found by its name.
            self.facts = try Core(contentsOf: path)
        } else {
            self.facts = facts
        }
        let present = fields.keys
        func own(_ key: String) -> Bool { facts == nil || present.contains(key) }
        func number(
            _ key: String, in range: ClosedRange<Double>, _ usual: Figure<Double>?, _ fields: inout JSONFields
        ) throws -> Figure<Double> {
            if let usual, !own(key) { return usual }
            return try fields.figure(key, in: range)
        }
        func integer(
            _ key: String, in range: ClosedRange<Int>, _ usual: Figure<Int>?, _ fields: inout JSONFields
        ) throws -> Figure<Int> {
            if let usual, !own(key) { return usual }
            return try fields.figure(key, in: range, isDerived: range.lowerBound > 1 && key == "l2_kib")
        }
        func flag(_ key: String, _ usual: Figure<Bool>?, _ fields: inout JSONFields) throws -> Figure<Bool> {
            if let usual, !own(key) { return usual }
            return try fields.object(key) {
                Figure(value: try $0.bool("value"), source: try $0.node("source").text())
            }
        }
        cores = try fields.figure("cores", in: 1...1024)
        clockGHz = try fields.figure("clock_ghz", in: 0.001...100)
        inOrder = try flag("in_order", facts?.inOrder, &fields)
        vectorBits = try integer("vector_bits", in: 32...16384, facts?.vectorBits, &fields)
        fmaPerCycleF32 = try number("fma_per_cycle_f32", in: 0.01...4096, facts?.fmaPerCycleF32, &fields)
        fmaPerCycleInt8 = try number("fma_per_cycle_int8", in: 0.01...16384, facts?.fmaPerCycleInt8, &fields)
        l1KiB = try integer("l1_kib", in: 1...1_048_576, facts?.l1KiB, &fields)
        l1BytesPerCycle = try number("l1_bytes_per_cycle", in: 0.1...4096, facts?.l1BytesPerCycle, &fields)
        // A second level smaller than the first is a typing error too.
        l2KiB = try integer("l2_kib", in: l1KiB.value...1_048_576, facts?.l2KiB, &fields)
        l2Shared = try flag("l2_shared", facts?.l2Shared, &fields)
        l2BytesPerCycle = try number("l2_bytes_per_cycle", in: 0.1...4096, facts?.l2BytesPerCycle, &fields)
    }
}

extension Hardware.Memory {
    fileprivate init(_ fields: inout JSONFields) throws {
        kind = try fields.node("kind").text()
        clockMHz = try fields.optionalFigure("clock_mhz", in: 1.0...100_000)
        busBits = try fields.optionalFigure("bus_bits", in: 8...65536)
        bandwidthGBPerSecond = try fields.figure("bandwidth_gb_s", in: 0.001...100_000)
        coreBandwidthGBPerSecond = try fields.figure(
            "core_bandwidth_gb_s", in: 0.001...bandwidthGBPerSecond.value, isDerived: true)
        streamGBPerSecond = fields.keys.contains("stream_gb_s")
            ? try fields.figure("stream_gb_s", in: 0.001...bandwidthGBPerSecond.value, isDerived: true) : nil
    }
}
