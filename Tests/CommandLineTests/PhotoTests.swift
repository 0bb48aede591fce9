import Architectures
import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("A folder of photos")
struct PhotoTests {
    private static let names: JSON = .array(PhotoTask.classNames.map(JSON.string))

    private func succeed(_ task: PhotoTask, _ arguments: [String]) throws -> Program.Outcome {
        let outcome = try task.program(arguments)
        try #require(outcome.status == 0, "\(arguments): \(outcome.error)")
        return outcome
    }

    private func document(_ task: PhotoTask, _ path: String) throws -> JSON {
        try JSON(contentsOf: task.directory.file(path), what: path)
    }

    /// How many images are right, and the mean cross-entropy.
    private func figures(_ result: JSON) throws -> (correct: Int, crossEntropy: Double) {
        guard case .integer(let correct)? = result["correct"], case .number(let crossEntropy)? = result["cross_entropy"] else {
            throw FileError.invalid(path: "result", place: "", problem: "no figures in \(result)")
        }
        return (correct, crossEntropy)
    }

    @Test("is loaded by a benchmark from its files and from a cache, and images of one size are not")
    func loading() throws {
        let task = try PhotoTask()
        let arguments = ["benchmark", "loading", "--data", "photos", "--resolution", "16", "--batch", "8", "--batches", "2"]
        let fromFiles = try succeed(task, arguments + ["--no-cache", "--threads", "1", "--json"]).json()
        #expect(fromFiles["cached"] == false && fromFiles["threads"] == 1 && fromFiles["resolution"] == 16)
        let cached = try succeed(task, arguments + ["--json"])
        #expect(cached.error.contains("caching 96 decoded images"))
        #expect(try cached.json()["cached"] == true)
        guard case .number(let rate)? = try cached.json()["images_per_second"] else {
            Issue.record("no rate: \(cached.output)")
            return
        }
        #expect(rate > 0 && rate.isFinite)
        #expect(try succeed(task, arguments).output.contains(" images/s of 16x16 pixels from the cache, on "))
        let stored = try task.program(["benchmark", "loading", "--data", "fashion-mnist"])
        #expect(stored.status == 65 && stored.error.contains("expected a folder of images that are resized"))
        #expect(try task.program(arguments + ["--batches", "0"]).status == 64)
        for (more, says) in [
            ("--maximum-shift=-1", "--maximum-shift: expected a number from 0"), ("--erased-side=-3", "--erased-side: expected"),
            ("--jitter=7", "--jitter: expected"), ("--jitter=nan", "--jitter: expected"), ("--maximum-shift=16", "less than the 16 pixels"),
            ("--cutmix=2", "--cutmix: expected a number from 0"),
        ] {
            let refused = try task.program(arguments + [more])
            #expect(refused.status == 64 && refused.error.contains(says), "\(refused.error)")
        }
    }

    @Test("is searched, trained, evaluated, classified and exported, with the names of its classes everywhere")
    func endToEnd() throws {
        let task = try PhotoTask()
        let search = try succeed(task, task.search("found"))
        #expect(search.error.contains("caching 96 decoded images of photos training, "))
        #expect(try task.configuration(of: "found")["class_names"] == Self.names)
        let found = try Architecture(contentsOf: task.directory.file("found/architecture.json"))
        #expect(found.classes == 4)
        #expect(found.input == FeatureShape(height: 16, width: 16, channels: 3))

        _ = try succeed(
            task,
            task.train("trained", of: "found", epochs: 12)
                + ["--inherit", "found", "--train-resolution", "24", "--moving-average-decay", "0.9"])
        let configuration = try task.configuration(of: "trained")
        #expect(configuration["class_names"] == Self.names && configuration["configuration"]?["train_resolution"] == 24)
        #expect(configuration["configuration"]?["crop_area"] == [0.25, 1.0])
        #expect(configuration["configuration"]?["jitter"] == 0.2 && configuration["holdout"] == nil)
        let path = task.directory.file("trained/architecture.json"), trained = try Architecture(contentsOf: path)
        #expect(trained == found)
        func latency(_ run: String) throws -> JSON? {
            try succeed(task, ["estimate", "--architecture", run, "--device", "pixel1", "--json"]).json()["latency_ms"]
        }
        #expect(try latency("trained") == latency("found"))
        #expect(
            try WeightsFile(contentsOf: task.directory.file("trained/weights.safetensors"), for: trained).classNames
                == PhotoTask.classNames)

