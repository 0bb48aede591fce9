import Architectures

/// A colour for every choice, the same in every network: the hue says the kernel, the lightness the expansion, darker
/// the larger.
enum ChoicePalette {
    /// For 1x1, 3x3, 5x5, 7x7 and 9x9, then again; apart also for eyes that do not tell red from green, and from the
    /// colours of `Ink`. Purple is none of them: such eyes see it as blue.
    private static let hues = [252.0, 218, 22, 80, 200]

    /// As "#rrggbb".
    static func fill(_ block: Block) -> String {
        let width = min(max(block.shape.expansion - 1, 0) / 5, 1)
        return color(hue: hue(block), saturation: 0.62, lightness: 0.82 - 0.36 * width)
    }

    /// The outline, dark enough to stand out from white whatever the fill.
    static func outline(_ block: Block) -> String { color(hue: hue(block), saturation: 0.62, lightness: 0.36) }

    /// Of all blocks with a kernel of that size, as the largest expansion has it.
    static func fill(kernel: Int) -> String {
        color(hue: hues[kernel / 2 % hues.count], saturation: 0.62, lightness: 0.46)
    }

    private static func hue(_ block: Block) -> Double { hues[block.shape.kernel / 2 % hues.count] }

    /// HSL as sRGB (CSS Color Module Level 4, section 7.1).
    private static func color(hue: Double, saturation: Double, lightness: Double) -> String {
        let reach = saturation * min(lightness, 1 - lightness)
        let channels = [0.0, 8, 4].map { offset in
            let place = (offset + hue / 30).truncatingRemainder(dividingBy: 12)
            return lightness - reach * max(-1, min(place - 3, 9 - place, 1))
        }
        return "#" + channels.map { channel in
            let byte = Int((channel * 255).rounded())
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}
