import HardwareProfiles
import TestSupport
import Testing

@Suite struct NonNegativeLeastSquaresTests {
    @Test func solvesWhatCanBeSolvedByHand() {
        #expect(NonNegativeLeastSquares.solve(rows: [[1, 0], [0, 1]], target: [2, 3]) == [2, 3])
        #expect(NonNegativeLeastSquares.solve(rows: [[1, 0], [0, 1]], target: [2, -3]) == [2, 0])
        #expect(NonNegativeLeastSquares.solve(rows: [[1], [1]], target: [-1, -2]) == [0])
        // x = 1, y = -2 would be exact; with y = 0 the best x is (1·(-1) + 1·3) / 2 = 1.
        expect(NonNegativeLeastSquares.solve(rows: [[1, 1], [1, -1]], target: [-1, 3]), near: [1, 0])
        // The line through (0, 1), (1, 3), (2, 5), in units far apart.
        expect(
            NonNegativeLeastSquares.solve(rows: [[1e-9, 0], [1e-9, 1e9], [1e-9, 2e9]], target: [1, 3, 5]),
            near: [1e9, 2e-9])
    }

    @Test func theFirstColumnCanBeLeftBehind() {
        // Column 0 points closest to the target and is needed by no exact solution: b = column 1 + column 2.
        let rows = [[1.0, 1, 0], [1, 0, 1], [0.1, 0, 0]]
        expect(NonNegativeLeastSquares.solve(rows: rows, target: [1, 1, 0]), near: [0, 1, 1])
    }

    @Test func columnsThatDependOnEachOtherDoNoHarm() {
        let rows = [[1.0, 2, 0, 3], [1, 2, 0, 3], [2, 4, 0, 6]]
        let solution = NonNegativeLeastSquares.solve(rows: rows, target: [1, 1, 2])
        #expect(solution.allSatisfy { $0 >= 0 && $0.isFinite })
        #expect(solution[2] == 0)
        #expect(abs(solution[0] + 2 * solution[1] + 3 * solution[3] - 1) < 1e-12)
    }

    @Test func withoutRowsThereIsNothing() {
        #expect(NonNegativeLeastSquares.solve(rows: [], target: []) == [])
        #expect(NonNegativeLeastSquares.solve(rows: [[0, 0]], target: [1]) == [0, 0])
    }

    /// The conditions of Karush, Kuhn and Tucker, which the minimum of a convex problem meets and no other point does:
    /// no value negative, no gradient that could lower the distance, and one of both 0 for every column.
    @Test func meetsTheConditionsOfTheMinimum() {
        var random = SeededRandom(seed: 11)
        var zeros = 0
        for round in 0..<500 {
            let columns = 1 + round % 9
            let rows = (0..<(columns + round % 14)).map { _ in
                (0..<columns).map { column in random.value() * (column % 3 == 2 ? 1e6 : 1) }
            }
            let target = rows.map { _ in random.value() * 10 }
            let solution = NonNegativeLeastSquares.solve(rows: rows, target: target)
            let residual = zip(rows, target).map { row, value in
                value - zip(row, solution).reduce(0) { $0 + $1.0 * $1.1 }
            }
            for column in 0..<columns {
                let norm = rows.reduce(0) { $0 + $1[column] * $1[column] }.squareRoot()
                let gradient = zip(rows, residual).reduce(0) { $0 + $1.0[column] * $1.1 } / norm
                #expect(solution[column] >= 0)
                #expect(gradient < 1e-9)
                if solution[column] > 0 { #expect(abs(gradient) < 1e-9) } else { zeros += 1 }
            }
        }
        #expect(zeros > 500)
    }

    private func expect(_ found: [Double], near expected: [Double]) {
        #expect(found.count == expected.count)
        for (found, expected) in zip(found, expected) {
            #expect(abs(found - expected) <= 1e-12 * max(1, abs(expected)), "\(found), expected \(expected)")
        }
    }
}
