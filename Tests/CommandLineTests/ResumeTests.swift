import Architectures
import Files
import Foundation
import HardwareProfiles
import Testing
import TestSupport

@Suite("Runs that lose nothing", .serialized)
struct ResumeTests {
    private let task: SmallTask

    init() throws { task = try SmallTask() }

    /// What goes on with a run: everything else stands in its configuration.
    private func resume(_ command: String, _ name: String) -> [String] {
        [command, "--resume", "--output", name]
    }

    private func finish(_ arguments: [String], as name: String) throws -> [String: [UInt8]] {
        let outcome = try task.program(arguments)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try task.outcome(of: name)
    }

    @Test("with more threads than cores are told so, and are resumed to the same bits")
    func manyThreads() throws {
        let cores = ProcessInfo.processInfo.activeProcessorCount, threads = "\(cores + 1)"
        func arguments(_ name: String) -> [String] {
            zip([""] + task.train(name), task.train(name)).map { $0 == "--threads" ? threads : $1 }
        }
        let says = "onepath: \(threads) threads share the \(cores) core\(cores == 1 ? "" : "s") of this machine, and are no faster "
            + "than \(cores)\n"
        let expected = try finish(arguments("alone"), as: "alone")
        let stopped = try task.program(arguments("stopped"), interruptWhen: { task.newestStep(of: "stopped") >= 20 })
        let resumed = try task.program(resume("train", "stopped"))
        for (outcome, status) in [(stopped, 130), (resumed, 0)] {
            #expect(outcome.status == Int32(status) && outcome.error.contains(says), "\(outcome.error)")
        }
        let found = try task.outcome(of: "stopped")
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }

