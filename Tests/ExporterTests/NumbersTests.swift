import Exporter
import Testing

@Suite("Numbers for people")
struct NumbersTests {
    @Test("have as many digits as count, also where they are very small or very large", arguments: [
        (0.599, 2, "0.60"), (80.44, 3, "80.4"), (2259, 3, "2,259"), (0, 3, "0"), (1.9976190840376162e-12, 3, "2.00e-12"),
        (-4.56e-11, 2, "-4.6e-11"), (1.5e16, 2, "1.5e16"), (.infinity, 3, "inf"),
    ] as [(Double, Int, String)])
    func significant(value: Double, digits: Int, text: String) {
        #expect(value.significant(digits) == text)
    }
}
