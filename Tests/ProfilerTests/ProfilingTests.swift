import Architectures
import Files
import Foundation
import Profiler
import Testing
import TestSupport

@Suite("Profiling")
struct ProfilingTests {
    /// A profiling of the small space on a scripted runtime.
    private func profiling(
        clock: ScriptedClock = ScriptedClock(), settings: ProfilingSettings = ProfilingSettings(),
        plan: ProfilingPlan? = nil, duration: @escaping (Operator) -> Int?
    ) throws -> Profiling {
        Profiling(
            plan: try plan ?? ProfilingPlan(space: .small()),
            runtime: ScriptedRuntime(clock: clock, duration: duration), settings: settings, machine: .scripted,
            clock: clock.monotonic)
    }

    @Test("finds what every operator and block takes, and sums them to what a network takes")
    func exact() throws {
        let result = try profiling(duration: ScriptedRuntime.plain).run()
        #expect(result.measurements.count == (try ProfilingPlan(space: .small()).subjects.count))
        for measurement in result.measurements {
            let expected = measurement.subject.operators.reduce(0) { $0 + ScriptedRuntime.plain($1) }
            #expect(abs(measurement.latencyMs - Double(expected) / 1e6) < 1e-12)
            #expect(measurement.deviationMs == 0)
            #expect(measurement.count! >= ProfilingSettings().minimumVisits)
        }
        for architecture in try SearchSpace.small().randomArchitectures(20, seed: 9) {
            let whole = architecture.network.layers.flatMap(\.operators).reduce(0) { $0 + ScriptedRuntime.plain($1) }
            for table in ProfileResult.Table.allCases {
                let sum = try #require(result.latencyMs(of: architecture.network, from: table))
                #expect(abs(sum - Double(whole) / 1e6) < 1e-9)
            }
        }
        let foreign = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile")).largest.network
        #expect(result.latencyMs(of: foreign, from: .blocks) == nil)
        #expect(result.latencyMs(of: foreign, from: .operators) == nil)
    }

    @Test("stops as soon as every median is known well enough, and later the noisier it is")
    func stopping() throws {
        var visits: [Int] = []
        for noise in [0.0, 0.01, 0.04] {
            let clock = ScriptedClock()
            let result = try profiling(clock: clock) { step in
                // Every twentieth of a second, all but the reference operator take a time of their own.
                var random = SeededRandom(seed: UInt64(clock.time / 50_000_000))
                let factor = step == Profiling.referenceOperator ? 1 : 1 + noise * random.value()
                return Int(Double(ScriptedRuntime.plain(step)) * factor)
            }.run()
            #expect(result.course.settled == result.measurements.count)
            visits.append(result.course.visits)
        }
        #expect(visits[0] <= visits[1] && visits[1] < visits[2], "\(visits)")
    }

    @Test("ends when the budget is spent, and marks what is not known well by then, with its interval")
    func budget() throws {
        let clock = ScriptedClock()
        var settings = ProfilingSettings()
        settings.budgetSeconds = 5
        let result = try profiling(clock: clock, settings: settings) { step in
            // The reference operator is steady; the rest takes either of two times.
            let isSlow = clock.time / 50_000_000 % 2 == 0 && step != Profiling.referenceOperator
            return ScriptedRuntime.plain(step) * (isSlow ? 2 : 1)
        }.run()
        #expect((5_000_000_000...6_000_000_000).contains(clock.time))
        #expect(!result.uncertain.isEmpty)
        for measurement in result.measurements {
            let interval = try #require(measurement.intervalMs)
            #expect(interval.contains(measurement.latencyMs))
            let isWide = interval.upperBound - interval.lowerBound > 0.1 * measurement.latencyMs
            #expect(isWide == measurement.isUncertain)
            // The profile says so too.
            #expect(measurement.json["latency_high_ms"] == .number(interval.upperBound))
            #expect((measurement.json["uncertain"] == true) == measurement.isUncertain)
        }
    }

