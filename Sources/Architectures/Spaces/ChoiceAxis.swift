/// One thing that a searchable layer decides: an ordered list of options, each of which contains the one before.
///
/// A layer chooses from the product of its axes. What an option adds to the one before is a *part*. An indicator
/// switches the part on or off; it is used only if all earlier parts of the axis are on.
///
/// A new axis is a case here, a field in `SearchSpaceFile`, and what its parts do to the block in `Superkernel`.
public enum ChoiceAxis: Hashable, Sendable {
    /// Sizes of the depthwise kernel, ascending and odd.
    case kernel([Int])
    /// Skipped, then present. A skipped layer is the identity, whatever its other axes say.
    case skip
    /// Expansion ratios, ascending.
    case expansion([Int])
    /// Kernel and expansion together: each block has at least the sizes of the one before.
    case block([BlockSize])

    /// The largest number of axes of a layer, and of options of an axis, that a `LayerChoice` can hold.
    package static let limits = (axes: 8, options: 255)

    public var optionCount: Int {
        switch self {
        case .kernel(let sizes): sizes.count
        case .skip: 2
        case .expansion(let ratios): ratios.count
        case .block(let sizes): sizes.count
        }
    }

    /// The name of the part that a layer has unless it is skipped: its smallest expansion, or its smallest block where kernel
    /// and expansion are coupled.
    static func presenceName(in axes: [ChoiceAxis], smallest: BlockSize) -> String {
        let isCoupled = axes.contains { if case .block = $0 { true } else { false } }
        return isCoupled ? partName(of: smallest) : "expansion_\(smallest.expansion)"
    }

    private static func partName(of block: BlockSize) -> String {
        "block_\(block.kernel)x\(block.kernel)_e\(block.expansion)"
    }

    /// Applies an option to the block's sizes; nil means that the layer is skipped.
    func apply(_ option: Int, to size: inout BlockSize?) {
        switch self {
        case .kernel(let sizes): size?.kernel = sizes[option]
        case .skip: if option == 0 { size = nil }
        case .expansion(let ratios): size?.expansion = ratios[option]
        case .block(let sizes): if size != nil { size = sizes[option] }
        }
    }

    /// The names of the axis's parts in metrics, from the second option on: "kernel_5", "expansion_6", "block_5x5_e6".
    ///
    /// - Parameter presence: the name of the part that is there whenever the layer is.
    func partNames(presence: String) -> [String] {
        switch self {
        case .kernel(let sizes): sizes.dropFirst().map { "kernel_\($0)" }
        case .skip: [presence]
        case .expansion(let ratios): ratios.dropFirst().map { "expansion_\($0)" }
        case .block(let sizes): sizes.dropFirst().map(Self.partName)
        }
    }
}
