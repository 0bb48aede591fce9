import Engine

// How far results are from what was expected. Nothing here may pass on NaN: `max` keeps the other of two values, a
// comparison with NaN is false, and so a maximum or a negated comparison that is written out finds no fault in values
// that are no numbers.

/// The Euclidean norm.
public func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

/// ‖a − b‖ / ‖b‖; 0 where both vanish, infinite where the counts differ or a value is not finite.
public func relativeDistance(_ a: [Double], _ b: [Double]) -> Double {
    guard a.count == b.count else { return .infinity }
    let distance = norm(zip(a, b).map { $0 - $1 })
    let relative = distance == 0 ? 0 : distance / norm(b)
    return relative.isFinite ? relative : .infinity
}

/// The largest of `values`; infinite where one is NaN, or where there is none to say anything about.
public func largest<Value: BinaryFloatingPoint>(of values: some Collection<Value>) -> Value {
    guard var largest = values.first else { return .infinity }
    for value in values {
        guard !value.isNaN else { return .infinity }
        largest = Swift.max(largest, value)
    }
    return largest
}

/// The largest |a − b| of two lists, place by place; infinite where the counts differ, a value is not finite, or there
/// is none.
public func largestDifference<Value: BinaryFloatingPoint>(
    _ a: some Collection<Value>, _ b: some Collection<Value>
) -> Value {
    a.count == b.count ? largest(of: zip(a, b).map { abs($0 - $1) }) : .infinity
}

/// Whether no value differs from the expected one by more than `relative` · the largest expected one + `absolute`; false
/// where the counts differ or a value is not finite, true where both are empty.
public func isClose(_ actual: [Double], _ expected: [Double], relative: Double, absolute: Double) -> Bool {
    if actual.isEmpty && expected.isEmpty { return true }
    let difference = largestDifference(actual, expected)
    return difference.isFinite && difference <= relative * largest(of: expected.map(abs)) + absolute
}

/// Whether float32 values are those computed in double precision, to 10⁻⁵ of their norm.
public func isClose(_ actual: Storage, _ expected: PlainImages) -> Bool {
    relativeDistance(actual.doubles, expected.values) < 1e-5
}