    @Test("refuses where nothing is known")
    func nothingKnown() throws {
        var settings = ProfilingSettings()
        settings.budgetSeconds = 0.05
        #expect {
            try profiling(settings: settings, duration: ScriptedRuntime.plain).run()
        } throws: { error in
            guard case ProfilingError.refused(let refusals) = error else { return false }
            return refusals.allSatisfy { if case .tooFew(let visits, 6) = $0.reason { visits < 6 } else { false } }
        }
    }

    /// What a machine was seen to take for the reference operator over five minutes, as a factor of 16 µs: a tenth of the
    /// readings near 11 µs, three quarters between 15.5 and 16.6, the rest above.
    private static func twoLevels(at time: Int) -> Double {
        var random = SeededRandom(seed: UInt64(time / 4_000_000))
        let draw = random.unit()
        let within = random.unit()
        return (draw < 0.1 ? 10.8 + 0.4 * within : draw < 0.85 ? 15.5 + 1.1 * within : 17.5 + 6 * within) / 16
    }

    @Test("goes by the level where most readings lie, and tells of the others within fifteen seconds")
    func twoLevels() throws {
        let clock = ScriptedClock()
        var settings = ProfilingSettings()
        settings.budgetSeconds = 120
        var told: (seconds: Double, unsteadiness: Steadiness)?
        let result = try profiling(clock: clock, settings: settings) { step in
            Int(Double(ScriptedRuntime.plain(step)) * Self.twoLevels(at: clock.time))
        }.run { progress in
            if let unsteadiness = progress.unsteadiness, told == nil {
                told = (Double(clock.time) / 1e9, unsteadiness)
            }
        }
        let tell = try #require(told)
        #expect(tell.seconds <= 15 && tell.unsteadiness.share > 0.6 && tell.unsteadiness.share < 0.8, "\(tell)")
        #expect("\(tell.unsteadiness)".hasPrefix("the machine is not steady: "), "\(tell.unsteadiness)")
        let level = Double(ScriptedRuntime.plain(Profiling.referenceOperator)) / 1000
        #expect(abs(result.course.steadiness.levelUs / level - 16.05 / 16) < 0.02)
        #expect(!result.course.steadiness.hasNoLevel && !result.course.steadiness.isSteady)
        let subjects = try ProfilingPlan(space: .small()).subjects
        #expect(result.unmeasured == [] && result.measurements.map(\.subject) == subjects)
        for measurement in result.measurements {
            let expected = measurement.subject.operators.reduce(0) { $0 + ScriptedRuntime.plain($1) }
            #expect(abs(measurement.latencyMs * 1e6 / Double(expected) - 16.05 / 16) < 0.03, "\(measurement)")
        }
        #expect(result.uncertain.count * 10 <= result.measurements.count)
    }

    @Test("does not count visits during which the machine was slow")
    func slowSpells() throws {
        let clock = ScriptedClock()
        let result = try profiling(clock: clock) { step in
            // For two fifths of the time everything takes 30 % longer.
            let isSlow = clock.time / 70_000_000 % 5 < 2
            return ScriptedRuntime.plain(step) * (isSlow ? 13 : 10) / 10
        }.run()
        #expect(result.course.disturbedVisits > 0 && result.course.disturbedVisits < result.course.visits)
        let close = result.measurements.filter { measurement in
            let expected = measurement.subject.operators.reduce(0) { $0 + ScriptedRuntime.plain($1) }
            return abs(measurement.latencyMs * 1e6 / Double(expected) - 1) < 0.01
        }
        #expect(close.count == result.measurements.count)
    }

    @Test("does not count passes during which something else was on the processor")
    func preemption() throws {
        let clock = ScriptedClock()
        var taken = 0
        let plan = try ProfilingPlan(space: .small())
        let profiling = Profiling(
            plan: plan,
            runtime: ScriptedRuntime(clock: clock) { step in
                // Every fifth operator is interrupted, for half of the time; the reference operator never is.
                guard step != Profiling.referenceOperator, clock.time / 30_000_000 % 2 == 1, clock.time % 5 == 0 else {
                    return ScriptedRuntime.plain(step)
                }
                taken += 50_000
                return ScriptedRuntime.plain(step) + 50_000
            },
            machine: .scripted,
            clock: MonotonicClock(now: { clock.time }, processorTime: { clock.time - taken }))
        let result = try profiling.run()
        #expect(taken > 0 && result.course.disturbedVisits > 0)
        for measurement in result.measurements {
            let expected = measurement.subject.operators.reduce(0) { $0 + ScriptedRuntime.plain($1) }
            #expect(abs(measurement.latencyMs - Double(expected) / 1e6) < 1e-12)
        }
    }

    @Test("on a machine that is never the same is told early, and every figure is marked")
    func unsteady() throws {
        var settings = ProfilingSettings()
        settings.budgetSeconds = 40
        let clock = ScriptedClock()
        var told: Int?
        let result = try profiling(clock: clock, settings: settings) { step in
            // Slower and slower: ten times in the end.
            ScriptedRuntime.plain(step) + ScriptedRuntime.plain(step) * (clock.time / 1_000_000) / 4000
        }.run { progress in
            if progress.unsteadiness != nil, told == nil { told = clock.time }
        }
        #expect(try #require(told) <= 15_000_000_000)
        #expect(result.course.steadiness.hasNoLevel)
        #expect("\(result.course.steadiness)".contains("every figure is uncertain"))
        #expect(!result.measurements.isEmpty && result.measurements.allSatisfy(\.isUncertain))
        for measurement in result.measurements {
            // The truth at no time is outside of all that was seen, and the interval holds the middle of it.
            let least = Double(measurement.subject.operators.reduce(0) { $0 + ScriptedRuntime.plain($1) }) / 1e6
            let interval = try #require(measurement.intervalMs)
            #expect(interval.lowerBound >= least && interval.upperBound <= 12 * least)
            #expect(interval.contains(measurement.latencyMs))
        }
    }

    @Test("on such a machine in a moment knows nothing, and says why")
    func unsteadyMoment() throws {
        var settings = ProfilingSettings()
        settings.budgetSeconds = 0.3
        let clock = ScriptedClock()
        #expect {
            try profiling(clock: clock, settings: settings) { step in
                ScriptedRuntime.plain(step) + ScriptedRuntime.plain(step) * (clock.time / 1_000_000) / 10
            }.run()
        } throws: { error in
            guard case ProfilingError.unsteady(let steadiness) = error else { return false }
            return steadiness.disturbedVisits <= steadiness.visits && "\(error)".contains("nothing could be measured")
        }
    }

    @Test("refuses what is faster than arithmetic, or no time at all, with its numbers", arguments: [0, 1])
    func impossible(nanoseconds: Int) throws {
        let plan = try ProfilingPlan(space: .small())
        let victim = try #require(plan.operators.max { $0.macs < $1.macs })
        var settings = ProfilingSettings()
        settings.budgetSeconds = 5
        #expect {
            try profiling(settings: settings, plan: plan) {
                $0.key == victim.key ? nanoseconds : ScriptedRuntime.plain($0)
            }.run()
        } throws: { error in
            guard case ProfilingError.refused(let refusals) = error else { return false }
            let reason = refusals.first { $0.name == victim.key }?.reason
            return nanoseconds == 0
                ? reason == .notATime(ms: 0)
                : reason == .belowLimit(
                    ms: 1e-6, limitMs: ArithmeticLimit(vectorBits: 512, threads: 1).leastMs(macs: victim.macs))
        }
    }

    @Test("names an operator that the runtime does not take")
    func rejected() throws {
        let plan = try ProfilingPlan(space: .small())
        let victim = plan.operators[3].key
        #expect {
            try profiling(plan: plan) { $0.key == victim ? nil : ScriptedRuntime.plain($0) }.run()
        } throws: { "\($0)".contains("scripted does not take the operator \(victim)") }
    }

    @Test("visits in an order that the seed decides")
    func order() throws {
        func journal(seed: UInt64) throws -> String {
            let directory = try TemporaryDirectory()
            var settings = ProfilingSettings()
            settings.seed = seed
            _ = try profiling(settings: settings, duration: ScriptedRuntime.plain).run(journal: directory.file("j"))
            return try String(contentsOfFile: directory.file("j"), encoding: .utf8)
        }
        #expect(try journal(seed: 1) == journal(seed: 1))
        #expect(try journal(seed: 1) != journal(seed: 2))
    }

    @Suite("that was stopped")
    struct Resuming {
        private struct Stop: Error {}

        private func profiling(of space: SearchSpace) -> Profiling {
            let clock = ScriptedClock()
            return Profiling(
                plan: ProfilingPlan(space: space),
                runtime: ScriptedRuntime(clock: clock, duration: ScriptedRuntime.plain), machine: .scripted,
                clock: clock.monotonic)
        }

        /// The journal of a run that was stopped after so many visits.
        private func stopped(after visits: Int, in directory: TemporaryDirectory) throws -> String {
            let path = directory.file("out.json.partial.jsonl")
            #expect(throws: Stop.self) {
                try profiling(of: .small()).run(journal: path) { if $0.visits == visits { throw Stop() } }
            }
            return path
        }

        private func lines(_ path: String) throws -> [Substring] {
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        }

        @Test("goes on from the last finished visit")
        func goesOn() throws {
            let directory = try TemporaryDirectory()
            let path = try stopped(after: 7, in: directory)
            let kept = try lines(path)
            #expect(kept.count == 8)
            var first: Int?
            let result = try profiling(of: .small()).run(journal: path) { first = first ?? $0.visits }
            #expect(first == 8)
            #expect(try Array(lines(path).prefix(8)) == kept)
            #expect(try lines(path).count == result.course.visits + 1)
            // Nothing is left to do then.
            var more = 0
            _ = try profiling(of: .small()).run(journal: path) { _ in more += 1 }
            #expect(more == 0)
        }

        @Test("whose last line was torn loses that visit only", arguments: [1, 20, 60])
        func torn(bytes: Int) throws {
            let directory = try TemporaryDirectory()
            let path = try stopped(after: 5, in: directory)
            let whole = try Data(contentsOf: URL(fileURLWithPath: path))
            try whole.dropLast(bytes).write(to: URL(fileURLWithPath: path))
            var first: Int?
            _ = try profiling(of: .small()).run(journal: path) { first = first ?? $0.visits }
            #expect(first == 5)
            #expect(try lines(path).allSatisfy { (try? JSON(parsing: String($0), path: path)) != nil })
        }

        @Test("does not go on with another plan, or with a file that is no journal")
        func foreign() throws {
            let directory = try TemporaryDirectory()
            let path = try stopped(after: 3, in: directory)
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let other = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile"))
            #expect {
                try profiling(of: other).run(journal: path)
            } throws: { "\($0)".contains("another plan, runtime or machine; remove it") }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)

            let notes = try directory.write(Array("my notes\n".utf8), to: "notes")
            #expect {
                try profiling(of: other).run(journal: notes)
            } throws: { "\($0)".contains("notes: line 1: not JSON") }
        }

        @Test("names the place of what is wrong in its journal")
        func damaged() throws {
            let directory = try TemporaryDirectory()
            let path = try stopped(after: 2, in: directory)
            let kept = try lines(path)
            let visit = try JSON(parsing: String(kept[1]), path: path)
            for damage in visit.damages() 
            where !["huge", "negated", "zero", "not a number", "infinite"].contains(damage.what) {
                let text = "\(kept[0])\n\(damage.document.text(pretty: false))\n"
                let copy = try directory.write(Array(text.utf8), to: "copy")
                let found = invalidPlace { try profiling(of: .small()).run(journal: copy) }
                #expect(found != nil, "\(damage.what) at \(damage.pointer)")
            }
        }
    }
}

