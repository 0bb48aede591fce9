import Files
import Foundation
import Testing
import TestSupport

@Suite("The articles of the API reference")
struct ArticleTests {
    private static let sources = "\(ShippedFiles.root)/Sources"

    /// The modules of the library, as the package says.
    private static func modules() throws -> [String] {
        let package = try TextFile.read("\(ShippedFiles.root)/Package.swift", what: "package")
        let list = try #require(package.firstMatch(of: /\.library\(name: "Onepath", targets: \[([^\]]*)\]/)).output.1
        return list.matches(of: /"(\w+)"/).map { String($0.output.1) }
    }

    private static func lines(_ path: String) throws -> [String] {
        try TextFile.read(path, what: "file").split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("are there for every module of the library, each with an example that the tests compile and run")
    func examples() throws {
        let modules = try Self.modules()
        #expect(modules.contains("Engine"))
        for module in modules {
            let article = try Self.lines("\(Self.sources)/\(module)/\(module).docc/\(module).md")
            #expect(article.first == "# ``\(module)``")
            let begin = try #require(article.firstIndex(of: "```swift"), "\(module): no example")
            let block = article[(begin + 1)...].prefix { $0 != "```" }
            let imports = block.filter { $0.hasPrefix("import ") }
            let code = block.filter { !$0.hasPrefix("import ") }.drop(while: \.isEmpty)

            let file = "\(ShippedFiles.root)/Tests/ExamplesTests/\(module)Example.swift"
            let test = try Self.lines(file)
            let start = try #require(test.firstIndex(of: "// example: \(module)"), "\(file): no example")
            #expect(Array(code) == Array(test[(start + 1)...].prefix { $0 != "// end of example" }), "\(module)")
            #expect(!imports.isEmpty && imports.allSatisfy(test.contains), "\(module): \(imports)")
        }
    }
}
