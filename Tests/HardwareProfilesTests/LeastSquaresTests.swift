import Glibc
import Testing

import HardwareProfiles

@Suite("Least squares")
struct LeastSquaresTests {
    @Test("of a linear problem are those of the normal equations")
    func line() {
        // The line through (0, 1), (1, 3), (2, 2), (3, 6): slope 1.4, offset 0.9.
        let points = [(0.0, 1.0), (1, 3), (2, 2), (3, 6)]
        let found = LeastSquares.minimise(from: [0, 0]) { x in points.map { x[0] * $0.0 + x[1] - $0.1 } }
        #expect(abs(found[0] - 1.4) < 1e-6 && abs(found[1] - 0.9) < 1e-6)
    }

    @Test("lie at the end of Rosenbrock's valley, from either side", arguments: [[-1.2, 1], [3, -4], [0, 0]])
    func rosenbrock(start: [Double]) {
        let found = LeastSquares.minimise(from: start) { [10 * ($0[1] - $0[0] * $0[0]), 1 - $0[0]] }
        #expect(abs(found[0] - 1) < 1e-6 && abs(found[1] - 1) < 1e-6, "\(found)")
    }

    @Test("of a decay give back what made it")
    func decay() {
        let made = (0..<20).map { 5 * exp(-0.3 * Double($0)) + 1 }
        let found = LeastSquares.minimise(from: [1, 0.1, 0]) { x in
            made.enumerated().map { x[0] * exp(-x[1] * Double($0)) + x[2] - $1 }
        }
        for (value, expected) in zip(found, [5, 0.3, 1]) { #expect(abs(value - expected) < 1e-5, "\(found)") }
    }

    @Test("leave where it is what no residual depends on")
    func indifference() {
        let found = LeastSquares.minimise(from: [0, 42]) { [$0[0] - 7] }
        #expect(abs(found[0] - 7) < 1e-6 && found[1] == 42)
    }
}
