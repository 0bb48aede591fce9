import Files
import Testing

/// Right values are those of ml_dtypes 0.5.
@Suite("Floating-point numbers of eight bits or fewer")
struct SmallFloatTests {
    struct Pattern: Sendable {
        let form: SmallFloat
        let bits: UInt8
        let value: Double
    }

    static let patterns = [
        Pattern(form: .e4m3fn, bits: 0x01, value: 0.001953125), Pattern(form: .e4m3fn, bits: 0x07, value: 0.013671875),
        Pattern(form: .e4m3fn, bits: 0x08, value: 0.015625), Pattern(form: .e4m3fn, bits: 0x7e, value: 448),
        Pattern(form: .e4m3fn, bits: 0xb9, value: -1.125), Pattern(form: .e4m3fnuz, bits: 0x01, value: 0.0009765625),
        Pattern(form: .e4m3fnuz, bits: 0x7e, value: 224), Pattern(form: .e4m3fnuz, bits: 0xb9, value: -0.5625),
        Pattern(form: .e5m2, bits: 0x01, value: 1.52587890625e-05), Pattern(form: .e5m2, bits: 0x08, value: 0.0001220703125),
        Pattern(form: .e5m2, bits: 0xb9, value: -0.625), Pattern(form: .e5m2, bits: 0x7c, value: .infinity),
        Pattern(form: .e5m2fnuz, bits: 0x07, value: 5.340576171875e-05), Pattern(form: .e5m2fnuz, bits: 0x7e, value: 49_152),
        Pattern(form: .e2m1, bits: 0x1, value: 0.5), Pattern(form: .e2m1, bits: 0x5, value: 3), Pattern(form: .e2m1, bits: 0xf, value: -6),
    ]

    @Test("have the values of their patterns", arguments: patterns)
    func values(pattern: Pattern) {
        #expect(pattern.form.value(pattern.bits) == pattern.value)
    }

    @Test("are no numbers where their form says so")
    func others() {
        func count(_ form: SmallFloat) -> Int { (UInt8.min...UInt8.max).count { form.value($0).isNaN } }
        #expect(count(.e4m3fn) == 2 && count(.e4m3fnuz) == 1 && count(.e5m2) == 6 && count(.e5m2fnuz) == 1)
        #expect((UInt8.min...15).allSatisfy { SmallFloat.e2m1.value($0).isFinite })
        #expect(SmallFloat.powerOfTwo(0x7e) == 0.5 && SmallFloat.powerOfTwo(0x80) == 2 && SmallFloat.powerOfTwo(0xff).isNaN)
    }
}
