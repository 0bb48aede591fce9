import Files
import Foundation
import Testing
import TestSupport

@Suite("What was meant")
struct SuggestionTests {
    @Test("is asked after a typing error, where something is near", arguments: [
        (["serch"], "there is no command serch; did you mean search?", 64),
        (["mesure", "--device", "pixel1"], "there is no command mesure; did you mean measure?", 64),
        (["benchmark", "stpe"], "there is no command stpe; did you mean step?", 64),
        (["eval"], "there is no command eval; did you mean evaluate?", 64),
        (["search", "--spac", "x"], "there is no option --spac; did you mean --space?", 64),
        (["estimate", "--architecture=x", "--devise=pixel1"], "there is no option --devise; did you mean --device?", 64),
        (["estimate", "--architecture", "mobilenet-v2", "--device", "pixle1"], "did you mean pixel1?", 66),
        (["estimate", "--architecture", "mobilenet-2", "--device", "pixel1"], "did you mean mobilenet-v2?", 66),
        (["show", "space", "fashion-mnits"], "did you mean fashion-mnist?", 66),
        (
            ["search", "--space", "fashion-mnist", "--device", "pixel1", "--data", "fashion-mnits", "--output", "/x"],
            "did you mean fashion-mnist?", 66
        ),
    ] as [([String], String, Int32)])
    func suggestions(arguments: [String], question: String, status: Int32) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == status && outcome.error.contains(question), "\(outcome.error)")
        #expect(outcome.output.isEmpty)
    }

    @Test("is not asked where nothing is near, and not of what is right", arguments: [
        ["frobnicate"], ["search", "--xyzzy", "1"], ["estimate", "--threads", "2"], ["show", "space", "imagenet"],
    ])
    func nothing(arguments: [String]) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status != 0 && !outcome.error.contains("did you mean"), "\(outcome.error)")
    }

    @Test("options that there are not are named, also where others do not go together", arguments: [
        (["classify", "--tflite", "n.tflite", "photo.jpg"], "there is no option --tflite; --help lists all of them"),
        (["search", "--xyzzy", "1"], "there is no option --xyzzy; --help lists all of them"),
        (
            ["estimate", "--run", "/no", "--device", "pixel1"],
            "there is no option --run; --architecture takes the folder of a run"
        ),
        (["evaluate", "/no"], "expected an option before /no, such as --run /no"),
        (["estimate", "/no", "--device", "pixel1"], "expected an option before /no, such as --architecture /no"),
        (["device", "new", "/no"], "expected an option before /no\n"),
        (["classify", "--run", "/no", "--", "--tflite"], "no run"),
        (["--generate-completion-script", "none"], "completion scripts"),
        (["frobnicate"], "there is no command frobnicate; the commands are benchmark, calibrate, "),
        (["device", "frobnicate"], "there is no command frobnicate; the commands are adapt, "),
        (["resume"], "there is no command resume; the command that was stopped goes on with --resume"),
    ])
    func unknown(arguments: [String], sentence: String) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status != 0 && outcome.error.contains(sentence), "\(outcome.error)")
    }

    @Test("numbers that are none are told what was expected, with an example that is near", arguments: [
        (["search", "--epochs", "2.5"], "--epochs: expected a whole number such as 2, found 2.5\n"),
        (["search", "--epochs=1e1"], "--epochs: expected a whole number such as 10, found 1e1\n"),
        (["search", "--epochs", "many"], "--epochs: expected a whole number such as 2, found many\n"),
        (["search", "--epochs", ""], "--epochs: expected a whole number such as 2, found nothing\n"),
        (["train", "--train-examples", "60,000"], "--train-examples: expected a whole number such as 60000, found 60,000\n"),
        (
            ["train", "--batch", "99999999999999999999"],
            "--batch: expected a whole number up to 9223372036854775807, found 99999999999999999999\n"
        ),
        (["search", "--target-latency", "20ms"], "--target-latency: expected a number (ms) such as 20, found 20ms\n"),
        (["search", "--target-latency", "2,5 ms"], "--target-latency: expected a number (ms) such as 2.5, found 2,5 ms\n"),
        (["search", "--target-latency", "0.02s"], "--target-latency: expected a number (ms) such as 2.5, found 0.02s\n"),
        (["sweep", "--random", "1.0"], "--random: expected a whole number such as 1, found 1.0\n"),
        (["train", "--learning-rate", "0,01"], "--learning-rate: expected a number such as 0.01, found 0,01\n"),
        (["train", "--weight-decay", "small"], "--weight-decay: expected a number such as 0.5, found small\n"),
        (["estimate", "--confidence", "90%"], "--confidence: expected a number such as 0.9, found 90%\n"),
        (["classify", "--top", "all", "photo.jpg"], "--top: expected a whole number such as 2, found all\n"),
        (["device", "plan", "--count", "3x"], "--count: expected a whole number such as 3, found 3x\n"),
        (["measure", "--threads", "two"], "--threads: expected a whole number such as 2, found two\n"),
    ])
    func numbers(arguments: [String], sentence: String) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 64 && outcome.output.isEmpty)
        #expect(outcome.error.hasPrefix("Error: \(sentence)Help:  --"), "\(outcome.error)")
        #expect(outcome.error.contains("onepath \(arguments[0]) "), "the help of the command: \(outcome.error)")
        #expect(!outcome.error.contains("is invalid for"))
    }

    @Test("what is no number stays what the parser says of it", arguments: [
        (["measure", "--runtime", "x"], "Please provide one of"), (["search", "--seed", "1.5"], "expected a whole number from 0 to"),
    ])
    func others(arguments: [String], sentence: String) throws {
        let outcome = try Program.run(arguments)
        #expect(outcome.status == 64 && outcome.error.contains(sentence), "\(outcome.error)")
    }

    @Test("shells complete names and files where options take them")
    func completion() throws {
        let directory = try TemporaryDirectory()
        for name in ["mine.json", "notes.txt"] { _ = try directory.write([], to: name) }
        try FileManager.default.createDirectory(atPath: directory.file("models"), withIntermediateDirectories: true)
        func offered(_ option: String, _ word: String, command: String = "search") throws -> Set<String> {
            let words = ["onepath", command, option, word]
            let outcome = try Program.run(
                ["---completion", command, "--", option, "3", "\(word.count)"] + words, in: directory.path)
            #expect(outcome.status == 0, "\(outcome.error)")
            return Set(outcome.output.split(separator: "\n").map(String.init))
        }
        #expect(try offered("--device", "pixel6") == ["pixel6", "pixel6-tflite-2018"])
        #expect(try offered("--space", "m") == ["mine.json", "models/"])
        #expect(try offered("--space", "./m") == ["./mine.json", "./models/"])
        #expect(try offered("--space", "").isSuperset(of: ["fashion-mnist", "single-path-mobile", "mine.json"]))
        #expect(try offered("--data", "") == ["fashion-mnist", "models/"])
        #expect(try offered("--architecture", "mobilenet-v3", command: "estimate") == [
            "mobilenet-v3-large", "mobilenet-v3-large-minimalistic", "mobilenet-v3-small", "mobilenet-v3-small-minimalistic",
        ])

        let script = try Program.run(["--generate-completion-script", "bash"])
        #expect(script.status == 0)
        let path = directory.file("onepath.bash")
        try AtomicFile.write(script.output, to: path)
        let bash = Process()
        bash.executableURL = URL(fileURLWithPath: "/bin/bash")
        bash.arguments = ["-n", path]
        try bash.run()
        bash.waitUntilExit()
        #expect(bash.terminationStatus == 0)
    }
}