@Suite("Timing whole networks")
struct NetworkTimingTests {
    @Test("finds what each takes")
    func exact() throws {
        let clock = ScriptedClock()
        let networks = try SearchSpace.small().randomArchitectures(5, seed: 1).map(\.network)
        let timing = NetworkTiming(
            runtime: ScriptedRuntime(clock: clock, duration: ScriptedRuntime.plain), machine: .scripted,
            clock: clock.monotonic)
        let results = try timing.run(networks)
        for (network, result) in zip(networks, results) {
            let expected = network.layers.flatMap(\.operators).reduce(0) { $0 + ScriptedRuntime.plain($1) }
            #expect(abs(result.latencyMs - Double(expected) / 1e6) < 1e-9 && result.interval.contains(result.latencyMs))
            #expect(result.count >= 6 && result.deviationMs == 0)
        }
    }

    @Test("goes on where there is no level, and is not done before its time is")
    func noLevel() throws {
        var settings = ProfilingSettings()
        settings.budgetSeconds = 2
        let clock = ScriptedClock()
        var random = SeededRandom(seed: 5)
        // The reference operator takes another time whenever it runs; the network never does, and is precise at once.
        let runtime = ScriptedRuntime(clock: clock) { step in
            step == Profiling.referenceOperator ? 10_000 + random.below(1_000_000) : ScriptedRuntime.plain(step)
        }
        let timing = NetworkTiming(runtime: runtime, settings: settings, machine: .scripted, clock: clock.monotonic)
        let network = try SearchSpace.small().largest.network
        var fractions: [Double] = []
        let results = try timing.run([network]) { fractions.append($0.fraction) }
        #expect(results[0].isUncertain && fractions.count > 10)
        #expect(fractions.dropLast().allSatisfy { $0 < 1 }, "\(fractions)")
    }

