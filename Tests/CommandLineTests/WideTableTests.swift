import Foundation
import Testing
import TestSupport
import TFLite

@Suite("Tables that are wider than a terminal")
struct WideTableTests {
    private static let classes = 12
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    /// Images of three rows and four columns; of each, the pixel is bright whose number is the label.
    private func writeImages(_ prefix: String, ofEachClass count: Int) throws {
        let labels = (0..<Self.classes * count).map { UInt8($0 % Self.classes) }
        let pixels = labels.flatMap { label in (0..<Self.classes).map { $0 == Int(label) ? UInt8.max : 0 } }
        let number = UInt32(labels.count)
        _ = try directory.write(
            idx(dimensions: [number, 3, 4], values: pixels), to: "images/\(prefix)-images-idx3-ubyte")
        _ = try directory.write(idx(dimensions: [number], values: labels), to: "images/\(prefix)-labels-idx1-ubyte")
    }

    @Test("go on below, beside their first column, and lose nothing: the matrix of twelve classes of a thousand images")
    func confusion() throws {
        try FileManager.default.createDirectory(atPath: directory.file("images"), withIntermediateDirectories: false)
        try writeImages("train", ofEachClass: 1)
        try writeImages("t10k", ofEachClass: 1000)
        // The values of the classes are the pixels.
        var model = TFLiteModel(name: "brightest")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 3, 4, 1]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, Self.classes]))
        model.add(.reshape([1, Self.classes]), inputs: [image], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        try model.write(to: directory.file("brightest.tflite"))
        let outcome = try Program.run(
            [
                "evaluate", "--tflite", "brightest.tflite", "--data", "images", "--image-mean", "0.5", "--image-std", "0.5",
            ], in: directory.path)
        #expect(outcome.status == 0, "\(outcome.error)")

        // Labels take 11 columns, and a count of a thousand 4 beside a gap of 2: eleven of them make 77, twelve 83.
        func label(_ number: Int) -> String { "\(number) class \(number)" + (number < 10 ? "  " : "") }
        func cell(_ isRight: Bool) -> String { isRight ? "  1000" : "     ." }
        var expected = ["label      " + (0..<10).map { "     \($0)" }.joined() + "    10", String(repeating: "-", count: 77)]
        expected += (0..<12).map { row in label(row) + (0..<11).map { cell($0 == row) }.joined() }
        expected += ["", "label          11  right %", String(repeating: "-", count: 26)]
        expected += (0..<12).map { row in label(row) + cell(row == 11) + "    100.0" }
        #expect(outcome.output.hasSuffix("\n\n" + expected.joined(separator: "\n") + "\n"), "\(outcome.output)")
    }
}
