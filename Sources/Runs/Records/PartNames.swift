import Architectures

/// What the names of a layer's parts tell (`SearchSpace.Layer.Part`), where its space is not known any more.
package enum PartNames {
    /// The axis that a part is on: "kernel", "expansion" or "block".
    package static func axis(of name: String) -> String { String(name.prefix { $0 != "_" }) }

    /// The place of the part that is there whenever the layer is, of a layer that may be skipped: its smallest expansion
    /// ratio, or its smallest block.
    package static func presence(among names: [String]) -> Int? {
        let places = names.indices.filter { axis(of: names[$0]) != "kernel" }
        return places.min { sizes(of: names[$0]).lexicographicallyPrecedes(sizes(of: names[$1])) }
    }

    /// The numbers in a name from the last to the first, so that the expansion counts before the kernel.
    private static func sizes(of name: String) -> [Int] {
        name.split { !$0.isNumber }.compactMap { Int($0) }.reversed()
    }
}
