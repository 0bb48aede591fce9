/// The products x₁, x₁x₂, x₁x₂x₃, … of nested indicators: a choice counts only where all smaller ones do.
enum NestedProducts {
    /// The running products.
    static func products(of factors: [Double]) -> [Double] {
        var product = 1.0
        return factors.map { factor in
            product *= factor
            return product
        }
    }

    /// The gradient by the factors, given the gradient by each running product. A factor's derivative leaves that
    /// factor out, so it is right also where the factor is 0.
    static func gradient(of factors: [Double], by products: [Double]) -> [Double] {
        factors.indices.map { index in
            var others = factors[..<index].reduce(1, *)
            var total = 0.0
            for last in index..<factors.count {
                if last > index { others *= factors[last] }
                total += products[last] * others
            }
            return total
        }
    }
}
