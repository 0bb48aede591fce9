/// The products x₁, x₁x₂, x₁x₂x₃, … of nested indicators: a choice counts only where all smaller ones do.
enum NestedProducts {
    /// The number of products that are 1, where every factor is 0 or 1.
    static func open(_ factors: ArraySlice<Double>) -> Int { factors.prefix { $0 == 1 }.count }

    /// The derivative with respect to a factor, from the derivatives with respect to each product. It does not divide
    /// by the factor, so it is right also where the factor is 0.
    ///
    /// - Parameters:
    ///   - index: of the factor, from 0.
    ///   - products: returns the derivative with respect to a product, by its index from 0.
    static func derivative(at index: Int, of factors: ArraySlice<Double>, by products: (Int) -> Double) -> Double {
        var others = factors.prefix(index).reduce(1, *)
        var total = 0.0
        for last in index..<factors.count {
            if last > index { others *= factors[factors.startIndex + last] }
            total += products(last) * others
        }
        return total
    }
}
