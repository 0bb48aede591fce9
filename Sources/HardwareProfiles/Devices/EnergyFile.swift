import Files

extension EnergyFigures {
    static let schema = "onepath.energy/1"

    /// Reads the energies at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    init(contentsOf path: String) throws {
        self = try JSONNode(contentsOf: path, what: "table of energies").object { try EnergyFigures(&$0) }
    }

    private init(_ fields: inout JSONFields) throws {
        let picojoules = 0.0...1e6
        try fields.schema(Self.schema)
        nodeNm = try fields.number("node_nm", in: 1...1000)
        fmaF32PJ = try fields.figure("fma_f32_pj", in: picojoules)
        macInt8PJ = try fields.figure("mac_int8_pj", in: picojoules)
        instructionOverheadPJ = try fields.figure("instruction_overhead_pj", in: picojoules)
        l1PJPerByte = try fields.figure("l1_pj_per_byte", in: picojoules)
        l2PJPerByte = try fields.figure("l2_pj_per_byte", in: picojoules)
        l3PJPerByte = try fields.figure("l3_pj_per_byte", in: picojoules)
        let list = try fields.node("process_energy_factor")
        var last = Double.infinity
        processFactors = try list.array { entry in
            try entry.object { fields in
                let nm = try fields.node("nm")
                let value = try nm.number(in: 1...1000)
                if value >= last {
                    try nm.refuse(expected: "a node below \(last), the one before", isDerived: true)
                }
                last = value
                return ProcessFactor(nm: value, factor: try fields.figure("factor", in: 1e-6...1e6))
            }
        }
        if processFactors.isEmpty { try list.refuse(problem: "expected at least one node, found an empty array") }
        dramPJPerByte = try fields.node("dram_pj_per_byte").figures(in: picojoules)
        staticMWPerCore = try fields.figure("static_mw_per_core", in: picojoules)
        staticMWPerLittleCore = try fields.figure("static_mw_per_little_core", in: picojoules)
        staticMWPerCluster = try fields.figure("static_mw_per_cluster", in: picojoules)
    }
}
