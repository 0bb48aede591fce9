import Files
import Glibc
import HardwareProfiles

/// This machine as the hardware of a device profile. Figures are read from the system, else those of the core where it is
/// known, else measured, else inferred; every figure says which.
public struct MachineHardware: Hashable, Sendable {
    /// An object as a device profile holds it ("onepath.hardware/1" without its schema).
    public let json: JSON

    /// Reads and measures; takes about two seconds.
    ///
    /// - Parameters:
    ///   - processor: the number of a core of the kind that is measured.
    ///   - state: the machine, seen from that core.
    ///   - known: all cores there are.
    public init(processor: Int, state: MachineState, known: [Core]) {
        let clock = Self.clock(of: processor)
        let caches = Self.caches(of: processor)
        let named = DeviceFacts.core(ofProcessor: processor, cpuInfo: MachineState.cpuInfo)
        // A virtual machine may have narrower vectors than the core.
        let known = named.flatMap { DeviceFacts.nearest(to: $0, among: known) }
            .flatMap { $0.vectorBits.value == state.vectorBits ? $0 : nil }
        let standIn = known.flatMap { $0.name == named ? nil : Figure<Double>.inferred + "of the nearest core, \($0.title): " }
        let lanes = Double(state.vectorBits / 32)
        let pipes = state.isX86 ? 2.0 : 1.0
        let core = Self.onFastest { Self.streamedGBPerSecond(threads: 1) }
        let all = max(core, state.cores > 1 ? Self.streamedGBPerSecond(threads: state.cores) : core)
        func figure(_ value: JSON, _ source: String) -> JSON { ["value": value, "source": .string(source)] }
        let streamed = "measured: a stream of reads from 256 MiB"
        /// What is known of the core, else what such processors usually have.
        func figure<Value>(
            _ ofCore: KeyPath<Core, Figure<Value>>, or usual: Value, _ source: String, _ json: (Value) -> JSON
        ) -> JSON {
            let own = known?[keyPath: ofCore]
            return figure(
                json(own?.value ?? usual), own.map { (standIn ?? "") + $0.source } ?? Figure<Value>.inferred + source)
        }
        let cluster: JSON = [
            "name": "all", "core": .string(standIn == nil ? known?.title ?? state.processor : state.processor),
            "cores": figure(.integer(CoreAffinity.countOfEquals(to: processor)), "read from the system"),
            "clock_ghz": clock,
            "in_order": figure(\.inOrder, or: false, "as most processors of computers are", JSON.bool),
            "vector_bits": figure(.integer(state.vectorBits), "read from the system: the instruction sets there are"),
            "fma_per_cycle_f32": figure(
                \.fmaPerCycleF32, or: pipes * lanes, "a vector of multiply-adds a cycle on \(Int(pipes)) pipes",
                JSON.number),
            "fma_per_cycle_int8": figure(\.fmaPerCycleInt8, or: 2 * pipes * lanes, "twice the float32 rate", JSON.number),
            "l1_kib": figure(.integer(caches[0].kib), caches[0].source),
            "l1_bytes_per_cycle": figure(
                \.l1BytesPerCycle, or: pipes * lanes * 4, "a vector a cycle on \(Int(pipes)) pipes", JSON.number),
            "l2_kib": figure(.integer(caches[1].kib), caches[1].source),
            "l2_shared": figure(\.l2Shared, or: false, "usual", JSON.bool),
            "l2_bytes_per_cycle": figure(\.l2BytesPerCycle, or: state.isX86 ? 32 : 8, "usual", JSON.number),
        ]
        let third = caches.count > 2
        json = [
            "name": .string(state.processor), "energy": nil, "chip": .string(state.processor), "process_nm": nil,
            "clusters": [cluster],
            "l3_kib": third ? figure(.integer(caches[2].kib), caches[2].source) : nil,
            "system_cache_kib": nil,
            "l3_gb_s": third ? figure(.number(2 * core), "inferred: twice what one core reads from memory") : nil,
            "memory": [
                "kind": "unknown", "clock_mhz": nil, "bus_bits": nil,
                "bandwidth_gb_s": figure(.number(all), streamed + ", on all cores"),
                "core_bandwidth_gb_s": figure(.number(core), streamed + ", on one core"),
            ],
        ]
    }

    private static func onFastest<T>(_ body: () -> T) -> T { (try? CoreAffinity.pinned(cores: 1, body)) ?? body() }

