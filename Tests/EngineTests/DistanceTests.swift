import Engine
import TestSupport
import Testing

/// What the tests of numbers rest on: that no distance from something that is no number is small.
@Suite("Distances of results from what is expected")
struct DistanceTests {
    @Test("are those of the values")
    func values() {
        #expect(relativeDistance([3, 5], [3, 4]) == 0.2)
        #expect(relativeDistance([0, 0], [0, 0]) == 0)
        #expect(relativeDistance([1], [0]) == .infinity)
        #expect(largest(of: [-3.0, -1, -2]) == -1)
        #expect(largestDifference([1.0, -2, 3], [1.5, 2, 3]) == 4)
        #expect(largestDifference([Float(1)], [1]) == 0)
        #expect(isClose([10, 1], [10.9, 1], relative: 0.1, absolute: 0))
        #expect(!isClose([10, 1], [10.9, 1], relative: 0.08, absolute: 0.02))
        #expect(isClose([], [], relative: 0, absolute: 0))
        #expect(norm([3, 4]) == 5)
    }

    @Test("are infinite, and nothing is close, where counts differ", arguments: [[], [1], [1, 1, 1]])
    func counts(other: [Double]) {
        for (a, b) in [([1, 1], other), (other, [1, 1])] {
            #expect(relativeDistance(a, b) == .infinity)
            #expect(largestDifference(a, b) == .infinity)
            #expect(!isClose(a, b, relative: 1, absolute: 1))
        }
        #expect(largestDifference([Double](), [Double]()) == .infinity, "nothing was compared")
        #expect(largest(of: [Double]()) == .infinity)
    }

    /// First, in the middle, last, and everywhere: a maximum keeps NaN or not by its place.
    @Test("are infinite, and nothing is close, where a value is not finite", arguments: [Double.nan, .infinity, -.infinity])
    func notFinite(value: Double) {
        let finite = [1.0, 2, 3]
        for place in 0...3 {
            let damaged = place == 3 ? [value, value, value] : finite.indices.map { $0 == place ? value : finite[$0] }
            for (a, b) in [(damaged, finite), (finite, damaged), (damaged, damaged)] {
                #expect(relativeDistance(a, b) == .infinity)
                #expect(largestDifference(a, b) == .infinity)
                #expect(largestDifference(a.map(Float.init), b.map(Float.init)) == .infinity)
                #expect(!isClose(a, b, relative: 1, absolute: 1))
            }
            if value.isNaN { #expect(largest(of: damaged) == .infinity) }
            let bounds = finite.map { Bounded(Float($0)) }, others = damaged.map { Bounded(Float($0)) }
            #expect(deviation(of: [1, 2, 3], from: bounds, roundings: 1, in: "values") == nil)
            #expect(deviation(of: damaged.map(Float.init), from: bounds, roundings: 1000, in: "values") != nil)
            #expect(deviation(of: [1, 2, 3], from: others, roundings: 1000, in: "values") != nil)
        }
    }

    @Test("from central differences are told where a gradient or a loss is not finite", arguments: [Double.nan, .infinity])
    func centralDifferences(value: Double) {
        let gradient = Variable("gradient", [1, 2], gradient: [1, value])
        #expect(deviationsFromCentralDifferences(of: { $0[0][0] + $0[0][1] }, by: [gradient]).count == 1)
        let loss = Variable("loss", [1, 2], gradient: [1, 1])
        #expect(deviationsFromCentralDifferences(of: { $0[0][0] > 1 ? value : 0 }, by: [loss]).count == 1)
        #expect(deviationsFromCentralDifferences(of: { $0[0][0] + $0[0][1] }, by: [loss]) == [])
    }
}
