import Architectures

/// A network from its input down to its classes: a row a layer, as wide as its channels.
///
/// A shape narrows or widens from the layer's input over the width between expansion and projection to its output. A
/// band behind the rows joins layers whose maps have the same sides.
struct NetworkPicture {
    private let architecture: Architecture
    private let layers: [Network.Layer]
    private let isAnySearchable: Bool

    private static let row = 22.0
    private static let shapeX = 84.0
    private static let reach = 84.0
    private static let center = shapeX + reach / 2
    private static let choiceX = shapeX + reach + 8

    init(_ architecture: Architecture) {
        self.architecture = architecture
        layers = architecture.network.layers
        isAnySearchable = layers.contains(where: \.isSearchable)
    }

    var picture: Picture {
        let top = 22.0
        var content: [Markup] = [
            .label("layer", x: 0, y: 12, ink: .muted),
            .label("channels", x: Self.center, y: 12, ink: .muted, anchor: .middle),
            .label("choice", x: Self.choiceX, y: 12, ink: .muted),
            .label("gives", x: Picture.width, y: 12, ink: .muted, anchor: .end),
        ]
        content += bands(top: top)
        content += layers.enumerated().map { index, layer in row(layer, y: top + Double(index) * Self.row) }
        let (legend, height) = legend.markup(top: top + Double(layers.count) * Self.row + 8)
        let searched = layers.count { $0.isSearchable }
        let skipped = layers.count { $0.content == .skip }
        let choices = searched == 0 ? "" : "; the search space leaves \(searched) of them open, of which \(skipped) "
            + "\(skipped == 1 ? "is" : "are") skipped"
        return Picture(
            name: "network", title: "The network",
            description: "\(layers.count) layers from images of \(architecture.input) to "
                + "\(architecture.classes.grouped) classes\(choices). "
                + "A shape is as wide as the layer's channels: those it is given, those inside, those it gives. Bands join "
                + "layers of one resolution.",
            height: height, content: content + legend)
    }

    /// The widest that a row is drawn for.
    private var widest: Int {
        layers.map { layer in
            let outer = max(layer.input.channels, layer.output.channels)
            guard case .block(let block) = layer.content else { return outer }
            return max(block.shape.hiddenChannels, outer)
        }.max() ?? 1
    }

    private func half(_ channels: Int) -> Double {
        max(1, Self.reach / 2 * Double(channels) / Double(widest))
    }

    /// A band a run of layers that give maps of the same sides, every other one shaded.
    private func bands(top: Double) -> [Markup] {
        var bands: [Markup] = []
        var isShaded = false
        var start = 0
        for index in layers.indices {
            let isLast = index == layers.count - 1
            let here = layers[index].output
            if !isLast, here.height == layers[index + 1].output.height, here.width == layers[index + 1].output.width {
                continue
            }
            if isShaded {
                bands.append(
                    .rectangle(
                        x: 0, y: top + Double(start) * Self.row, width: Picture.width,
                        height: Double(index + 1 - start) * Self.row, fill: .ink(.band)))
            }
            isShaded.toggle()
            start = index + 1
        }
        return bands
    }

    private func row(_ layer: Network.Layer, y: Double) -> Markup {
        let baseline = y + Self.row / 2 + 4.5
        let gives = "\(layer.output)".fitted(to: 100)
        let room = Picture.width - TextWidth.of(gives, size: Markup.textSize) - 8 - Self.choiceX
        return .group(
            "\(layer.name): \(layer.choice), \(layer.input) to \(layer.output)\(detail(layer)), "
                + "\(layer.macs.grouped) multiply-accumulates",
            [
                .label(layer.name.fitted(to: Self.shapeX - 6), x: 0, y: baseline), shape(layer, y: y),
                .label(
                    Self.choice(layer, within: room), x: Self.choiceX, y: baseline,
                    ink: layer.content == .skip ? .muted : .text),
                .label(gives, x: Picture.width, y: baseline, ink: .muted, anchor: .end),
            ])
    }

    /// What stands in the layer, with the field's short names where the long ones have no room.
    private static func choice(_ layer: Network.Layer, within room: Double) -> String {
        let choice = layer.choice
        if TextWidth.of(choice, size: Markup.textSize) <= room { return choice }
        let short = choice.replacing("convolution", with: "conv").replacing("fully connected", with: "fc")
        if TextWidth.of(short, size: Markup.textSize) <= room { return short }
        // The colours tell what is fixed; a kernel and an expansion stand nowhere else.
        return short.replacing("fixed ", with: "").fitted(to: room)
    }

    private func detail(_ layer: Network.Layer) -> String {
        guard case .block(let block) = layer.content else { return "" }
        return " through \(block.shape.hiddenChannels) channels" + (block.residual ? ", its input added" : "")
    }

    private func shape(_ layer: Network.Layer, y: Double) -> Markup {
        let top = y + 1, bottom = y + Self.row - 1
        let input = half(layer.input.channels), output = half(layer.output.channels)
        func outline(_ sides: [(y: Double, half: Double)]) -> [Markup.Point] {
            sides.map { Markup.Point(x: Self.center - $0.half, y: $0.y) }
                + sides.reversed().map { Markup.Point(x: Self.center + $0.half, y: $0.y) }
        }
        switch layer.content {
        case .skip:
            return .polygon(
                outline([(top, input), (bottom, output)]), fill: .none,
                stroke: .init(paint: .ink(.muted), dashes: "3 2"))
        case .operators:
            return .polygon(
                outline([(top, input), (bottom, output)]), fill: .ink(.fixed),
                stroke: .init(paint: .ink(.muted), width: 0.75))
        case .block(let block):
            let hidden = half(block.shape.hiddenChannels)
            let (fill, stroke) = paints(block, isSearchable: layer.isSearchable)
            return .polygon(
                outline([(top, input), (y + 7, hidden), (y + Self.row - 7, hidden), (bottom, output)]), fill: fill,
                stroke: .init(paint: stroke, width: 0.75))
        }
    }

    private func paints(_ block: Block, isSearchable: Bool) -> (fill: Markup.Paint, stroke: Markup.Paint) {
        isSearchable || !isAnySearchable
            ? (.fixed(ChoicePalette.fill(block)), .fixed(ChoicePalette.outline(block))) : (.ink(.fixed), .ink(.muted))
    }

    /// The colours of the choices that were made.
    private var legend: Legend {
        var entries: [Legend.Entry] = []
        for layer in layers {
            let name: String
            var fill = Markup.Paint.ink(.fixed), stroke = Markup.Stroke(paint: .ink(.muted), width: 0.75)
            switch layer.content {
            case .skip:
                (name, fill, stroke) = ("skip", .none, .init(paint: .ink(.muted), dashes: "3 2"))
            case .block(let block) where layer.isSearchable || !isAnySearchable:
                name = "\(block.shape.kernel)x\(block.shape.kernel) e\(block.shape.expansion.coordinate)"
                let paints = paints(block, isSearchable: layer.isSearchable)
                (fill, stroke) = (paints.fill, .init(paint: paints.stroke, width: 0.75))
            case .block, .operators:
                name = "fixed"
            }
            if !entries.contains(where: { $0.name == name }) {
                entries.append(Legend.swatch(name, fill: fill, stroke: stroke))
            }
        }
        return Legend(entries: entries.sorted { $0.name < $1.name })
    }
}
