import Exporter
import Testing

@Suite("Names that are too long")
struct ShortenedTextTests {
    @Test("are cut in the middle", arguments: [
        ("features.block.12.conv.block.3", 16, "features…block.3"), ("features", 8, "features"), ("features", 7, "fea…res"),
        ("", 3, ""), ("abcdef", 1, "…"),
    ])
    func cut(text: String, columns: Int, expected: String) {
        #expect(text.shortened(to: columns) == expected)
    }
}
