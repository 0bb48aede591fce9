import Files
import Foundation
import Testing
import TestSupport
#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("Folders with broken photos")
struct BrokenPhotoTests {
    private let task: PhotoTask
    /// From the folder of photos on, in the order of the lists.
    private static let broken = [
        "train/Apfel rot/bad.jpg", "train/größe/cut.png", "train/größe/empty.png", "val/日本 語/zip.jpg",
    ]

    init() throws { task = try PhotoTask() }

    private func breakSome() throws {
        let sound = try EncodedImages.png([UInt8](repeating: 90, count: 1200), height: 20, width: 20)
        let contents: [[UInt8]] = [Array("no picture".utf8), Array(sound.dropLast(40)), [], [0x50, 0x4B, 3, 4, 9]]
        for (name, bytes) in zip(Self.broken, contents) { try task.write(bytes, to: "photos/\(name)") }
    }

    @Test("refuse a run with the first three and the number of the rest", arguments: [[], ["--no-cache"]])
    func refusal(options: [String]) throws {
        try breakSome()
        let outcome = try task.program(task.search("run") + options)
        let sentence = try #require(outcome.error.split(separator: "\n").last)
        #expect(outcome.status == 65 && sentence.hasPrefix("onepath: photos: expected images that can be decoded, found 4"))
        for name in Self.broken.prefix(3) { #expect(sentence.contains("photos/\(name) ("), "\(sentence)") }
        #expect(!sentence.contains(Self.broken[3]))
        #expect(sentence.hasSuffix("; and 1 more, which `onepath data check` lists; remove them, or give --skip-broken"))
        #expect(!FileManager.default.fileExists(atPath: task.directory.file("run")))
    }

    @Test("are left out of the benchmark of loading too")
    func loading() throws {
        try breakSome()
        let arguments = ["benchmark", "loading", "--data", "photos", "--resolution", "16", "--batch", "16", "--batches", "2", "--threads", "1"]
        #expect(try task.program(arguments + ["--no-cache"]).status == 65)
        for options in [["--no-cache"], []] {
            let outcome = try task.program(arguments + ["--skip-broken"] + options)
            #expect(outcome.status == 0 && outcome.output.contains(" images/s of 16x16 pixels "), "\(outcome.error)")
        }
    }

    @Test("let a run go on without them, which records them; it is resumed and evaluated without them, too")
    func skipping() throws {
        let sound = try task.program(task.search("found", epochs: 2))
        try #require(sound.status == 0, "\(sound.error)")
        try breakSome()
        func arguments(_ name: String) -> [String] { task.train(name, of: "found", epochs: 40) + ["--skip-broken"] }
        let alone = try task.program(arguments("alone"))
        try #require(alone.status == 0, "\(alone.error)")
        #expect(alone.error.contains("onepath: photos: going on without 4 broken images\n"))
        let configuration = try task.configuration(of: "alone")
        #expect(configuration["skipped_images"] == .array(Self.broken.map(JSON.string)))
        #expect(configuration["train_examples"] == 99 && configuration["skipped_train_examples"] == 3)
        // 96 sound images are six steps an epoch, and so says a dry run.
        #expect(try task.program(["show", "run", "alone", "--json"]).json()["steps"] == 240)
        let dry = try task.program(arguments("dry") + ["--dry-run", "--json"])
        #expect(try dry.status == 0 && dry.json()["steps"] == 240, "\(dry.error)")
        #expect(try dry.json()["data"] == "photos: 96 training images, 24 test images")

        let interrupted = try task.program(arguments("run"), interruptWhen: { task.newestStep(of: "run") >= 20 })
        #expect(interrupted.status == 130, "\(interrupted.error)")
        let resumed = try task.program(["train", "--resume", "--output", "run"])
        #expect(resumed.status == 0, "\(resumed.error)")
        let outcome = try task.outcome(of: "run")
        for (file, bytes) in try task.outcome(of: "alone") { #expect(outcome[file] == bytes, "\(file)") }

        let result = try JSON(contentsOf: task.directory.file("run/result.json"), what: "result")
        #expect(result["test_images"] == 24)
        for options in [[], ["--no-cache"], ["--data", "photos", "--skip-broken"]] {
            let evaluation = try task.program(["evaluate", "--run", "run", "--json"] + options)
            try #require(evaluation.status == 0, "\(options): \(evaluation.error)")
            #expect(try evaluation.json()["correct"] == result["correct"])
            #expect(try evaluation.json()["test_images"] == 24)
        }
        let report = try task.program(["export", "--run", "run", "--format", "html", "--output", "report.html"])
        #expect(report.status == 0 && !report.error.contains("no images"), "\(report.error)")
        #expect(
            try String(contentsOfFile: task.directory.file("report.html"), encoding: .utf8)
                .contains("24 of the 24 images for validation"))
        // The run's own folder, named again; and another one with the same photos, of which the run knows nothing.
        #expect(try task.program(["evaluate", "--run", "run", "--data", "photos"]).status == 0)
        try FileManager.default.copyItem(atPath: task.directory.file("photos"), toPath: task.directory.file("others"))
        let refused = try task.program(["evaluate", "--run", "run", "--data", "others"])
        #expect(refused.status == 65 && refused.error.contains("val/日本 語/zip.jpg: expected a JPEG or PNG file"))
    }

    @Test("are left out by the command that a search tells to use next, which reads the same images")
    func next() throws {
        try breakSome()
        try task.move("photos/train", to: "alone")
        let search = try task.program(
            task.search("found", epochs: 2).map { $0 == "photos" ? "alone" : $0 }
                + ["--skip-broken", "--no-cache", "--train-resolution", "24", "--holdout", "0.3"])
        try #require(search.status == 0, "\(search.error)")
        let options = "--train-resolution 24 --holdout 0.3 --no-cache --skip-broken --output found-trained\n"
        let next = "Next: onepath train --architecture found --inherit found --data alone " + options
        #expect(search.output.hasSuffix("\n" + next), "\(search.output)")
        #expect(try task.program(["search", "--resume", "--output", "found"]).output.hasSuffix(" " + options))
        let train = try task.program(
            next.split(whereSeparator: \.isWhitespace).dropFirst(2).map(String.init)
                + ["--epochs", "1", "--batch", "16", "--threads", "2"])
        try #require(train.status == 0, "\(train.error)")
        let found = try task.configuration(of: "found"), trained = try task.configuration(of: "found-trained")
        for field in ["train_examples", "skipped_images", "skipped_train_examples", "holdout", "no_cache"] {
            #expect(found[field] != nil && trained[field] == found[field], "\(field)")
        }
        #expect(
            try JSON(contentsOf: task.directory.file("found-trained/result.json"), what: "result")["test_images"]
                == JSON(contentsOf: task.directory.file("found/result.json"), what: "result")["test_images"])
    }

