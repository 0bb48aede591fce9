import Files
import Foundation
import Testing
import TestSupport

@Suite("The sources")
struct SourceTests {
    @Test("declare no function or initialiser of more than six parameters, but for generated code")
    func parameters() throws {
        let sources = "\(ShippedFiles.root)/Sources"
        var count = 0
        for file in try FileManager.default.subpathsOfDirectory(atPath: sources)
        where file.hasSuffix(".swift") && !file.hasSuffix(".pb.swift") {
            let text = try TextFile.read("\(sources)/\(file)", what: "source")
            let found = try #require(DeclaredFunctions(of: text), "\(file): the brackets do not match").declarations
            count += found.count
            for declaration in found {
                #expect(
                    declaration.parameters <= 6,
                    "Sources/\(file):\(declaration.line): \(declaration.name) takes \(declaration.parameters)")
            }
        }
        #expect(count > 1000)
    }

    @Test("are read past strings, comments, closures, generics and calls")
    func reading() throws {
        let source = #"""
            /// func comment(a: Int, b: Int) /* not closed in a line comment
            struct Value /* func inner(a: Int) /* nested */ still( */ {
                init() {}
                init?<T>(_ a: T, b c: [String: Int] = ["a, b": 1], @Wrapped d: (Int, Int) -> Int = { $0 + $1 }) {}
                func text(a: String = "x, y: z\(call("), b: ("))", b: String) { self.init(a: 1) }
                func lines(
                    a: Dictionary<String, Int>,  // b: Int,
                    `in` b: Int = isOn ? one : two
                ) -> (Int, Int)
                static func == (left: Value, right: Value) -> Bool
                let pattern = /[(]", x:/, half = a / b, raw = #"\(no "( "#
                func last<A, B>(_ body: (A) throws -> B) rethrows where A: B {}
                func multiline(a: Int = """
                    b: Int, c: Int, "quoted" (
                    """.count) {}
                let other = Value.init(a: 1, b: 2), made: Value = .init(a: 1, b: 2)
            }
            """#
        let found = try #require(DeclaredFunctions(of: source)).declarations
        #expect(
            found.map { "\($0.line) \($0.name) \($0.parameters)" } == [
                "3 init 0", "4 init 3", "5 func text 2", "6 func lines 2", "10 func == 2", "12 func last 1",
                "13 func multiline 1",
            ])
        #expect(DeclaredFunctions(of: "func open(a: Int") == nil)
        #expect(DeclaredFunctions(of: "func crossed(a: [Int)]") == nil)
    }
}