    private static func clock(of processor: Int) -> JSON {
        func text(_ path: String) -> String? { try? TextFile.read(path, what: "system file") }
        if let kilohertz = text("/sys/devices/system/cpu/cpu\(processor)/cpufreq/cpuinfo_max_freq")
            .flatMap({ Double($0.prefix { !$0.isWhitespace }) }), kilohertz > 1000
        {
            return ["value": .number(kilohertz / 1e6), "source": "read from the system: the highest clock"]
        }
        // In virtual machines the system tells the clock that the processor is sold with, if any, and not the real one.
        return [
            "value": .number(onFastest { clockGHz() }), "source": "measured: a chain of additions, each of which waits for the one before",
        ]
    }

    /// The clock of the moment: additions and exclusive ors that wait for each other take a cycle each on every core that
    /// is known. The best of several passes, because others may take the processor for a while.
    private static func clockGHz() -> Double {
        let count = 200_000
        var best = Double.infinity, sum: UInt64 = 1
        for pass in 0..<20 {
            let time = ContinuousClock().measure { sum = chain(count, sum, UInt64(pass) | 1 << 40) }
            best = min(best, time / .seconds(1))
        }
        // The sum is read, so that the chain is computed.
        return Double(count * 16) / best / 1e9 + (sum == 0 ? .leastNonzeroMagnitude : 0)
    }

    /// Sixteen times `count` operations that wait for each other.
    @inline(never)
    private static func chain(_ count: Int, _ a: UInt64, _ b: UInt64) -> UInt64 {
        var x = a
        for _ in 0..<count {
            x = (x &+ b) ^ a
            x = (x &+ a) ^ b
            x = (x &+ b) ^ a
            x = (x &+ a) ^ b
            x = (x &+ b) ^ a
            x = (x &+ a) ^ b
            x = (x &+ b) ^ a
            x = (x &+ a) ^ b
        }
        return x
    }

    /// Data caches by level, the third only where there is one; never smaller than the level before.
    private static func caches(of processor: Int) -> [(kib: Int, source: String)] {
        var sizes: [Int: Int] = [:]
        for index in 0..<8 {
            let folder = "/sys/devices/system/cpu/cpu\(processor)/cache/index\(index)/"
            func text(_ name: String) -> String? {
                (try? TextFile.read(folder + name, what: "system file")).map { String($0.prefix { !$0.isWhitespace }) }
            }
            guard let level = text("level").flatMap({ Int($0) }), text("type") != "Instruction",
                let size = text("size"), size.hasSuffix("K"), let kib = Int(size.dropLast())
            else { continue }
            sizes[level] = kib
        }
        var caches: [(kib: Int, source: String)] = []
        for (level, usual) in [(1, 32), (2, 512), (3, 0)] {
            let before = caches.last?.kib ?? 1
            if let kib = sizes[level], kib >= before {
                caches.append((kib, "read from the system"))
            } else if usual > 0 {
                caches.append((max(usual, before), "inferred: not reported by the system, usual"))
            }
        }
        return caches
    }

    /// The memory bandwidth of so many threads together, reading, 10⁹ bytes a second: the best of three passes.
    private static func streamedGBPerSecond(threads: Int) -> Double {
        let count = 256 << 20 / MemoryLayout<UInt64>.stride
        let memory = UnsafeMutablePointer<SIMD8<UInt64>>.allocate(capacity: count / 8)
        memory.initialize(repeating: .one, count: count / 8)
        defer { memory.deallocate() }
        let share = count / 8 / threads
        var best = Double.infinity
        for _ in 0..<3 {
            let time = ContinuousClock().measure {
                Stream(memory: memory, share: share).read(threads: threads)
            }
            best = min(best, time / .seconds(1))
        }
        return Double(share * threads * 64) / best / 1e9
    }

    /// A stream of reads, a part for each thread.
    private struct Stream: @unchecked Sendable {
        let memory: UnsafeMutablePointer<SIMD8<UInt64>>
        let share: Int

        func read(threads: Int) {
            var workers = [pthread_t](repeating: 0, count: threads)
            for thread in 0..<threads {
                let work = Unmanaged.passRetained(Work(memory + thread * share, share))
                pthread_create(&workers[thread], nil, { argument in
                    Unmanaged<Work>.fromOpaque(argument!).takeRetainedValue().run()
                    return nil
                }, work.toOpaque())
            }
            for worker in workers { pthread_join(worker, nil) }
        }
    }

    private final class Work {
        private let memory: UnsafeMutablePointer<SIMD8<UInt64>>
        private let count: Int
        private var sum: SIMD8<UInt64> = .zero

        init(_ memory: UnsafeMutablePointer<SIMD8<UInt64>>, _ count: Int) {
            self.memory = memory
            self.count = count
        }

        func run() {
            var sums = (SIMD8<UInt64>.zero, SIMD8<UInt64>.zero)
            var index = 0
            while index + 1 < count {
                sums.0 &+= memory[index]
                sums.1 &+= memory[index + 1]
                index += 2
            }
            sum = sums.0 &+ sums.1
        }
    }
}
