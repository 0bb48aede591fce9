/// The sum of the products of two lists: of parts that a network uses and what they add, for example.
func dot(_ left: [Double], _ right: [Double]) -> Double {
    var sum = 0.0
    for index in left.indices { sum += left[index] * right[index] }
    return sum
}