    @Test("tells what it saw too seldom on a steady machine from all visits, as uncertain")
    func fewSteadyVisits() throws {
        var settings = ProfilingSettings()
        settings.minimumVisits = 20
        settings.budgetSeconds = 0.6
        let clock = ScriptedClock()
        var isSlow = false
        // The machine is half as fast again in every second visit, and the network with it.
        let runtime = ScriptedRuntime(clock: clock) { step in
            let time = step == Profiling.referenceOperator ? 10_000 : ScriptedRuntime.plain(step)
            return isSlow ? time * 3 / 2 : time
        }
        let timing = NetworkTiming(runtime: runtime, settings: settings, machine: .scripted, clock: clock.monotonic)
        let network = try SearchSpace.small().largest.network
        var visits = 0
        let result = try timing.run([network]) { progress in
            visits = progress.visits
            isSlow.toggle()
        }[0]
        #expect(visits >= 20 && visits < 40, "the test needs a budget that ends in between")
        #expect(result.isUncertain && result.count == visits)
        let least = Double(network.layers.flatMap(\.operators).reduce(0) { $0 + ScriptedRuntime.plain($1) }) / 1e6
        #expect(result.interval.lowerBound >= least * 0.999 && result.interval.upperBound <= least * 1.501)
    }

    @Test("refuses by name what is faster than arithmetic")
    func impossible() throws {
        let clock = ScriptedClock()
        let network = try SearchSpace.small().largest.network
        let timing = NetworkTiming(
            runtime: ScriptedRuntime(clock: clock, duration: { $0 == Profiling.referenceOperator ? 10_000 : 1 }),
            machine: .scripted, clock: clock.monotonic)
        #expect {
            try timing.run([network])
        } throws: { "\($0)".contains("\(network.name): ") && "\($0)".contains("arithmetic") }
    }
}

@Suite("The error of predictions")
struct PredictionErrorTests {
    @Test("is relative to what was measured, and the rank correlation that of textbooks")
    func values() {
        let error = PredictionError(predicted: [1.1, 1.8, 3], measured: [1, 2, 3])
        #expect(abs(error.meanAbsolute - 0.2 / 3) < 1e-12 && abs(error.meanSigned) < 1e-12)
        #expect(abs(error.largest - 0.1) < 1e-12 && error.rankCorrelation == 1)
        // One pair of neighbours swapped among five: 1 - 6 · 2 / (5 · 24).
        let swapped = PredictionError(predicted: [1, 3, 2, 4, 5], measured: [1, 2, 3, 4, 5])
        #expect(abs(swapped.rankCorrelation - 0.9) < 1e-12)
        // Equal values share their rank: ranks 0.5, 0.5, 2 against 0, 1, 2.
        let tied = PredictionError(predicted: [1, 1, 2], measured: [1, 2, 3])
        #expect(abs(tied.rankCorrelation - 0.75.squareRoot()) < 1e-12)
    }
}
