import Engine

/// The Euclidean norm.
public func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// ‖a − b‖ / ‖b‖; 0 where both vanish, infinite where the sizes differ.
public func relativeDistance(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    let distance = norm(zip(a, b).map { $0 - $1 })
    return distance == 0 ? 0 : distance / norm(b)
}

/// Whether float32 values are those computed in double precision, to 10⁻⁵ of their norm.
public func isClose(_ actual: Storage, _ expected: PlainImages) -> Bool {
    relativeDistance(actual.doubles, expected.values) < 1e-5
}