        for count in ["\(cores)", threads] {
            let evaluated = try task.program(["evaluate", "--run", "alone", "--threads", count])
            #expect(evaluated.status == 0 && evaluated.error.contains("threads share") == (count == threads), "\(evaluated.error)")
        }
    }

    @Test(
        "killed at twenty random moments and gone on from each time, a run ends as one that was left alone",
        arguments: ["search", "train"])
    func killed(command: String) throws {
        let isSearch = command == "search"
        func arguments(_ name: String) -> [String] { isSearch ? task.search(name) : task.train(name) }
        let expected = try finish(arguments("alone"), as: "alone")
        var random = SeededRandom(seed: isSearch ? 1 : 2)
        // The first soon after the start, before there is anything; the others once some step is behind and a little
        // later, in the middle of whatever is being done.
        let moments = [0] + (0..<19).map { _ in random.below(SmallTask.steps * 4 / 5) }.sorted()
        for moment in moments {
            var deadline: ContinuousClock.Instant?
            let pause = Duration.microseconds(random.below(40_000))
            let isBegun = FileManager.default.fileExists(atPath: task.directory.file("killed/config.json"))
            let outcome = try task.program(
                isBegun ? resume(command, "killed") : arguments("killed"), signal: SIGKILL,
                interruptWhen: {
                    guard task.newestStep(of: "killed") >= moment else { return false }
                    let end = deadline ?? .now + pause
                    deadline = end
                    return .now >= end
                })
            #expect(outcome.isKilled && outcome.status == SIGKILL, "\(outcome.error)")
            #expect(task.checkpoints(of: "killed").count <= 3)
        }
        let found = try finish(resume(command, "killed"), as: "killed")
        #expect(found.keys.sorted() == expected.keys.sorted())
        for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
        #expect(task.checkpoints(of: "killed").count == 2)
        let names = try FileManager.default.contentsOfDirectory(atPath: task.directory.file("killed")).sorted()
        #expect(
            names.filter { !$0.hasPrefix("events.out.tfevents.") } == [
                "architecture.json", "checkpoints", "config.json", "metrics.jsonl", "result.json",
                "weights.safetensors",
            ])
    }

    /// What asks a run to stop. Tests under `nohup` ignore SIGHUP, and so does the program that they start.
    static let signals: [Int32] = {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        let isIgnored = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
        return [SIGINT, SIGTERM] + (isIgnored ? [] : [SIGHUP])
    }()

    /// Starts a run and interrupts it once it has a checkpoint.
    private func interrupted(_ name: String, signal: Int32 = SIGINT) throws {
        let outcome = try task.program(
            task.search(name), signal: signal, interruptWhen: { task.newestStep(of: name) >= 20 })
        #expect(outcome.status == 130 && !outcome.isKilled, "\(outcome.error)")
        let step = task.newestStep(of: name)
        #expect(
            outcome.error.contains(
                "interrupted after step \(step) of \(SmallTask.steps); resume it with\n    onepath search --resume"),
            "\(outcome.error)")
    }

    @Test(
        "interrupted, a run keeps the step it stopped at, and ends as one that was left alone",
        arguments: ResumeTests.signals)
    func interruption(signal: Int32) throws {
        let expected = try finish(task.search("alone"), as: "alone")
        try interrupted("run", signal: signal)
        // The command that began it, and --resume, will do as well.
        #expect(try finish(task.search("run") + ["--resume"], as: "run") == expected)

        let again = try task.program(resume("search", "run"))
        #expect(again.status == 0 && again.error == "onepath: the run in run is finished already\n", "\(again.error)")
        #expect(again.output.contains("The architecture is in run/architecture.json."))
        let slash = try task.program(resume("search", "run/"))
        #expect(slash.output == again.output && slash.output.contains("--output run-trained"))

        try FileManager.default.removeItem(atPath: task.directory.file("run/weights.safetensors"))
        let lacking = try task.program(resume("search", "run"))
        #expect(lacking.status == 65)
        #expect(
            lacking.error == "onepath: run: expected weights.safetensors of a finished run, found none; remove its result.json, "
                + "and --resume writes both again from the last checkpoint\n", "\(lacking.error)")
        try FileManager.default.removeItem(atPath: task.directory.file("run/result.json"))
        #expect(try finish(resume("search", "run"), as: "run") == expected)
    }

    @Test("a disk that is full stops the run with a sentence; what was kept is good to go on from")
    func fullDisk() throws {
        let expected = try finish(task.search("alone"), as: "alone")
        try interrupted("run")
        let before = task.checkpoints(of: "run"), step = task.newestStep(of: "run")
        let full = try task.program(resume("search", "run"), fileLimit: 20)
        #expect(full.status == 73 && !full.isKilled)
        let lines = full.error.split(separator: "\n").filter { $0.hasPrefix("onepath: ") }
        #expect(
            lines.count == 1 && lines[0].hasPrefix("onepath: cannot write run/")
                && lines[0].contains("File too large; what was done up to step \(step) is kept, and --resume goes on"),
            "\(full.error)")
        #expect(task.checkpoints(of: "run") == before)
        #expect(try finish(resume("search", "run"), as: "run") == expected)
    }

    @Test("a network that cannot be written does not lose the run", arguments: ["search", "train"])
    func unwritable(command: String) throws {
        let arguments = command == "search" ? task.search : task.train
        let expected = try finish(arguments("alone", SmallTask.epochs), as: "alone")
        let stopped = try task.program(arguments("run", SmallTask.epochs), interruptWhen: { task.newestStep(of: "run") >= 10 })
        #expect(stopped.status == 130, "\(stopped.error)")
        let weights = task.directory.file("run/weights.safetensors")
        try FileManager.default.createDirectory(atPath: weights + "/in the way", withIntermediateDirectories: true)
        let refused = try task.program(resume(command, "run"))
        #expect(refused.status == 73)
        // A training has twenty steps an epoch.
        let last = command == "search" ? SmallTask.steps : 20 * SmallTask.epochs
        #expect(
            refused.error.contains("onepath: cannot write run/weights.safetensors: ")
                && refused.error.hasSuffix("; what was done up to step \(last) is kept, and --resume goes on there\n"),
            "\(refused.error)")
        try FileManager.default.removeItem(atPath: weights)
        #expect(try finish(resume(command, "run"), as: "run") == expected)
    }

    @Test("an output directory that vanishes stops the run with a sentence")
    func vanished() throws {
        let run = task.directory.file("run")
        var isRemoved = false
        let outcome = try task.program(
            task.search("run", epochs: 10_000),
            interruptWhen: {
                if !isRemoved, task.newestStep(of: "run") >= 10 {
                    // At once: of a directory that is removed file by file, the run may miss a file first.
                    isRemoved = (try? FileManager.default.moveItem(atPath: run, toPath: run + "-gone")) != nil
                }
                return false
            })
        #expect(outcome.status == 73 && isRemoved)
        #expect(
            outcome.error.contains(
                "onepath: cannot write run: the run's directory has vanished, and the run with it\n"),
            "\(outcome.error)")
    }

    @Test("a damaged checkpoint gives way to the one before; if both are, the run says what to do")
    func damaged() throws {
        let expected = try finish(task.search("alone"), as: "alone")
        try interrupted("run")
        let files = task.checkpoints(of: "run").map { task.directory.file("run/checkpoints/\($0)") }
        #expect(files.count == 2)
        var bytes = try BinaryFile.read(files[1], what: "checkpoint")
        bytes[bytes.count / 2] ^= 1
        try AtomicFile.write(bytes, to: files[1])
        try FileManager.default.copyItem(atPath: task.directory.file("run"), toPath: task.directory.file("both"))
        let resumed = try task.program(resume("search", "run"))
        let name = task.checkpoints(of: "both")[1]
        #expect(resumed.status == 0)
        #expect(
            resumed.error.contains("onepath: run/checkpoints/\(name): ")
                && resumed.error.contains("the file was altered; resuming from an older checkpoint\n"),
            "\(resumed.error)")
        #expect(try task.outcome(of: "run") == expected)

        for name in task.checkpoints(of: "both") {
            try AtomicFile.write("nothing", to: task.directory.file("both/checkpoints/\(name)"))
        }
        let refused = try task.program(resume("search", "both"))
        #expect(refused.status == 65)
        #expect(refused.error.contains("none of the checkpoints in it can be read (both/"), "\(refused.error)")
        #expect(!refused.error.contains("resuming"), "\(refused.error)")
    }

    @Test("what contradicts the run, or is no run, is refused")
    func refused() throws {
        try interrupted("run")
        for (more, says) in [
            (["--epochs", "21"], "--epochs: the run in run has 20, found 21"),
            (["--lambda", "0.5"], "--lambda: the run in run has 0.1, found 0.5"),
            (
                ["--space", "fashion-mnist"],
                "--space: the run in run has \(AbsolutePath.of(task.directory.file("space.json"))), found fashion-mnist"
            ),
            (["--train-examples", "100"], "--train-examples: the run in run has 320, found 100"),
            (["--dry-run"], "expected one of them, found both"),
        ] {
            let outcome = try task.program(resume("search", "run") + more)
            #expect(outcome.status == 64 && outcome.error.contains(says), "\(outcome.error)")
        }
        let none = try task.program(resume("search", "other"))
        #expect(none.status == 66 && none.error.contains("other/config.json"), "\(none.error)")
        let wrong = try task.program(resume("train", "run"))
        #expect(
            wrong.status == 65
                && wrong.error.contains("that of a search, which `onepath search --resume` resumes"), "\(wrong.error)")
        let space = try String(contentsOfFile: task.directory.file("space.json"), encoding: .utf8)
        try AtomicFile.write(space.replacing("for a test", with: "for another"), to: task.directory.file("space.json"))
        let changed = try task.program(resume("search", "run"))
        #expect(
            changed.status == 65 && changed.error.contains("/space.json: expected the SHA-256"), "\(changed.error)")
    }

    @Test("a search whose configuration has lost one of its devices is refused")
    func otherDevices() throws {
        let stopped = try task.program(
            task.search("run") + ["--device", "pixel4", "--target-latency", "1000"],
            interruptWhen: { task.newestStep(of: "run") >= 10 })
        #expect(stopped.status == 130, "\(stopped.error)")
        let path = task.directory.file("run/config.json")
        guard case .object(let members) = try JSON(contentsOf: path, what: "configuration") else {
            Issue.record("no object")
            return
        }
        let fewer = members.filter { $0.key != "other_devices" }
        #expect(fewer.count == members.count - 1)
        try JSON.object(fewer).write(to: path)
        let refused = try task.program(resume("search", "run"))
        #expect(refused.status == 65)
        #expect(
            refused.error.contains("/settings/other_devices: expected [] as in this run, found [\"pixel4\"]\n"),
            "\(refused.error)")
    }

    @Test("interrupted while it ranks candidates, a search keeps what that came to, and ends as one that was left alone")
    func ranking() throws {
        // So many layers that there are many networks that cost the same to a percent.
        let space = try String(contentsOfFile: task.directory.file("space.json"), encoding: .utf8)
        try AtomicFile.write(
            space.replacing(#/"layers": ?2/#, with: "\"layers\": 4"), to: task.directory.file("space.json"))
        let range = CostModel(device: try DeviceProfile(contentsOf: ShippedFiles.device("pixel1")))
            .latencyTable(of: try SearchSpace(contentsOf: task.directory.file("space.json"))).range
        let target = (range.lowerBound + range.upperBound) / 2
        func search(_ name: String) -> [String] {
            task.search(name, epochs: 2)
                + ["--candidates", "200", "--checkpoint-every", "1000", "--target-latency", "\(target)"]
        }
        let expected = try finish(search("alone"), as: "alone")
        var deadline: ContinuousClock.Instant?
        let outcome = try task.program(
            search("run"),
            interruptWhen: {
                // The checkpoint that is kept before the first network.
                guard task.newestStep(of: "run") == 31 else { return false }
                let end = deadline ?? .now + .milliseconds(200)
                deadline = end
                return .now >= end
            })
        #expect(outcome.status == 130, "\(outcome.error)")
        #expect(
            outcome.error.contains("interrupted after step 31 of 36; resume it with\n    onepath search --resume"),
            "\(outcome.error)")
        let checkpoint = try BinaryFile.read(
            task.directory.file("run/checkpoints/step-00000031.checkpoint"), what: "checkpoint")
        let header = try JSON(
            parsing: Array(checkpoint.split(separator: UInt8(ascii: "\n"), maxSplits: 2)[1]), path: "header")
        guard case .array(let losses)? = header["state"]?["candidate_losses"] else {
            Issue.record("no losses")
            return
        }
        #expect((1..<200).contains(losses.count))
        let shown = try task.program(["show", "run", "run"])
        #expect(shown.output.contains("stopped: step 31 of 36"), "\(shown.output)")
        #expect(try finish(resume("search", "run"), as: "run") == expected)
        // Finished, it tells its result again, with what is kept of the target.
        let told = try task.program(resume("search", "run"))
        #expect(
            told.status == 0 && told.output.contains(#/ ms of [0-9.]+ ms latency: (100|99)\.[0-9] % of the target\./#),
            "\(told.output)")
    }

    @Test("without checkpoints, a run begins again and says so; where they cannot be listed, it is not")
    func noCheckpoints() throws {
        let expected = try finish(task.search("alone"), as: "alone")
        try interrupted("run")
        let checkpoints = task.directory.file("run/checkpoints")
        try FileManager.default.moveItem(atPath: checkpoints, toPath: checkpoints + "-away")
        try AtomicFile.write("", to: checkpoints)
        let refused = try task.program(resume("search", "run"))
        #expect(refused.status == 66 && refused.error.contains("cannot read run/checkpoints: "), "\(refused.error)")
        try FileManager.default.removeItem(atPath: checkpoints)
        let resumed = try task.program(resume("search", "run"))
        #expect(
            resumed.status == 0
                && resumed.error.hasPrefix(
                    "onepath: no checkpoint in run/checkpoints: the run begins again with its first step\n"),
            "\(resumed.error)")
        #expect(try task.outcome(of: "run") == expected)
    }

    @Test("a run is not gone on with while it runs")
    func twice() throws {
        var second: Program.Outcome?
        let first = try task.program(
            task.search("run", epochs: 10_000),
            interruptWhen: {
                guard task.newestStep(of: "run") > 0 else { return false }
                if second == nil { second = try task.program(resume("search", "run")) }
                return true
            })
        #expect(first.status == 130)
        #expect(second?.status == 73 && second?.error.contains("another program is at work in it") == true)
    }
}
