import Files

/// What is known of a processor core, whatever chip it is in.
public struct Core: Hashable, Sendable {
    static let schema = "onepath.core/1"

    /// As files name it: "cortex-a53".
    public let name: String
    /// As people name it: "Cortex-A53".
    public let title: String
    public let designer: String
    /// The cores that it resembles most, for what is learned from one and told of another: "in-order".
    public let family: String
    /// The instruction set: "armv8.2-a".
    public let instructionSet: String
    /// Whether the core issues instructions in program order.
    public let inOrder: Figure<Bool>
    /// Instructions that it decodes in a cycle.
    public let issueWidth: Figure<Int>
    /// Units that make vector multiply-adds.
    public let vectorUnits: Figure<Int>
    /// The width of a vector register, bits.
    public let vectorBits: Figure<Int>
    /// Fused multiply-adds of single values that it completes in a cycle, in float32, in float16 (0 where it has no
    /// such arithmetic), and of int8 values.
    public let fmaPerCycleF32, fmaPerCycleF16, fmaPerCycleInt8: Figure<Double>
    /// First-level data cache, KiB, and bytes that are loaded from it in a cycle.
    public let l1KiB: Figure<Int>
    public let l1BytesPerCycle: Figure<Double>
    /// The usual second-level cache, KiB, whether cores share it, and bytes that move from or to it in a cycle.
    public let l2KiB: Figure<Int>
    public let l2Shared: Figure<Bool>
    public let l2BytesPerCycle: Figure<Double>

    /// Whether it is a 32-bit Arm core: half as many vector registers.
    var isArmV7: Bool { instructionSet.hasPrefix("armv7") }
    /// The instruction set without its version. Runtimes have kernels of their own for each.
    var architecture: String {
        Self.architectures.first { instructionSet.hasPrefix($0.prefix) }?.name ?? instructionSet
    }
    private static let architectures = [
        (prefix: "arm", name: armArchitecture), (prefix: "x86", name: "x86"), (prefix: "i686", name: "x86"),
        (prefix: "k1om", name: "x86"), (prefix: "rv", name: "risc-v"), (prefix: "loongarch", name: "loongarch"),
        (prefix: "mips", name: "mips"),
    ]
    static let armArchitecture = "arm"

    /// What it computes in, and how it issues: cores of one group are nearer to each other than to all others.
    ///
    /// - Parameter half: whether it computes in float16.
    func group(half: Bool) -> String {
        if isArmV7 { return "armv7" }
        let kind = (inOrder.value ? "in-order" : "out-of-order") + (half ? "-f16" : "-f32")
        return architecture == Self.armArchitecture ? kind : "\(architecture)-\(kind)"
    }

    /// The cores that it resembles most where it computes in float32, whatever it could: a family that computes in float16
    /// has another name.
    var familyInSingle: String { family.hasSuffix(Self.halfSuffix) ? String(family.dropLast(Self.halfSuffix.count)) : family }
    private static let halfSuffix = "-fp16"

    /// The instructions for int8 values that it has. Runtimes have kernels of their own for each.
    enum Int8Instructions: String {
        /// Products of pairs, which are widened; four products a lane; a product of small matrices.
        case widening, dotProduct, matrix
    }
    var int8Instructions: Int8Instructions {
        let rate = fmaPerCycleInt8.value / fmaPerCycleF32.value
        return rate >= 8 ? .matrix : rate >= 4 ? .dotProduct : .widening
    }

    /// Reads the description of a core at `path`, strictly.
    ///
    /// - Throws: `FileError`.
    public init(contentsOf path: String) throws {
        self = try JSONNode(contentsOf: path, what: "description of a core").object { fields in
            try fields.schema(Self.schema)
            return try Core(&fields)
        }
    }

    private init(_ fields: inout JSONFields) throws {
        func flag(_ key: String, _ fields: inout JSONFields) throws -> Figure<Bool> {
            try fields.object(key) { Figure(value: try $0.bool("value"), source: try $0.node("source").text()) }
        }
        name = try fields.node("name").text()
        title = try fields.node("title").text()
        designer = try fields.node("designer").text()
        family = try fields.node("family").text()
        instructionSet = try fields.node("instruction_set").text()
        inOrder = try flag("in_order", &fields)
        issueWidth = try fields.figure("issue_width", in: 1...64)
        vectorUnits = try fields.figure("vector_units", in: 1...64)
        vectorBits = try fields.figure("vector_bits", in: 32...16384)
        fmaPerCycleF32 = try fields.figure("fma_per_cycle_f32", in: 0.01...4096)
        fmaPerCycleF16 = try fields.figure("fma_per_cycle_f16", in: 0...8192)
        fmaPerCycleInt8 = try fields.figure("fma_per_cycle_int8", in: 0.01...16384)
        l1KiB = try fields.figure("l1_kib", in: 1...1_048_576)
        l1BytesPerCycle = try fields.figure("l1_bytes_per_cycle", in: 0.1...4096)
        l2KiB = try fields.figure("l2_kib", in: l1KiB.value...1_048_576, isDerived: true)
        l2Shared = try flag("l2_shared", &fields)
        l2BytesPerCycle = try fields.figure("l2_bytes_per_cycle", in: 0.1...4096)
    }
}
