import Files
import Foundation
import Testing
import TestSupport

@Suite("onepath device")
struct DeviceTests {
    private func run(_ arguments: [String], in directory: TemporaryDirectory) throws -> String {
        let outcome = try Program.run(arguments, in: directory.path)
        #expect(outcome.status == 0, "\(outcome.error)")
        return outcome.output
    }

    private func latency(_ device: String, in directory: TemporaryDirectory) throws -> (low: Double, ms: Double, high: Double) {
        let outcome = try Program.run(
            ["estimate", "--architecture", "mobilenet-v2", "--device", device, "--json"], in: directory.path)
        let json = try outcome.json()
        func number(_ key: String) -> Double { if case .number(let value)? = json[key] { value } else { .nan } }
        return (number("latency_low_ms"), number("latency_ms"), number("latency_high_ms"))
    }

    @Test("a profile from facts answers, and measurements draw it towards them and make it surer")
    func adapting() throws {
        let directory = try TemporaryDirectory()
        let made = try run([
            "device", "new", "--cores", "4xcortex-a76@2.2,4xcortex-a55@1.8", "--memory", "lpddr4x-4266x32", "--runtime", "ncnn",
            "--output", "mine.json",
        ], in: directory)
        #expect(made.contains("learned from its facts and"))
        let facts = try latency("mine.json", in: directory)
        #expect(facts.low < facts.ms && facts.ms < facts.high && facts.ms > 3 && facts.ms < 100)
        let plan = try run(["device", "plan", "--device", "mine.json", "--count", "2", "--output", "plan"], in: directory)
        #expect(plan.contains("expected ms"))
        #expect(FileManager.default.fileExists(atPath: directory.file("plan/measurements.csv")))
        // It takes twice what was thought.
        try AtomicFile.write("network,threads,latency_ms\nmobilenet_v2,1,\(2 * facts.ms)\n", to: directory.file("m.csv"))
        _ = try run(["device", "adapt", "--device", "mine.json", "--measured", "m.csv", "--output", "better.json"], in: directory)
        let adapted = try latency("better.json", in: directory)
        #expect(adapted.ms > 1.5 * facts.ms && adapted.ms < 2.3 * facts.ms)
        #expect(adapted.high / adapted.low < facts.high / facts.low)

        // What is twice as slow in float is slower in int8 too; nobody has to say it twice.
        func int8(_ other: String) throws -> Double {
            _ = try run(
                ["device", "new", "--same-device", other, "--runtime", "ncnn", "--data-type", "int8", "--output", "int8.json"],
                in: directory)
            return try latency("int8.json", in: directory).ms
        }
        let plain = try int8("mine.json"), slower = try int8("better.json")
        #expect(slower > 1.3 * plain && slower < 2.5 * plain, "\(plain) \(slower)")
        let other = try Program.run(
            ["device", "adapt", "--device", "int8.json", "--measured", "m.csv", "--same-device", "pixel6"], in: directory.path)
        #expect(other.status == 64 && other.error.contains("expected a profile of the hardware mine, found one of pixel6"))
    }

    @Test("wrong facts are refused as wrong usage")
    func refused() throws {
        let directory = try TemporaryDirectory()
        for wrong in [
            ["--cores", "many", "--memory", "ddr4-2400x64"], ["--cores", "4xcortex-a53@1.4", "--memory", "much"],
            ["--memory", "ddr4-2400x64"], ["--cores", "4xcortex-a53@1.4"], ["--same-device", "pixel6", "--memory", "ddr4-2400x64"],
            ["--same-device", "pixel6", "--cores", "4xcortex-a53@1.4"],
        ] {
            let outcome = try Program.run(["device", "new"] + wrong + ["--output", "x.json"], in: directory.path)
            #expect(outcome.status == 64 && !outcome.error.isEmpty, "\(wrong)")
        }
        #expect(try Program.run(["device", "plan", "--device", "pixel1"], in: directory.path).status == 64)
    }
}
