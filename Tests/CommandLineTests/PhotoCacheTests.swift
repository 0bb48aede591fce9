import Files
import Foundation
import Testing
import TestSupport

@Suite("The cache of photos")
struct PhotoCacheTests {
    private func cacheNames(_ task: PhotoTask) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: task.directory.file("cache/onepath/images")).sorted()
    }

    @Test("that a resumed run began with, and that cannot be written again, ends it with a sentence")
    func lostOnResume() throws {
        let task = try PhotoTask()
        let stopped = try task.program(task.search("run", epochs: 40), interruptWhen: { task.newestStep(of: "run") >= 10 })
        #expect(stopped.status == 130)
        let resumed = try task.program(["search", "--resume", "--output", "run"], cache: "/proc/none")
        #expect(resumed.status == 73 && resumed.error.contains("the run began with decoded copies"), "\(resumed.error)")
    }

    @Test("is told with its size before it is written, and used from then on without a word")
    func use() throws {
        let task = try PhotoTask()
        let first = try task.program(task.search("first", epochs: 2))
        #expect(first.status == 0)
        // 96 pictures of 18×24 pixels and their entries.
        let folder = task.directory.file("cache/onepath/images")
        #expect(first.error.contains("caching 96 decoded images of photos training, 0.12 MiB, in \(folder)\n"), "\(first.error)")
        #expect(first.error.contains("caching 24 decoded images of photos validation, 0.03 MiB, in \(folder)\n"))
        let names = try cacheNames(task)
        #expect(names.count == 2)

        let second = try task.program(task.search("second", epochs: 2))
        #expect(second.status == 0 && !second.error.contains("caching") && !second.error.contains("checking"), "\(second.error)")
        #expect(try task.outcome(of: "second") == task.outcome(of: "first"))
        #expect(try cacheNames(task) == names)

        // A damaged one is made anew.
        for name in names {
            let bytes = try BinaryFile.read("\(folder)/\(name)", what: "cache")
            try AtomicFile.write(Array(bytes.prefix(bytes.count / 2)), to: "\(folder)/\(name)")
        }
        let third = try task.program(task.search("third", epochs: 2))
        #expect(third.status == 0 && third.error.contains("caching 96 decoded images"))
        #expect(try task.outcome(of: "third") == task.outcome(of: "first"))
    }

    @Test("is not made for a sweep whose targets cannot be kept")
    func refusedSweep() throws {
        let task = try PhotoTask()
        let outcome = try task.program([
            "sweep", "--space", "./space.json", "--device", "pixel1", "--data", "photos", "--output", "none", "--batch", "16",
            "--target-latencies", "0.000001",
        ])
        #expect(outcome.status == 64 && outcome.error.contains("--target-latencies: expected at least"), "\(outcome.error)")
        #expect(!outcome.error.contains("caching") && !outcome.error.contains("checking"), "\(outcome.error)")
        #expect(!FileManager.default.fileExists(atPath: task.directory.file("cache")))
    }

    @Test("is not made for a run whose batch is larger than the images that are not held out")
    func tooLargeBatch() throws {
        let task = try PhotoTask()
        // A tenth of 96 images, rounded down, is nine.
        let says = "expected a batch of 1 to 87, because 9 of the 96 images are held out, and not trained on\n"
        for arguments in [task.search("run"), ["sweep"] + task.search("run").dropFirst()] {
            let refused = try task.program(arguments + ["--batch", "88"])
            #expect(refused.status == 64 && refused.error.hasSuffix(says), "\(refused.error)")
            #expect(!refused.error.contains("checking") && !refused.error.contains("caching"), "\(refused.error)")
        }
        #expect(try Set(task.directory.names()).isDisjoint(with: ["cache", "run"]))
    }

    @Test("whose pixels are damaged changes nothing, and is made anew by the next run")
    func damagedPixels() throws {
        let task = try PhotoTask()
        #expect(try task.program(task.search("first", epochs: 2)).status == 0)
        let folder = task.directory.file("cache/onepath/images")
        for name in try cacheNames(task) {
            var bytes = try BinaryFile.read("\(folder)/\(name)", what: "cache")
            bytes[bytes.count - 1] ^= 1
            try AtomicFile.write(bytes, to: "\(folder)/\(name)")
        }
        let damaged = try task.program(task.search("second", epochs: 2))
        #expect(damaged.status == 0, "\(damaged.error)")
        #expect(try task.outcome(of: "second") == task.outcome(of: "first"))
        #expect(try cacheNames(task) == [])
        let again = try task.program(task.search("third", epochs: 2))
        #expect(again.status == 0 && again.error.contains("caching 96 decoded images"), "\(again.error)")
        #expect(try task.outcome(of: "third") == task.outcome(of: "first"))
        let without = try task.program(task.search("fourth", epochs: 2) + ["--no-cache"])
        #expect(without.status == 0 && !without.error.contains("cach"), "\(without.error)")
    }

    @Test("that cannot be written is told, and the run goes on without")
    func unwritable() throws {
        let task = try PhotoTask()
        try task.write([], to: "file")
        let outcome = try task.program(task.search("run", epochs: 2), cache: "file")
        #expect(outcome.status == 0)
        let folder = task.directory.file("file/onepath/images")
        #expect(
            outcome.error.contains("onepath: cannot write \(folder): ")
                && outcome.error.contains("; the images are decoded each time\n"), "\(outcome.error)")
        let expected = try task.program(task.search("expected", epochs: 2) + ["--no-cache"])
        #expect(expected.status == 0)
        #expect(try task.outcome(of: "run") == task.outcome(of: "expected"))
    }

    @Test("for which the disk is too full while it is written is told, and leaves nothing")
    func full() throws {
        // 96 pictures of 18×300 pixels: one and a half MiB; everything else of the run is smaller than one.
        let task = try PhotoTask(width: 300)
        let outcome = try task.program(task.search("run", epochs: 2), fileLimit: 1024)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(outcome.error.contains("File too large; the images are decoded each time\n"), "\(outcome.error)")
        // That of the validation images would fit, but a run reads all of its images in one way.
        #expect(try cacheNames(task).isEmpty)
        let expected = try task.program(task.search("expected", epochs: 2) + ["--no-cache"])
        #expect(expected.status == 0)
        #expect(try task.outcome(of: "run") == task.outcome(of: "expected"))
    }

    /// Whether file systems can be mounted here: `/bin/mount` as root, in a container that allows it.
    private static let canMount: Bool = {
        guard getuid() == 0, let directory = try? TemporaryDirectory() else { return false }
        return mount(directory.path, kibibytes: 64) && unmount(directory.path)
    }()

    private static func mount(_ path: String, kibibytes: Int) -> Bool {
        Glibc.mount("tmpfs", path, "tmpfs", 0, "size=\(kibibytes)k") == 0
    }

    private static func unmount(_ path: String) -> Bool { umount2(path, Int32(MNT_DETACH)) == 0 }

    @Test("for which a disk has no room is not begun", .enabled(if: canMount))
    func noRoom() throws {
        let task = try PhotoTask(width: 300), disk = try TemporaryDirectory()
        #expect(Self.mount(disk.path, kibibytes: 1024))
        defer { _ = Self.unmount(disk.path) }
        let outcome = try task.program(task.search("run", epochs: 2), cache: disk.path)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(
            outcome.error.contains(
                "onepath: a cache of decoded images would take 1.49 MiB, and \(disk.path)/onepath/images has 1.00 MiB left: "
                    + "the images are decoded each time\n"), "\(outcome.error)")
    }
}
