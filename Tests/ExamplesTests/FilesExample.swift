import Files
import Testing
import TestSupport

// example: Files
func storedWidth(_ width: Int, in path: String) throws -> Int {
    let document: JSON = ["schema": "example.size/1", "width": .integer(width)]
    try document.write(to: path)
    return try JSONNode(contentsOf: path, what: "size").object { fields in
        _ = try fields.string("schema")
        return try fields.integer("width", in: 1...1024)
    }
}
// end of example

@Suite("The example of Files")
struct FilesExample {
    @Test("reads back what it wrote, and names the place of what cannot be")
    func width() throws {
        let directory = try TemporaryDirectory()
        #expect(try storedWidth(28, in: directory.file("size.json")) == 28)
        let error = #expect(throws: FileError.self) { try storedWidth(4096, in: directory.file("size.json")) }
        #expect(error.map { "\($0)".contains("/width") } == true)
    }
}
