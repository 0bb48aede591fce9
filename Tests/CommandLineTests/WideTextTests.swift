import Foundation
import Testing
import TestSupport

/// The widths are those of East Asian Width, as Python's unicodedata tells it, 0 of what combines, and 2 of an emoji.
@Suite("Text of letters that are not one column wide")
struct WideTextTests {
    private let task: PhotoTask

    init() throws { task = try PhotoTask() }

    @Test("stands in columns, and is cut where it is too wide")
    func columns() throws {
        // The names of classes, and the columns that they take.
        let names: [(String, Int)] = [
            ("日本 語", 7), ("größe", 5), ("Apfel rot", 9), ("it's \"quoted\"", 13), ("Cafe\u{301}", 4), ("ＡＢ", 4), ("ｱｲｳ", 3),
            ("한국", 4), ("\u{1112}\u{1161}\u{11ab}", 2), ("🐢", 2), ("❤", 1), ("❤\u{FE0F}", 2),
            ("👨\u{200D}👩\u{200D}👧", 2), ("🇩🇪", 2), ("a\u{200B}b", 2), ("x１", 3), ("𠮷", 2),
        ]
        let known = Set(PhotoTask.classNames), wide = String(repeating: "語", count: 31)
        let picture = try EncodedImages.png([UInt8](repeating: 90, count: 1200), height: 20, width: 20)
        for name in names.map(\.0).filter({ !known.contains($0) }) + [wide] {
            let folder = "photos/train/\(name)"
            try FileManager.default.createDirectory(atPath: task.directory.file(folder), withIntermediateDirectories: false)
            try task.write(picture, to: "\(folder)/0.png")
        }
        let lines = try task.program(["data", "check", "photos"]).output.split(separator: "\n").map(String.init)
        // The table has 80 columns, of which the numbers and the gaps take 22.
        #expect(lines.contains(String(repeating: "-", count: 80)))
        let one = "         1           0", many = "        24           6"
        for (name, columns) in names {
            let space = String(repeating: " ", count: 58 - columns)
            #expect(lines.contains(name + space + (known.contains(name) ? many : one)), "\(name): \(lines)")
        }
        // 28 letters of two columns and the ellipsis; one column stays empty.
        #expect(lines.contains("\(wide.prefix(28))… \(one)"), "\(lines)")
    }

    @Test("is wrapped at the width of a terminal")
    func wrapping() throws {
        let path = task.directory.file("space.json")
        let words = [String](repeating: "語語語語語語語", count: 12)
        try String(contentsOfFile: path, encoding: .utf8).replacing("for a test", with: words.joined(separator: " "))
            .write(toFile: path, atomically: true, encoding: .utf8)
        let shown = try task.program(["show", "space", "./space.json"]).output
        // Five words of 14 columns and four blanks are 74; a sixth would make it 89.
        let line = words.prefix(5).joined(separator: " ")
        #expect(shown.hasSuffix("\n\(line)\n\(line)\n\(words[0]) \(words[0])\n"), "\(shown)")
    }

    @Test("is not wrapped between a number and its sign of percent")
    func percent() throws {
        let path = task.directory.file("space.json"), long = String(repeating: "a", count: 70)
        try String(contentsOfFile: path, encoding: .utf8).replacing("for a test", with: "\(long) mean 1.8 %, worst 5 %")
            .write(toFile: path, atomically: true, encoding: .utf8)
        // With the number the first line has 79 columns, with its sign it would have 82.
        let shown = try task.program(["show", "space", "./space.json"]).output
        #expect(shown.hasSuffix("\n\(long) mean\n1.8 %, worst 5 %\n"), "\(shown)")
    }
}