        // Colours are easy to tell apart.
        let result = try document(task, "trained/result.json"), recorded = try figures(result)
        #expect(recorded.correct >= 18 && result["test_images"] == 24)
        let evaluation = try succeed(task, ["evaluate", "--run", "trained", "--json"]).json()
        for field in ["correct", "correct_among_five", "cross_entropy", "test_images"] {
            #expect(evaluation[field] == result[field], "\(field)")
        }
        #expect(evaluation["classes"] == Self.names)
        let table = try succeed(task, ["evaluate", "--run", "trained"]).output
        for name in PhotoTask.classNames { #expect(table.contains(name), "\(table)") }
        let atInput = try figures(succeed(task, ["evaluate", "--run", "trained", "--resolution", "16", "--json"]).json())
        #expect(atInput.crossEntropy.isFinite && atInput.crossEntropy != recorded.crossEntropy)

        let pictures = PhotoTask.classNames.map { "photos/val/\($0)/0.PNG" }
        let answers = try succeed(task, ["classify", "--run", "trained", "--top", "4", "--json"] + pictures).json()["pictures"]
        guard case .array(let answers)? = answers else {
            Issue.record("no pictures")
            return
        }
        var right = 0
        #expect(answers.map { $0["picture"] } == pictures.map(JSON.string))
        for (answer, name) in zip(answers, PhotoTask.classNames) {
            guard case .array(let classes)? = answer["classes"] else {
                Issue.record("no classes: \(answer)")
                continue
            }
            let probabilities = classes.map { if case .number(let value)? = $0["probability"] { value } else { Double.nan } }
            #expect(probabilities.count == 4 && abs(probabilities.reduce(0, +) - 1) < 1e-6)
            #expect(probabilities == probabilities.sorted(by: >))
            #expect(Set(classes.compactMap { $0["class"]?.text(pretty: false) }).count == 4)
            if classes.first?["class"] == .string(name) { right += 1 }
        }
        #expect(right >= 3)
        let shown = try succeed(task, ["classify", "--run", "trained", "--top", "1"] + pictures).output
        #expect(shown.contains("日本 語") && shown.contains("größe"))

        _ = try succeed(task, ["export", "--run", "trained", "--format", "html", "--output", "report.html"])
        let page = try String(contentsOfFile: task.directory.file("report.html"), encoding: .utf8)
        for part in [
            "trained at 24 pixels", "What the network sees", "24 of the 24 images for validation, at 24x24 pixels",
            "data:image/jpeg;base64,", "größe",
        ] { #expect(page.contains(part), "\(part)") }

        _ = try succeed(task, ["export", "--run", "trained", "--format", "onnx", "--fold", "--output", "network.onnx"])
        #expect(try ONNXFile(contentsOf: task.directory.file("network.onnx")).weights.classNames == PhotoTask.classNames)
        let exported = try figures(succeed(task, ["evaluate", "--onnx", "network.onnx", "--data", "photos", "--json"]).json())
        #expect(exported.correct == atInput.correct && abs(exported.crossEntropy - atInput.crossEntropy) < 1e-3)
    }

    @Test("of other classes, as many, is not evaluated by a run, and its classifier is not inherited from it")
    func otherClasses() throws {
        let task = try PhotoTask()
        _ = try succeed(task, task.search("found", epochs: 2))
        for part in ["train", "val"] { try task.move("photos/\(part)/größe", to: "photos/\(part)/zebra") }
        let says = ": class 1: expected \"größe\", as the network was trained with, found \"it's \"quoted\"\"\n"
        for network in [["--run", "found"], ["--run", "found", "--data", "photos"]] {
            let refused = try task.program(["evaluate"] + network)
            #expect(refused.status == 65 && refused.error.hasSuffix(says), "\(refused.error)")
        }
        let report = try succeed(task, ["export", "--run", "found", "--format", "html", "--output", "report.html"])
        #expect(!report.error.contains("no images"), "\(report.error)")
        #expect(
            !(try String(contentsOfFile: task.directory.file("report.html"), encoding: .utf8).contains("What the network sees")))

        // A model needs no images, those of the run or others; but those that are asked for must fit.
        let export = ["export", "--run", "found", "--format", "onnx", "--output"]
        let written = try succeed(task, export + ["n.onnx"])
        #expect(written.output.contains("\nIts accuracy is not known: "), "\(written.output)")
        #expect(try task.program(export + ["m.onnx", "--data", "photos"]).status == 65)
        let files = try task.directory.names()
        #expect(files.contains("n.onnx") && !files.contains("m.onnx"))

        let tuned = try succeed(task, task.train("tuned", of: "found", epochs: 1) + ["--inherit", "found"])
        #expect(
            tuned.error.contains(
                "found/weights.safetensors: its classifier was trained with other classes than those of the data: the other "),
            "\(tuned.error)")
        let names: JSON = .array(["Apfel rot", "it's \"quoted\"", "zebra", "日本 語"])
        #expect(try task.configuration(of: "tuned")["class_names"] == names)
        let again = try succeed(task, task.train("again", of: "found", epochs: 1) + ["--inherit", "tuned"])
        #expect(!again.error.contains("its classifier"), "\(again.error)")
        // Of another number, whatever that of the architecture is.
        for part in ["train", "val"] { try task.move("photos/\(part)/zebra", to: "zebra \(part)") }
        let three = try succeed(task, task.train("three", of: "found", epochs: 1) + ["--inherit", "tuned"])
        #expect(three.error.contains("tuned/weights.safetensors: its classifier has 4 classes and the data 3: the other "))
        let fewer = try task.program(["evaluate", "--run", "tuned", "--data", "photos"])
        #expect(fewer.status == 65 && fewer.error.contains(": expected images in 4 classes for the architecture "))
        #expect(fewer.error.hasSuffix(", found images in 3 classes\n"), "\(fewer.error)")
        for part in ["train", "val"] { try task.move("zebra \(part)", to: "photos/\(part)/zebra") }
        let four = try succeed(task, task.train("four", of: "tuned", epochs: 1) + ["--inherit", "three"])
        #expect(four.error.contains("three/weights.safetensors: its classifier has 3 classes and the data 4: the other "))
    }

    @Test("is classified as a whole, in the order of names; what is no picture is named and counted")
    func classifiedFolder() throws {
        let task = try PhotoTask()
        _ = try succeed(task, task.search("found", epochs: 2))
        for name in ["notes.txt", ".hidden.jpeg"] { try task.write([1, 2, 3], to: "photos/val/größe/\(name)") }
        try task.write([1, 2, 3], to: "photos/val/more.txt")
        let classify = ["classify", "--run", "found", "--top", "1"]
        let folder = try succeed(task, classify + ["photos/val/", "--json"]).json()
        guard case .array(let answers)? = folder["pictures"] else {
            Issue.record("no pictures")
            return
        }
        // The names of the classes are in the order of their bytes, and six pictures of each are 0.PNG, 1.jpeg, 2.PNG, …
        let names = PhotoTask.classNames.flatMap { name in
            (0..<6).map { "photos/val/\(name)/\($0).\($0 % 2 == 0 ? "PNG" : "jpeg")" }
        }
        #expect(answers.map { $0["picture"] } == names.map(JSON.string))
        let texts: JSON = ["kind": "files .txt", "count": 2, "examples": ["größe/notes.txt", "more.txt"]]
        let val: JSON = ["folder": "photos/val", "pictures": 24, "left_out": [texts]]
        #expect(folder["folders"] == .array([val]))
        // Each is what it is alone.
        let alone = try succeed(task, classify + ["--json"] + names).json()
        #expect(alone["pictures"] == folder["pictures"] && alone["folders"] == .array([]))

        let table = try succeed(task, classify + ["photos/val"]).output
        #expect(table.contains("photos/val/größe/5.jpeg"), "\(table)")
        #expect(table.hasSuffix("\n\nLeft out of photos/val:\n  2 files .txt: größe/notes.txt, more.txt\n"), "\(table)")

        try task.write([1, 2, 3], to: "photos/val/größe/broken.png")
        let broken = try task.program(classify + ["photos/val/größe", "cache", "--json"])
        #expect(broken.status == 65 && broken.error.contains("photos/val/größe/broken.png: "), "\(broken.error)")
        #expect(broken.error.contains("onepath: cache: expected a folder of JPEG or PNG images, found "), "\(broken.error)")
        let document = try broken.json()
        guard case .array(let rest)? = document["pictures"], case .array(let unread)? = document["unread"] else {
            Issue.record("no pictures")
            return
        }
        #expect(rest.count == 6)
        // Folders are listed before pictures are read. A program needs no other stream to know what has no answer.
        #expect(unread.map { $0["path"] } == ["cache", "photos/val/größe/broken.png"].map(JSON.string))
        for one in unread {
            guard case .string(let problem)? = one["problem"] else {
                Issue.record("no problem: \(one)")
                continue
            }
            #expect(broken.error.contains("onepath: \(problem)\n"), "\(problem)")
        }
        #expect(folder["unread"] == .array([]))
    }

    @Test("with a class of a very long name has tables as wide as a terminal")
    func longName() throws {
        let task = try PhotoTask(), name = String(repeating: "long name ", count: 20) + "end"
        for part in ["train", "val"] { try task.move("photos/\(part)/größe", to: "photos/\(part)/\(name)") }
        _ = try succeed(task, task.search("found", epochs: 2))
        let pictures = ["photos/val/\(name)/0.PNG", "photos/val/Apfel rot/0.PNG"]
        for arguments in [["evaluate", "--run", "found"], ["classify", "--run", "found", "--top", "4"] + pictures] {
            let table = try succeed(task, arguments).output
            #expect(table.split(separator: "\n").allSatisfy { $0.count <= 80 } && table.contains("long name"), "\(table)")
            #expect(arguments[0] != "classify" || table.contains("end/0.PNG "), "\(table)")
        }
    }

    @Test("are classified with weights that do not say how images are normalised, once that is said")
    func foreignWeights() throws {
        let task = try PhotoTask()
        _ = try succeed(task, task.search("found", epochs: 2))
        _ = try succeed(
            task, ["export", "--architecture", "found", "--untrained", "--format", "safetensors", "--output", "bare.safetensors"])
        let name = "photos/val/größe/two\nlines.png"
        try task.move("photos/val/größe/0.PNG", to: name)
        let classify = ["classify", "--architecture", "found", "--weights", "bare.safetensors", name]
        let refused = try task.program(classify)
        #expect(refused.status == 65)
        #expect(
            refused.error
                == "onepath: bare.safetensors: expected weights that say how images are normalised, as onepath writes them, found some "
                + "that do not; give --image-mean and --image-std\n")
        func probabilities(_ mean: String) throws -> [Double] {
            let answer = try succeed(task, classify + ["--image-mean", mean, "--image-std", "0.25", "--top", "4", "--json"]).json()
            guard case .array(let pictures)? = answer["pictures"], case .array(let classes)? = pictures.first?["classes"] else {
                return []
            }
            return classes.compactMap { if case .number(let value)? = $0["probability"] { value } else { nil } }
        }
        let one = try probabilities("0.5")
        #expect(one.count == 4 && abs(one.reduce(0, +) - 1) < 1e-6)
        #expect(try probabilities("0.5,0.5,0.5") == one)
        #expect(try probabilities("0.4") != one)
        let known = try task.program(["classify", "--run", "found", name, "--image-mean", "0.5", "--image-std", "0.25"])
        #expect(known.status == 64 && known.error.contains("found some that do"), "\(known.error)")
        // A name of two lines stays in one of the table.
        let table = try succeed(task, ["classify", "--run", "found", "--top", "1", name]).output
        #expect(table.contains("\nphotos/val/größe/two\u{FFFD}lines.png  ") && table.count { $0 == "\n" } == 3, "\(table)")
    }

    @Test("that are fewer than a batch are refused with the option that makes it smaller")
    func fewImages() throws {
        let task = try PhotoTask()
        let refused = try task.program(task.train("run", of: "single-path-nas") + ["--train-examples", "8"])
        #expect(refused.status == 64)
        #expect(
            refused.error.contains(
                "--batch: cannot make batches of 16 images of photos training: expected a batch of 1 to 8, the images that there are\n"),
            "\(refused.error)")
    }

    @Test("is read grey by a space of one channel, and keeps a share for validation where it has no folder for that")
    func greyAndHeldOut() throws {
        let task = try PhotoTask(channels: 1)
        try task.move("photos/train", to: "alone")
        let arguments = task.search("found", epochs: 2).map { $0 == "photos" ? "alone" : $0 }
        let outcome = try succeed(task, arguments + ["--holdout", "0.3"])
        #expect(outcome.error.contains("images of alone validation"))
        let configuration = try task.configuration(of: "found")
        guard case .integer(let count)? = configuration["train_examples"] else {
            Issue.record("\(configuration)")
            return
        }
        // A share by hashes: five standard deviations of 96 images around 67.
        #expect(abs(count - 67) <= 22 && configuration["holdout"] == 0.3)
        let found = try Architecture(contentsOf: task.directory.file("found/architecture.json"))
        #expect(found.input.channels == 1 && found.classes == 4)
        let result = try document(task, "found/result.json")
        #expect(result["test_images"] == .integer(96 - count))
        let evaluation = try succeed(task, ["evaluate", "--run", "found", "--json"]).json()
        #expect(evaluation["test_images"] == .integer(96 - count))
        // The search evaluates its supernet, whose sums may be of another order than those of the network that was found.
        let ofSearch = try figures(result), ofNetwork = try figures(evaluation)
        #expect(ofNetwork.correct == ofSearch.correct && abs(ofNetwork.crossEntropy - ofSearch.crossEntropy) < 1e-6)

        // With another share, what was trained on would be tested on.
        for arguments in [
            ["search", "--resume", "--output", "found"], ["evaluate", "--run", "found"],
            ["export", "--run", "found", "--format", "onnx", "--output", "found.onnx"],
        ] {
            let other = try task.program(arguments + ["--holdout", "0.5"])
            #expect(other.status == 64)
            #expect(other.error.contains("--holdout: the run has 0.3, found 0.5; leave it out to read the images of that run\n"))
            _ = try succeed(task, arguments + ["--holdout", "0.3"])
        }
    }

    @Test("gives the same bits after an interruption, from a cache and without one", arguments: ["search", "train"])
    func resuming(command: String) throws {
        let task = try PhotoTask()
        _ = try succeed(task, task.search("found", epochs: 2))
        func arguments(_ name: String) -> [String] {
            command == "search" ? task.search(name, epochs: 40) : task.train(name, of: "found", epochs: 40)
        }
        _ = try succeed(task, arguments("alone"))
        let expected = try task.outcome(of: "alone")
        for (name, options) in [("cached", []), ("uncached", ["--no-cache"])] {
            let cache = options.isEmpty ? "cache" : "none"
            let interrupted = try task.program(
                arguments(name) + options, cache: cache, interruptWhen: { task.newestStep(of: name) >= 20 })
            #expect(interrupted.status == 130, "\(interrupted.error)")
            if options.isEmpty {
                let others = try task.program([command, "--resume", "--output", name, "--no-cache"], cache: cache)
                #expect(others.status == 64)
                #expect(
                    others.error.contains("--no-cache: the run in \(name) has decoded copies of the images, found none; leave"),
                    "\(others.error)")
            }
            // Resumed without a cache too, whose images could be other pixels.
            let resumed = try task.program([command, "--resume", "--output", name], cache: cache)
            #expect(resumed.status == 0, "\(resumed.error)")
            let evaluated = try task.program(["evaluate", "--run", name], cache: cache)
            #expect(evaluated.status == 0, "\(evaluated.error)")
            #expect(try task.configuration(of: name)["no_cache"] == (options.isEmpty ? nil : true))
            #expect(try !task.directory.names().contains("none"))
            // Pictures are not larger than the cache keeps them, so both are what the files hold.
            let outcome = try task.outcome(of: name)
            for (file, bytes) in expected { #expect(outcome[file] == bytes, "\(name): \(file)") }
        }
    }

    @Test("whose file goes away while a run reads it ends the run with a sentence, and goes on once it is back")
    func vanishedFile() throws {
        let task = try PhotoTask()
        _ = try succeed(task, task.search("found", epochs: 2))
        let arguments = task.train("run", of: "found", epochs: 60) + ["--no-cache"]
        _ = try succeed(task, task.train("alone", of: "found", epochs: 60))
        var isMoved = false
        let picture = "photos/train/日本 語/3.jpeg"
        let stopped = try task.program(arguments, interruptWhen: {
            if !isMoved, task.newestStep(of: "run") >= 10 {
                try task.move(picture, to: "elsewhere")
                isMoved = true
            }
            return false
        })
        #expect(isMoved && stopped.status == 66, "\(stopped.error)")
        #expect(
            stopped.error.split(separator: "\n").last?.hasPrefix("onepath: no image at photos/train/日本 語/3.jpeg") == true,
            "\(stopped.error)")
        #expect(stopped.error.count { $0 == "\n" } > 1)
        let lacking = try task.program(["train", "--resume", "--output", "run", "--no-cache"])
        #expect(
            lacking.status == 65
                && lacking.error.hasSuffix(
                    "photos training: expected at least 96 images, the train_examples of run/config.json, found 95\n"),
            "\(lacking.error)")
        try task.move("elsewhere", to: picture)
        _ = try succeed(task, ["train", "--resume", "--output", "run", "--no-cache"])
        let outcome = try task.outcome(of: "run")
        for (file, bytes) in try task.outcome(of: "alone") { #expect(outcome[file] == bytes, "\(file)") }
    }

    @Test("are evaluated on the images that the run kept for that, also where their folder is named again")
    func sameFolder() throws {
        let task = try PhotoTask()
        // Folders of classes alone, so that a share is kept for validation.
        func run(_ arguments: [String]) throws -> Program.Outcome { try succeed(task, arguments) }
        _ = try run(task.search("found"))
        let train = ["train", "--architecture", "found", "--data", "photos/train", "--output", "held", "--epochs", "1", "--batch", "8",
            "--holdout", "0.3", "--threads", "1", "--augmentation", "photo"]
        _ = try run(train)
        func images(_ more: [String]) throws -> JSON? { try run(["evaluate", "--run", "held", "--json"] + more).json()["test_images"] }
        let kept = try images([])
        #expect(kept != nil && kept != .null)
        #expect(try images(["--data", "photos/train"]) == kept)
        #expect(try images(["--data", task.directory.file("photos/train")]) == kept)
        // A model in float32 is written at any size too.
        _ = try run(["export", "--run", "held", "--format", "onnx", "--output", "large.onnx", "--resolution", "24"])
        let input = try ONNXFile(contentsOf: task.directory.file("large.onnx")).weights.weights.architecture.input
        #expect(input == FeatureShape(height: 24, width: 24, channels: 3))
        let refused = try task.program(["export", "--run", "held", "--format", "json", "--output", "x.json", "--resolution", "24"])
        #expect(refused.status == 64 && refused.error.contains("--resolution: expected --format onnx or tflite"))
        // Another folder has its own share.
        #expect(try images(["--data", "photos/val"]) != kept)
    }

    @Test("that a network answers with no finite value are not told a class")
    func notFinite() throws {
        let task = try PhotoTask()
        _ = try succeed(task, task.search("found"))
        let path = task.directory.file("found/weights.safetensors")
        let architecture = try Architecture(contentsOf: task.directory.file("found/architecture.json"))
        var file = try WeightsFile(contentsOf: path, for: architecture)
        let old = file.weights
        file.weights = try TrainedWeights(for: old.architecture) { tensor in
            let isLast = tensor.operatorName == "classifier" && tensor.layout == .matrix
            return (tensor.shape, isLast ? [Float](repeating: 3e38, count: tensor.count) : Array(old[tensor.name]))
        }
        try file.write(to: path)
        let picture = "photos/val/größe/0.PNG"
        let outcome = try task.program(["classify", "--run", "found", picture])
        #expect(outcome.status == 65 && outcome.error.contains("expected weights that give every image finite values"), "\(outcome)")
        #expect(!outcome.output.contains("nan"))
    }
}
