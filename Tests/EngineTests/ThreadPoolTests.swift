import Engine
import Foundation
import Glibc
import Testing

@Suite("Thread pool")
struct ThreadPoolTests {
    /// A count for each thread, each written by that thread only.
    private final class Counts: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<Int>
        let count: Int

        init(_ count: Int) {
            self.count = count
            // A cache line apart.
            pointer = .allocate(capacity: count * 8)
            pointer.initialize(repeating: 0, count: count * 8)
        }

        deinit { pointer.deallocate() }

        subscript(thread: Int) -> Int {
            get { pointer[thread * 8] }
            set { pointer[thread * 8] = newValue }
        }

        var all: [Int] { (0..<count).map { self[$0] } }
    }

    /// The system's number of the calling thread.
    private static var threadIdentifier: Int {
        // A link to "<process>/task/<thread>".
        var path = [CChar](repeating: 0, count: 64)
        _ = readlink("/proc/thread-self", &path, path.count - 1)
        let name = path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return Int(String(decoding: name, as: UTF8.self).split(separator: "/").last ?? "") ?? 0
    }

    @Test("runs every thread once, thousands of times in a row", arguments: 1...4)
    func repetition(threads: Int) {
        let pool = ThreadPool(threads: threads, cores: threads)
        #expect(pool.threads == threads)
        let counts = Counts(threads)
        for round in 1...5000 {
            pool.run { counts[$0] += 1 }
            // What the threads wrote is there when run returns.
            guard counts.all.allSatisfy({ $0 == round }) else {
                Issue.record("after \(round) rounds: \(counts.all)")
                return
            }
        }
    }

    @Test("waits for threads that take long", arguments: 2...4)
    func slowWorkers(threads: Int) {
        let pool = ThreadPool(threads: threads, cores: threads)
        let counts = Counts(threads)
        for round in 1...20 {
            // Longer than the caller stays awake.
            pool.run { thread in
                if thread > 0 { usleep(UInt32(2000 * thread)) }
                counts[thread] += 1
            }
            #expect(counts.all.allSatisfy { $0 == round })
        }
    }

    @Test("wakes threads that went to sleep", arguments: 2...4)
    func sleeping(threads: Int) {
        let pool = ThreadPool(threads: threads, cores: threads)
        let counts = Counts(threads)
        for _ in 0..<20 {
            usleep(2000)
            pool.run { counts[$0] += 1 }
        }
        #expect(counts.all.allSatisfy { $0 == 20 })
    }

    @Test("waits for the slowest thread")
    func slowThread() {
        let pool = ThreadPool(threads: 3, cores: 3)
        let counts = Counts(3)
        pool.run { thread in
            usleep(UInt32(thread) * 20_000)
            counts[thread] = 1
        }
        #expect(counts.all == [1, 1, 1])
    }

    @Test("ends with its threads when nobody holds it any more", arguments: 1...4)
    func end(threads: Int) throws {
        let identifiers = Counts(threads)
        weak var released: ThreadPool?
        do {
            let pool = ThreadPool(threads: threads, cores: threads)
            released = pool
            pool.run { identifiers[$0] = Self.threadIdentifier }
        }
        #expect(released == nil)
        #expect(Set(identifiers.all).count == threads)
        // A joined thread may stay in the system's list for a moment.
        for worker in identifiers.all.dropFirst() {
            var looks = 0
            while access("/proc/self/task/\(worker)", F_OK) == 0, looks < 1000 {
                usleep(1000)
                looks += 1
            }
            #expect(looks < 1000, "thread \(worker) still runs")
        }
    }

    @Test("ends at once when it never ran")
    func unused() {
        for _ in 0..<200 {
            weak var released: ThreadPool?
            do {
                let pool = ThreadPool(threads: 3, cores: 3)
                released = pool
            }
            #expect(released == nil)
        }
    }

    @Test("computes each thread once, in turn with others where there are fewer cores", arguments: 1...4)
    func fewerCores(cores: Int) {
        for threads in [1, 3, 7, 100] {
            let pool = ThreadPool(threads: threads, cores: cores)
            #expect(pool.threads == threads)
            let counts = Counts(threads), identifiers = Counts(threads)
            for round in 1...100 {
                pool.run { thread in
                    counts[thread] += 1
                    identifiers[thread] = Self.threadIdentifier
                }
                #expect(counts.all.allSatisfy { $0 == round })
            }
            #expect(identifiers.all[0] == Self.threadIdentifier, "the caller computes the first")
            // No core has two threads more than another.
            let shares = Dictionary(grouping: identifiers.all, by: \.self).values.map(\.count)
            #expect(shares.count == min(cores, threads))
            #expect(shares.max()! - shares.min()! <= 1)
        }
    }

    @Test("counts the cores that the calling thread may run on")
    func availableCores() {
        #expect(onOneCore { ThreadPool.availableCores } == 1)
        let line = (try? String(contentsOfFile: "/proc/thread-self/status", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }
        // Hexadecimal digits, in groups with commas between them.
        let bits = line?.drop { $0 != ":" }.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
        #expect(ThreadPool.availableCores == bits)
    }

    @Test("shares cover a count once, in order, in whole grains but for the last", arguments: 1...4, [1, 7, 16, 1024])
    func shares(threads: Int, grain: Int) {
        let pool = ThreadPool(threads: threads)
        for count in Array(0...200) + [1023, 1024, 1025, 100_000, 100_001] {
            let shares = (0..<threads).map { pool.share(of: count, for: $0, grain: grain) }
            var end = 0
            for share in shares {
                #expect(share.lowerBound == end)
                #expect(share.upperBound == count || share.count % grain == 0)
                end = share.upperBound
            }
            #expect(end == count)
            let grains = shares.map { ($0.count + grain - 1) / grain }
            #expect(grains.max()! - grains.min()! <= 1, "no thread takes more than one grain more than another")
        }
    }
}
