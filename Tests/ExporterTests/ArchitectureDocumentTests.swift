import Architectures
import Exporter
import Files
import Testing
import TestSupport

@Suite("Architecture documents")
struct ArchitectureDocumentTests {
    private let provenance = Provenance(
        command: "onepath search --space \"a b\"", seed: 7,
        inputs: [Provenance.Input(path: "x.json", sha256: String(repeating: "0f", count: 32))], date: "2026-01-31T23:59:59Z")

    @Test("read back what was written, provenance included")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        for (architecture, provenance) in [(space.largest, provenance), (space.smallest, nil)] {
            let document = ArchitectureDocument(architecture, provenance: provenance)
            try document.write(to: directory.file("architecture.json"))
            #expect(try ArchitectureDocument(contentsOf: directory.file("architecture.json")) == document)
            #expect(try Architecture(contentsOf: directory.file("architecture.json")) == architecture)
        }
    }

    @Test("read the architectures that come with the product")
    func shipped() throws {
        for path in try ShippedFiles.references() {
            #expect(try ArchitectureDocument(contentsOf: path).architecture.network.macs > 0)
        }
    }

    @Test("refuse a damaged provenance at the damage")
    func damaged() throws {
        let directory = try TemporaryDirectory()
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        let path = directory.file("architecture.json")
        for damage in provenance.json.damages() where damage.pointer != "" && damage.pointer != "/command" {
            // Any seed that is not negative is one, and a null one is none.
            if damage.pointer == "/seed", ["zero", "huge", "null"].contains(damage.what) { continue }
            try AtomicFile.write(damagedText(space, damage.document), to: path)
            let found = invalidPlace { try ArchitectureDocument(contentsOf: path) }
            #expect(found?.place.hasPrefix("/provenance" + damage.pointer) == true, "\(damage.what) at \(damage.pointer)")
        }
    }

    private func damagedText(_ space: SearchSpace, _ provenance: JSON) -> String {
        space.smallest.json(provenance: provenance).text(pretty: true)
    }

    @Test("what cannot be written says so")
    func unwritable() throws {
        let directory = try TemporaryDirectory()
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        #expect {
            try ArchitectureDocument(space.smallest, provenance: nil).write(to: directory.file("absent/architecture.json"))
        } throws: { error in
            guard case .cannotWrite = error as? FileError else { return false }
            return true
        }
    }
}
