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
        let energyNode = try fields.node("energy")
        let energyPath = energyNode.isNull ? nil : try FileReference.path(energyNode, .hardware)
        chip = try fields.node("chip").text()
        processNm = try fields.optionalFigure("process_nm", in: 1.0...1000)
        let list = try fields.node("clusters")
        var names: Set<String> = []
        clusters = try list.array { cluster in try cluster.object { try Cluster(&$0, names: &names) } }
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
    /// `names` are the names of the earlier clusters.
    fileprivate init(_ fields: inout JSONFields, names: inout Set<String>) throws {
        let nameNode = try fields.node("name")
        name = try nameNode.text()
        if !names.insert(name).inserted {
            try nameNode.refuse(expected: "a name that no other cluster has", isDerived: true)
        }
        core = try fields.node("core").text()
        cores = try fields.figure("cores", in: 1...1024)
        clockGHz = try fields.figure("clock_ghz", in: 0.001...100)
        inOrder = try fields.object("in_order") {
            Figure(value: try $0.bool("value"), source: try $0.node("source").text())
        }
        vectorBits = try fields.figure("vector_bits", in: 32...16384)
        fmaPerCycleF32 = try fields.figure("fma_per_cycle_f32", in: 0.01...4096)
        fmaPerCycleInt8 = try fields.figure("fma_per_cycle_int8", in: 0.01...16384)
        l1KiB = try fields.figure("l1_kib", in: 1...1_048_576)
        l1BytesPerCycle = try fields.figure("l1_bytes_per_cycle", in: 0.1...4096)
        // A second level smaller than the first is a typing error too.
        l2KiB = try fields.figure("l2_kib", in: l1KiB.value...1_048_576, isDerived: true)
        l2Shared = try fields.object("l2_shared") {
            Figure(value: try $0.bool("value"), source: try $0.node("source").text())
        }
        l2BytesPerCycle = try fields.figure("l2_bytes_per_cycle", in: 0.1...4096)
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
    }
}
