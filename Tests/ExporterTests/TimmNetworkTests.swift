import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("timm networks")
struct TimmNetworkTests {
    @Test("have the block strings of timm's own spnasnet_100")
    func published() throws {
        let architecture = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        #expect(
            try TimmNetwork(architecture).blockStrings == [
                ["ds_r1_k3_s1_c16"], ["ir_r3_k3_s2_e3_c24"], ["ir_r1_k5_s2_e6_c40", "ir_r3_k3_s1_e3_c40"],
                ["ir_r1_k5_s2_e6_c80", "ir_r3_k3_s1_e3_c80"], ["ir_r1_k5_s1_e6_c96", "ir_r3_k5_s1_e3_c96"],
                ["ir_r4_k5_s2_e6_c192"], ["ir_r1_k3_s1_e6_c320"],
            ])
    }

    @Test("say squeeze-excite, missing residuals and skipped layers as timm does")
    func forms() throws {
        #expect(
            try TimmNetwork(try SmallArchitectures.squeezed()).blockStrings == [
                ["ds_r1_k3_s1_c8_se0.25", "ir_r1_k3_s1_e4_c8_se0.5_noskip"]
            ])
        #expect(
            try TimmNetwork(try SmallArchitectures.plain()).blockStrings
                == [["ds_r1_k3_s1_c6"], ["ir_r1_k5_s2_e3_c7", "ir_r2_k3_s1_e1_c7"], ["ir_r1_k7_s1_e6_c5"]])
    }

    @Test("are read back from their Python file as the same network, and written again the same")
    func roundTrip() throws {
        let directory = try TemporaryDirectory()
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        let architectures = [
            try Architecture(contentsOf: ShippedFiles.reference("single-path-nas")), try SmallArchitectures.plain(),
            try SmallArchitectures.squeezed(), space.largest, space.smallest,
        ]
        for architecture in architectures {
            let network = try TimmNetwork(architecture)
            try network.write(to: directory.file("network.py"), provenance: nil)
            let read = try TimmNetwork(contentsOf: directory.file("network.py"))
            #expect(read.blockStrings == network.blockStrings && read.architecture.name == architecture.name)
            let operators = architecture.network.layers.flatMap(\.operators)
            #expect(read.architecture.network.layers.flatMap(\.operators) == operators)
            #expect(read.architecture.input == architecture.input && read.architecture.classes == architecture.classes)
        }
    }

    @Test("have activations, gates and fractions of the reference networks, or say why they cannot be")
    func references() throws {
        let directory = try TemporaryDirectory()
        var written: Set<String> = []
        for path in try ShippedFiles.references() {
            let architecture = try Architecture(contentsOf: path)
            do {
                try TimmNetwork(architecture).write(to: directory.file("network.py"), provenance: nil)
                let read = try TimmNetwork(contentsOf: directory.file("network.py")).architecture
                #expect(read.network.layers.flatMap(\.operators) == architecture.network.layers.flatMap(\.operators))
                written.insert(architecture.name)
            } catch let error as TimmError {
                #expect(error.description.contains("has no form in timm's EfficientNet: "))
            }
        }
        #expect(written.isSuperset(of: ["efficientnet-b0", "mnasnet-a1", "mobilenet-v2", "single-path-nas"]))
        #expect(!written.contains("mobilenet-v3-large") && !written.contains("mobilenet-v1"))
        let efficient = try TimmNetwork(Architecture(contentsOf: ShippedFiles.reference("efficientnet-b0")))
        #expect(efficient.blockStrings[0] == ["ds_r1_k3_s1_c16_se0.25"])
    }

    @Test("that say something else are refused at the string")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("network.py")
        try TimmNetwork(try SmallArchitectures.squeezed()).write(to: path, provenance: nil)
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let good = "ds_r1_k3_s1_c8_se0.25"
        let cases = [
            (good, "er_r1_k3_s1_c8", "/blocks/0/0: er_r1_k3_s1_c8: expected a block of kind ir or ds, found er"),
            (good, "ds_r1_k4_s1_c8", "expected an odd kernel, found 4"),
            (good, "ds_r1_k3_s3_c8", "expected s with a number from 1 to 2"),
            (good, "ds_r1_k3_s1_c8_nmi", "each once, found nmi"),
            (good, "ds_r1_k3_k3_s1_c8", "each once, found k3"),
            (good, "ds_r1_k3_s1", "expected c with a number from 1 to 65536"),
            (good, "ds_r99999999999999999999_k3_s1_c8", "expected r with a number"),
            (good, "ds_r1_k3_s1_c8_se9", "expected se with a number from 0 to 8, found 9"),
            (good, "", "/blocks/0/0: : expected a block of kind ir or ds, found "),
            ("\"classes\": 5", "\"classes\": 0", "/classes: expected"),
            ("0.001", "0.00001", "/normalization_epsilon: expected 0.001"),
            ("DEFINITION", "DEFINED", "expected a definition between"),
            ("\"stem\": {", "\"stem\": {{", "line "),
        ]
        for (from, to, says) in cases {
            try AtomicFile.write(text.replacing(from, with: to), to: path)
            let found = invalidPlace { try TimmNetwork(contentsOf: path) }
            #expect(
                found?.sentence.hasPrefix(path) == true && found?.sentence.contains(says) == true,
                "\(says): \(String(describing: found))")
        }
    }
}
