import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath calibrate")
struct CalibrateTests {
    /// A folder with copies of all device profiles, and of what they refer to.
    private func copies() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        try FileManager.default.copyItem(atPath: ShippedFiles.root + "/devices", toPath: directory.file("devices"))
        return directory
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    /// What stands in a profile besides its parameters.
    private func rest(_ path: String) throws -> JSON {
        guard case .object(let members) = try JSON(contentsOf: path, what: "device profile") else { return nil }
        return .object(members.filter { $0.key != "parameters" })
    }

    private func milliseconds(_ device: String) throws -> Double {
        let outcome = try Program.run(["estimate", "--architecture", "mobilenet-v2", "--device", device, "--json"])
        guard case .number(let value)? = try outcome.json()["latency_ms"] else { return .nan }
        return value
    }

    @Test("writes the same bytes whatever parameters there were before", arguments: ["pixel1", "pixel3a"])
    func repeatable(name: String) throws {
        let directory = try copies()
        let path = directory.device(name)
        let outcome = try Program.run(["calibrate", "--device", path])
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
        let basis = name == "pixel1" ? "80 blocks, mean error 1.8 %, worst 5.5 %" : "8 networks, mean error "
        #expect(outcome.output.hasPrefix("\(name): cost model calibrated on \(basis)"), "\(outcome.output)")
        #expect(outcome.output.isWrapped(but: []), "\(outcome.output)")
        #expect(try rest(path) == rest(ShippedFiles.device(name)))
        let once = try text(path)

        guard case .object(let members) = try JSON(parsing: once, path: path) else { return }
        try JSON.object(members.map { $0.key == "parameters" ? .init(key: $0.key, value: nil) : $0 }).write(to: path)
        #expect(try text(path) != once)
        #expect(try Program.run(["calibrate", "--device", path]).output == outcome.output)
        #expect(try text(path) == once)
    }

    @Test("writes a copy that can be estimated with, and leaves the profile alone")
    func copy() throws {
        let directory = try copies()
        let path = directory.device("pixel1"), copy = directory.device("mine")
        let before = try text(path)
        let outcome = try Program.run(["calibrate", "--device", path, "--output", copy])
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try rest(copy) == rest(path) && text(path) == before)
        #expect(try abs(milliseconds(copy) / milliseconds(path) - 1) < 1e-6)

        let elsewhere = directory.file("mine.json")
        let refused = try Program.run(["calibrate", "--device", path, "--output", elsewhere])
        #expect(refused.status == 64)
        #expect(refused.error.contains("--output: expected a path in the folder of"), "\(refused.error)")
        #expect(try directory.names() == ["devices"])
    }

    @Test("knows the networks that come with the product as operators alone")
    func operators() throws {
        let directory = try copies(), path = directory.device("raspberrypi5-ncnn")
        let outcome = try Program.run(["calibrate", "--device", path])
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
        #expect(outcome.output.contains("networks, mean error "), "\(outcome.output)")
        guard case .string(let basis)? = try JSON(contentsOf: path, what: "device profile")["parameters"]?["calibrated_on"] else {
            Issue.record("the profile does not say what it is calibrated on")
            return
        }
        #expect(basis.hasSuffix(" networks"), "\(basis)")
    }

    @Test("takes new figures into account, and the estimate says so")
    func newFigures() throws {
        let directory = try copies()
        let path = directory.device("pixel2-tflite-2018")
        let faster = try text(directory.device("pixel1")).replacing("\"pixel1\",", with: "\"pixel2-tflite-2018\",")
            .replacing(/"latency_ms": ([0-9.]+)/) { "\"latency_ms\": \(Double($0.1)! * 0.8)" }
        try faster.write(toFile: path, atomically: true, encoding: .utf8)
        #expect(try Program.run(["calibrate", "--device", path]).status == 0)
        // No block of that network is in the table.
        #expect(try abs(milliseconds(path) / milliseconds(directory.device("pixel1")) - 0.8) < 0.05)
    }

    @Test("has nothing to go by where nothing was measured")
    func nothing() throws {
        let directory = try copies()
        let before = try text(directory.device("pixel6-tflite-2018"))
        let outcome = try Program.run(["calibrate", "--device", directory.device("pixel6-tflite-2018")])
        #expect(outcome.status == 65 && outcome.output == "")
        #expect(
            outcome.error == "onepath: \(directory.device("pixel6-tflite-2018")): /tables: "
                + "expected at least one measured block or network to calibrate on, found none\n")
        #expect(try text(directory.device("pixel6-tflite-2018")) == before)
    }
}

extension TemporaryDirectory {
    /// The path of a device profile among the copies.
    fileprivate func device(_ name: String) -> String { file("devices/\(name).json") }
}
