/// The products x₁, x₁x₂, x₁x₂x₃, … of nested indicators: a choice counts only where all smaller ones do.
enum NestedProducts {
    /// How many of the products are 1, where every factor is 0 or 1.
    static func open(_ factors: ArraySlice<Double>) -> Int { factors.prefix { $0 == 1 }.count }

    /// The derivative by a factor, given that by each product. It leaves the factor out, so it is right also where the
    /// factor is 0.
    ///
    /// - Parameters:
    ///   - index: which factor, from 0.
    ///   - products: the derivative by a product, from 0.
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
