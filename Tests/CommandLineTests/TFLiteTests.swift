import Exporter
import Files
import Foundation
import TFLite
import Testing
import TestSupport

@Suite("onepath export, estimate and evaluate with TensorFlow Lite models")
struct TFLiteTests {
    @Test("a model is written, priced like its architecture, and told to a phone's benchmark by a script beside it")
    func untrained() throws {
        let directory = try TemporaryDirectory(), model = directory.file("net.tflite")
        let outcome = try Program.run([
            "export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "tflite", "--output", model,
            "--device", "pixel4",
        ])
        #expect(outcome.status == 0 && outcome.error == "", "\(outcome.error)")
        #expect(outcome.output.contains("XNNPACK takes all"), "\(outcome.output)")
        #expect(outcome.output.contains("The model names no classes"))
        func totals(_ arguments: [String]) throws -> [Int] {
            let outcome = try Program.run(["estimate", "--device", "pixel4", "--json", "--strict"] + arguments)
            #expect(outcome.status == 0, "\(outcome.error)")
            let document = try JSON(parsing: outcome.output, path: "estimate")
            return ["macs", "parameters"].compactMap { if case .integer(let number) = document[$0] { number } else { nil } }
        }
        let found = try totals(["--tflite", model]), expected = try totals(["--architecture", "mobilenet-v3-small"])
        #expect(found.count == 2 && found[0] == expected[0])
        let compared = try Program.run(["estimate", "--device", "pixel4", "--compare", model, "mobilenet-v3-small"])
        #expect(compared.status == 0 && compared.output.contains("net.tflite"), "\(compared.error)")

        // A stand-in for benchmark_model: it prints what that prints, and nothing more.
        let standIn = try directory.write(
            Array(
                """
                #!/bin/sh
                case "$1" in --graph=*model.tflite) ;; *) exit 1 ;; esac
                echo 'INFO: Inference timings in us: Init: 1234, First inference: 9000, Warmup (avg): 8100, Inference (avg): 8043.21'

                """.utf8), to: "benchmark_model")
        let script = directory.file("benchmark.sh")
        let run = try Self.shell([script, "--here", "--benchmark-model", standIn])
        #expect(run.status == 0 && run.output.contains("measured   8.043 ms, 1 thread"), "\(run)")
        #expect(run.output.contains("with 90 % confidence (pixel4, 1 thread)"), "\(run.output)")
        let local = [script, "--here", "--benchmark-model", standIn]
        let four = try Self.shell(local + ["--threads", "4"])
        #expect(four.status == 0 && four.output.contains("predicted  nothing for --threads 4"), "\(four)")
        for (options, sentence) in [
            (["--threads", "many"], "--threads, --runs: expected a number above 0, found many"),
            (["--runs", "0"], "--threads, --runs: expected a number above 0, found 0"),
            (["--cores", "4-7"], "--cores: expected a mask in hexadecimal, such as f0, found 4-7"),
            (["--runs"], "--runs: expected a value after it"),
            (["--threads", "04"], "--threads, --runs: expected a number above 0, found 04"),
            (["--cores", "0x"], "--cores: expected a mask in hexadecimal, such as f0, found 0x"),
            (["--cores", "00"], "--cores: expected a mask of at least one core, found 00"),
            (["--ssh", "pi@board"], "--ssh: expected one of --adb, --ssh and --here, found --here too"),
            (["--thread", "1"], "expected an option, found --thread; --help lists them"),
        ] {
            let refused = try Self.shell(local + options)
            #expect(refused.status == 64 && refused.output.contains("benchmark.sh: \(sentence)"), "\(refused)")
        }
        let help = try Self.shell([script, "--help"])
        #expect(help.status == 0 && help.output.hasPrefix("usage: benchmark.sh --adb"), "\(help)")
        let bare = try Self.shell([script, "--here"])
        #expect(bare.status == 64 && bare.output.contains("expected --benchmark-model"), "\(bare)")
        let idle = try directory.write(Array("#!/bin/sh\necho 'INFO: Inference (avg): 0'\n".utf8), to: "idle")
        let nothing = try Self.shell([script, "--here", "--benchmark-model", idle])
        #expect(nothing.status == 65 && nothing.output.contains("printed no average above 0"), "\(nothing)")
        // Temporary files have a path with a space, and do not stay.
        let temporary = directory.file("in between")
        try FileManager.default.createDirectory(atPath: temporary, withIntermediateDirectories: true)
        let between = try Self.shell(local, ["PATH": "/usr/bin:/bin", "TMPDIR": temporary])
        #expect(between.status == 0 && between.output.contains("measured   8.043 ms"), "\(between)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary) == [])
        #expect(try Self.shell([script]).status == 64)
        let missing = try Self.shell([script, "--here", "--benchmark-model", "/no"])
        #expect(missing.status == 66 && missing.output.contains("no benchmark_model at /no"))
        // An adb that answers for a phone on the cable, and one for none.
        let adb = try directory.write(
            Array(
                """
                #!/bin/sh
                echo "$*" >> "$ADB_LOG"
                case "$*" in *get-state*) [ -z "$NO_PHONE" ] ;; *--graph*) sh "$STAND_IN" --graph=model.tflite ;; *) ;; esac

                """.utf8), to: "adb")
        for path in [adb, script] { #expect(chmod(path, 0o755) == 0) }
        let environment = ["PATH": "\(directory.path):/usr/bin:/bin", "STAND_IN": standIn, "ADB_LOG": directory.file("adb.log")]
        let phone = try Self.shell([script, "--adb", "--benchmark-model", standIn], environment)
        #expect(phone.status == 0 && phone.output.contains("measured   8.043 ms"), "\(phone)")
        let none = try Self.shell(
            [script, "--adb", "X1", "--benchmark-model", standIn], environment.merging(["NO_PHONE": "1"]) { $1 })
        #expect(none.status == 66 && none.output.contains("no phone answers"), "\(none)")
        // What was copied is removed again.
        let removed = try String(contentsOfFile: directory.file("adb.log"), encoding: .utf8)
        #expect(removed.contains("shell rm -rf /data/local/tmp/onepath-benchmark\n"), "\(removed)")
    }

    private static func shell(
        _ arguments: [String], _ environment: [String: String] = ["PATH": "/usr/bin:/bin"]
    ) throws -> (status: Int32, output: String) {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = arguments
        process.environment = environment
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    @Test("a trained network's file classifies what the network classifies, and its export says so")
    func trained() throws {
        let task = try SmallTask()
        let trained = try task.program(task.train("run", epochs: 3))
        #expect(trained.status == 0, "\(trained.error)")
        func accuracy(_ network: [String]) throws -> JSON? {
            let outcome = try task.program(["evaluate", "--data", "images", "--json"] + network)
            #expect(outcome.status == 0, "\(outcome.error)")
            return try outcome.json()["accuracy"]
        }
        let expected = try accuracy(["--run", "run"])
        #expect(expected != nil)
        for options in [[], ["--raw-input", "--probabilities"]] {
            for format in ["tflite", "onnx"] {
                let exported = try task.program(
                    ["export", "--run", "run", "--format", format, "--output", "n.\(format)"] + options)
                #expect(exported.status == 0 && exported.output.contains(#/%\sright\./#), "\(exported)")
                #expect(exported.output.isWrapped(but: ["/images"]), "\(exported.output)")
                #expect(try accuracy(["--\(format)", "n.\(format)"]) == expected, "\(format) \(options)")
            }
        }
        // Of two normalisations one would not count.
        let twice = ["--image-mean", "0.5", "--image-std", "0.5"]
        let exported = try task.program(["export", "--run", "run", "--format", "tflite", "--output", "m.tflite"] + twice)
        #expect(exported.status == 64 && exported.error.contains("found some that do"), "\(exported)")
    }

    @Test("bad input is refused with one sentence")
    func refused() throws {
        let directory = try TemporaryDirectory()
        let damaged = try directory.write(Array("damaged".utf8), to: "damaged.tflite")
        let few = try directory.write(Array("one\ntwo\n".utf8), to: "labels.txt")
        let bare = directory.file("bare.tflite")
        #expect(
            try Program.run([
                "export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "tflite", "--output", bare,
            ]).status == 0)
        try TFLiteModel.withCustomOperator().write(to: directory.file("custom.tflite"))
        try FileManager.default.createDirectory(atPath: directory.file("mine"), withIntermediateDirectories: true)
        let script = try directory.write(Array("#!/bin/sh\n".utf8), to: "mine/benchmark.sh")
        try FileManager.default.createDirectory(atPath: directory.file("latin"), withIntermediateDirectories: true)
        let latin = try directory.write([0x23, 0x21, 0xe9, 0x0a], to: "latin/benchmark.sh")
        func export(to output: String) -> [String] {
            ["export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "tflite", "--output", output]
        }
        let cases: [(arguments: [String], status: Int32, says: String)] = [
            (["estimate", "--tflite", "/no.tflite", "--device", "pixel1"], 66, "no TensorFlow Lite model at /no.tflite"),
            (["estimate", "--tflite", damaged, "--device", "pixel1"], 65, "not a TensorFlow Lite model"),
            (["estimate", "--tflite", damaged, "--onnx", "x", "--device", "pixel1"], 64, "nor with --tflite"),
            (["evaluate", "--tflite", damaged, "--data", "fashion-mnist"], 65, "not a TensorFlow Lite model"),
            (["evaluate", "--tflite", bare, "--data", "fashion-mnist"], 65, "expected what images are normalised with"),
            (["evaluate", "--tflite", bare, "--data", "fashion-mnist", "--image-mean", "0.5"], 64, "--image-std together"),
            (
                [
                    "evaluate", "--tflite", bare, "--data", "fashion-mnist", "--image-mean", "0.5", "--image-std", "0.5",
                ], 65, "expected values for the 10 classes of the images, found 1000"
            ),
            (
                ["evaluate", "--tflite", directory.file("custom.tflite"), "--data", "fashion-mnist"], 65,
                "operator 0 Fold: this operator is not run here"
            ),
            (
                [
                    "estimate", "--tflite", directory.file("custom.tflite"), "--device", "pixel1", "--strict", "--json",
                ], 65, ""
            ),
            (
                [
                    "export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "tflite", "--labels", few,
                    "--output", directory.file("x.tflite"),
                ], 65, "\(few): expected the names of 1000 classes, one a line, as the network has, found 2"
            ),
            (
                [
                    "export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "tflite", "--raw-input",
                    "--output", directory.file("x.tflite"),
                ], 65, "--raw-input: expected weights that say how images are normalised"
            ),
            (
                [
                    "export", "--architecture", "mobilenet-v3-small", "--untrained", "--format", "tflite", "--raw-input",
                    "--image-mean", "0.485,0.456,0.406", "--image-std", "0.25", "--output", directory.file("bytes.tflite"),
                ], 0, ""
            ),
            (
                [
                    "evaluate", "--tflite", directory.file("bytes.tflite"), "--data", "fashion-mnist", "--image-mean", "0.5",
                    "--image-std", "0.5",
                ], 65, "for --image-mean and --image-std, found one that takes bytes"
            ),
            (
                ["evaluate", "--tflite", bare, "--data", "fashion-mnist", "--image-mean", "0.5", "--image-std", "0"], 64,
                "--image-std: expected numbers from 1e-06 to 1000000.0, found 0.0"
            ),
            (
                export(to: directory.file("mine/x.tflite")), 73, "\(script): a file that onepath export did not write is there"
            ),
            (export(to: directory.file("latin/x.tflite")), 73, "\(latin): a file that onepath export did not write is there"),
            (export(to: directory.file("no/x.tflite")), 73, "cannot write \(directory.file("no/x.tflite")): No such file"),
            (export(to: directory.file("mine")), 73, "cannot write \(directory.file("mine")): it is a directory"),
            (export(to: directory.file("benchmark.sh")), 73, "benchmark.sh: the script beside the model has this name"),
            (export(to: ""), 64, "--output: expected the path of a file, found an empty one"),
        ]
        for (arguments, status, says) in cases {
            let outcome = try Program.run(arguments)
            #expect(outcome.status == status && (says.isEmpty || outcome.error.contains(says)), "\(arguments): \(outcome)")
        }
        // What cannot be exported costs nobody a script.
        #expect(try BinaryFile.read(latin, what: "script") == [0x23, 0x21, 0xe9, 0x0a])
        let kept = try TextFile.read(directory.file("benchmark.sh"), what: "script")
        #expect(kept.contains("model='bytes.tflite'"), "\(kept.prefix(300))")
        for folder in ["mine", "latin"] {
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file(folder)) == ["benchmark.sh"])
        }
        let odd = try Program.run(["estimate", "--tflite", directory.file("custom.tflite"), "--device", "pixel1", "--json"])
        #expect(try JSON(parsing: odd.output, path: "odd")["complete"] == .bool(false))
        #expect(odd.output.contains("\"Fold\""))
    }
}