    @Test("are not looked for where the run cannot be")
    func occupied() throws {
        try breakSome()
        try task.write(Array("{}".utf8), to: "config.json")
        let sweep = ["sweep", "--space", "./space.json", "--device", "pixel1", "--data", "photos", "--output", "."]
        for arguments in [task.search("."), sweep] {
            let outcome = try task.program(arguments)
            #expect(outcome.status == 73 && outcome.error.hasPrefix("onepath: cannot write .: it holds another run"), "\(outcome.error)")
        }
    }

    @Test("without a sound image are refused, also where broken ones are skipped")
    func allBroken() throws {
        for name in PhotoTask.classNames {
            for image in 0..<6 {
                try task.write([1], to: "photos/val/\(name)/\(image).\(image % 2 == 0 ? "PNG" : "jpeg")")
            }
        }
        let outcome = try task.program(task.search("run") + ["--skip-broken"])
        #expect(outcome.status == 65)
        #expect(
            outcome.error.contains("onepath: photos: expected validation images that can be decoded, found 24 that all cannot\n"),
            "\(outcome.error)")
    }

    @Test("that were all of a class are told, also where that class has other images for validation only")
    func emptiedClass() throws {
        for image in 0..<24 { try task.write([1], to: "photos/train/größe/\(image).\(image % 2 == 0 ? "PNG" : "jpeg")") }
        let emptied = try task.program(task.search("run", epochs: 2) + ["--skip-broken"])
        #expect(emptied.status == 0)
        #expect(emptied.error.contains("onepath: photos: no sound image for training of 1 class: größe\n"), "\(emptied.error)")
        #expect(!emptied.error.contains("sound image for validation"))
    }

    @Test("are not the only reason for a class without images to train with: a share by hashes may be all of few")
    func heldOutClass() throws {
        try task.move("photos/val", to: "elsewhere")
        try FileManager.default.createDirectory(
            atPath: task.directory.file("photos/train/dog"), withIntermediateDirectories: false)
        // The hash of its path is below one half, as Python computes it.
        try task.write(
            EncodedImages.png([UInt8](repeating: 90, count: 1200), height: 20, width: 20), to: "photos/train/dog/3.jpg")
        let outcome = try task.program(task.search("run", epochs: 2) + ["--holdout", "0.5", "--dry-run"])
        #expect(outcome.status == 0)
        #expect(outcome.error.contains("onepath: photos: no image for training of 1 class: dog\n"), "\(outcome.error)")
        let table = try task.program(["data", "check", "photos", "--holdout", "0.5"])
        #expect(table.status == 0 && table.output.contains("\nClasses without training images:\n  dog\n"), "\(table.output)")
        #expect(!table.output.contains("Classes without validation images"))
    }

    @Test("are told by data check, in tables, as JSON, on a page, and by its status")
    func check() throws {
        let sound = try task.program(["data", "check", "photos"])
        #expect(sound.status == 0 && sound.output.contains("training images    96"), "\(sound.output)")
        #expect(sound.output.contains("broken             0") && sound.output.contains("it's \"quoted\""))

        try breakSome()
        // A copy in another part and another class.
        let copied = "photos/val/größe/copy.png"
        try FileManager.default.copyItem(
            atPath: task.directory.file("photos/train/Apfel rot/0.PNG"), toPath: task.directory.file(copied))
        try task.write(Array("notes".utf8), to: "photos/train/größe/notes.txt")
        let table = try task.program(["data", "check", "photos", "--sheet", "page.html"])
        #expect(table.status == 65)
        #expect(table.output.contains("photos/train/größe/cut.png:") && table.output.contains("  in several classes  1\n"))
        #expect(table.output.contains("\nIn several classes:\n"), "\(table.output)")
        #expect(table.output.contains("\(copied) is photos/train/Apfel rot/0.PNG"), "\(table.output)")
        #expect(table.output.contains("1 file .txt: train/größe/notes.txt"))
        for line in table.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        // What is said of a long path stands below it.
        let long = "photos/train/größe/" + String(repeating: "long ", count: 15) + "name.png"
        try task.write([1], to: long)
        let below = try task.program(["data", "check", "photos"]).output
        #expect(below.contains("\n  \(long):\n    expected "), "\(below)")
        try FileManager.default.removeItem(atPath: task.directory.file(long))

        let nowhere = try task.program(["data", "check", "photos", "--sheet", "nowhere/page.html"])
        #expect(nowhere.status == 73 && nowhere.error == "onepath: cannot write nowhere/page.html: No such file or directory\n")
        let checked = try task.program(["data", "check", "photos", "--json"])
        #expect(checked.status == 65)
        let document = try checked.json()
        let expected: [String: JSON] = [
            "schema": "onepath.data-check/1", "path": "photos", "training_folder": "train", "validation_folder": "val",
            "training_images": 99, "validation_images": 26,
            "leaks": [["training": "photos/train/Apfel rot/0.PNG", "validation": .string(copied)]],
            "contradictions": [["photos/train/Apfel rot/0.PNG", .string(copied)]],
        ]
        for (field, value) in expected { #expect(document[field] == value, "\(field): \(document[field] ?? nil)") }
        for field in ["min", "median", "max"] { #expect(document["shorter_side"]?[field] == 18) }
        guard case .array(let broken)? = document["broken"], case .array(let classes)? = document["classes"] else {
            Issue.record("\(document)")
            return
        }
        #expect(broken.map { $0["path"] } == Self.broken.map { .string("photos/\($0)") })
        #expect(broken.map { $0["found"] }.last == "a ZIP archive, to be unpacked first")
        #expect(classes.map { $0["name"] } == PhotoTask.classNames.map { .string($0) })
        #expect(classes.first?["training"] == 25 && classes.last?["validation"] == 7)

        let page = try String(contentsOfFile: task.directory.file("page.html"), encoding: .utf8)
        for name in PhotoTask.classNames { #expect(page.contains(name.replacing("\"", with: "&quot;")) || page.contains(name)) }
        let parser = XMLParser(data: Data(page.utf8))
        #expect(parser.parse(), "\(String(describing: parser.parserError)) in line \(parser.lineNumber)")
    }
}
