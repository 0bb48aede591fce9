import Files
import Glibc

/// This machine as the hardware of a device profile. Figures are read from the system, else measured, else inferred;
/// every figure says which.
public struct MachineHardware: Hashable, Sendable {
    /// An object as a device profile holds it ("onepath.hardware/1" without its schema).
    public let json: JSON

    /// Reads and measures; takes about two seconds.
    public init(state: MachineState = .current) {
        let clock = Self.clock(of: state)
        let caches = Self.caches()
        let lanes = Double(state.vectorBits / 32)
        let pipes = state.isX86 ? 2.0 : 1.0
        let core = Self.streamedGBPerSecond(threads: 1)
        let all = max(core, state.cores > 1 ? Self.streamedGBPerSecond(threads: state.cores) : core)
        func figure(_ value: JSON, _ source: String) -> JSON { ["value": value, "source": .string(source)] }
        let streamed = "measured: a stream of reads from 256 MiB"
        let cluster: JSON = [
            "name": "all", "core": .string(state.processor), "cores": figure(.integer(state.cores), "read from the system"),
            "clock_ghz": clock,
            "in_order": figure(.bool(state.isInOrder), "inferred: from the processor's part number"),
            "vector_bits": figure(.integer(state.vectorBits), "read from the system: the instruction sets there are"),
            "fma_per_cycle_f32": figure(
                .number(pipes * lanes), "inferred: a vector of multiply-adds a cycle on \(Int(pipes)) pipes"),
            "fma_per_cycle_int8": figure(.number(2 * pipes * lanes), "inferred: twice the float32 rate"),
            "l1_kib": figure(.integer(caches[0].kib), caches[0].source),
            "l1_bytes_per_cycle": figure(.number(pipes * lanes * 4), "inferred: a vector a cycle on \(Int(pipes)) pipes"),
            "l2_kib": figure(.integer(caches[1].kib), caches[1].source),
            "l2_shared": figure(false, "inferred: usual"),
            "l2_bytes_per_cycle": figure(.number(state.isX86 ? 32 : 8), "inferred: usual"),
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

    private static func clock(of state: MachineState) -> JSON {
        func text(_ path: String) -> String? { try? TextFile.read(path, what: "system file") }
        if let kilohertz = text("/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq")
            .flatMap({ Double($0.prefix { !$0.isWhitespace }) }), kilohertz > 1000
        {
            return ["value": .number(kilohertz / 1e6), "source": "read from the system: the highest clock"]
        }
        if let megahertz = text("/proc/cpuinfo").flatMap({ MachineState.field("cpu MHz", in: $0) })
            .flatMap(Double.init), megahertz > 1
        {
            return ["value": .number(megahertz / 1000), "source": "read from the system: the clock of the moment"]
        }
        return ["value": 2.0, "source": "inferred: not reported by the system, usual"]
    }

    /// Data caches by level, the third only where there is one; never smaller than the level before.
    private static func caches() -> [(kib: Int, source: String)] {
        var sizes: [Int: Int] = [:]
        for index in 0..<8 {
            let folder = "/sys/devices/system/cpu/cpu0/cache/index\(index)/"
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
