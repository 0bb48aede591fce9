/// The sum of the products of two lists: of parts that a network uses and what they add, for example.
package func dot(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for index in left.indices { sum += left[index] * right[index] }
    return sum
}

/// The standard deviation of values, of all that there are; 0 of none.
package func deviation(of values: [Double]) -> Double {
    let count = Double(max(values.count, 1)), mean = values.reduce(0, +) / count
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
}
