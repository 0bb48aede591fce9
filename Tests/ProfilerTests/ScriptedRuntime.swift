import Architectures
import Profiler
import TestSupport

/// A clock that stands still until somebody winds it.
final class ScriptedClock {
    /// In nanoseconds.
    var time = 0
    var monotonic: MonotonicClock { MonotonicClock { self.time } }
}

/// A runtime whose operators take the time that a script says, on a clock that they wind.
struct ScriptedRuntime: InferenceRuntime {
    let facts = RuntimeFacts(name: "scripted", version: "1", threads: 1)
    let clock: ScriptedClock
    /// In nanoseconds, of an operator that runs now; nil for one that the runtime does not take.
    let duration: (Operator) -> Int?

    func prepare(_ network: Network) throws -> any PreparedNetwork {
        let operators = network.layers.flatMap(\.operators)
        for step in operators where duration(step) == nil {
            throw ProfilingError.rejected(
                operator: step.key, runtime: facts.name, reason: "create: unsupported parameter")
        }
        return Prepared(runtime: self, operators: operators)
    }

    private final class Prepared: PreparedNetwork {
        let runtime: ScriptedRuntime
        let operators: [Operator]

        init(runtime: ScriptedRuntime, operators: [Operator]) {
            self.runtime = runtime
            self.operators = operators
        }

        func run(mark: () -> Void) {
            for step in operators {
                runtime.clock.time += runtime.duration(step) ?? 0
                mark()
            }
        }
    }

    /// A time that tells operators apart: one nanosecond for every ten multiply-accumulates, value read and written.
    static func plain(_ step: Operator) -> Int { 1000 + (step.macs + step.input.count + step.output.count) / 10 }
}

extension MachineState {
    static let scripted = MachineState(
        processor: "scripted", cores: 1, vectorBits: 512, clockGovernor: nil, load: nil)
}

extension SearchSpace {
    /// The smaller of the spaces that ship.
    static func small() throws -> SearchSpace { try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist")) }
}
