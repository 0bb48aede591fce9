import Architectures
import Files

/// A report as one page of HTML that needs nothing beside it: no script, no font, no picture, no network.
struct ReportPage {
    private let report: Report
    private let network: Network

    init(_ report: Report) {
        self.report = report
        network = report.architecture.network
    }

    var text: String {
        Page(
            title: report.architecture.name, style: Self.style, hasImages: report.images != nil, header: header,
            sections: sections, footer: Page.footer(report.provenance)
        ).text
    }

    private var header: Markup {
        let skipped = network.layers.count { $0.content == .skip }
        var origin = "\(network.layers.count) layers" + (skipped > 0 ? ", \(skipped) of them skipped" : "")
            + ", images of \(report.architecture.input), \(report.architecture.classes.grouped) classes"
        if let space = report.architecture.space { origin += "; a network of the search space \(space)" }
        return .element(
            "header", [:],
            [
                .element("h1", [:], [.words(report.architecture.name)]),
                .element("p", ["class": "muted"], [.words(origin + ".")]), figures,
            ])
    }

    /// What one wants to know first: latency, accuracy, targets, size.
    private var figures: Markup {
        var cards = [latencyCard, accuracyCard].compactMap(\.self) + targetCards
        cards.append(
            Page.Card(
                name: "size", value: Self.rounded(network.parameters),
                notes: [
                    "\(network.parameters.grouped) parameters",
                    "\(network.weightBytes.grouped) bytes of weights in float32, batch norm folded",
                ]))
        cards.append(
            Page.Card(
                name: "multiply-accumulates", value: Self.rounded(network.macs),
                notes: ["\(network.macs.grouped) for one image"]))
        return Page.cards(cards)
    }

    private var latencyCard: Page.Card? {
        report.latency.map { device, latency in
            Page.Card(
                name: "latency", value: "\(latency.milliseconds.significant(3)) ms",
                notes: ["one image on \(device)"] + [report.costs?.intervalText].compactMap(\.self) + [latency.words])
        }
    }

    private var accuracyCard: Page.Card? {
        guard let run = report.run, let accuracy = run.accuracy else { return nil }
        return Page.Card(
            name: run.kind == .search ? "accuracy of the supernet" : "accuracy", value: accuracy.text,
            notes: [
                "95 % interval: \(accuracy.intervalText)",
                "\(accuracy.correct.grouped) of \(accuracy.testImages.grouped) test images",
            ] + (run.kind == .search ? ["with the choices that were found"] : []) + [run.resolution].compactMap(\.self))
    }

    private var targetCards: [Page.Card] {
        guard let run = report.run, run.kind == .search else { return [] }
        if run.targets.isEmpty {
            return [Page.Card(name: "target", value: "none", notes: ["the search weighed latency against accuracy by λ"])]
        }
        return run.targets.map { target in
            Page.Card(
                name: "target: \(target.name)",
                value: target.isMet.map { $0 ? "met" : "not met" } ?? "not known", notes: [target.text])
        }
    }

    /// To three digits, in thousands, millions or thousands of millions.
    private static func rounded(_ count: Int) -> String {
        for (unit, name) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where Double(count) >= max(unit, 1e4) {
            return "\((Double(count) / unit).significant(3)) \(name)"
        }
        return count.grouped
    }

    private var sections: [Markup] {
        let network = figure(NetworkPicture(report.architecture).picture)
        let latency = report.latencyPicture.map { figure($0) }
        var sections = [
            Markup.element("div", ["class": "pair"], [network] + [latency ?? comparison].compactMap(\.self))
        ]
        if latency != nil, let comparison { sections.append(comparison) }
        sections.append(layerTable)
        if let run = report.run, !report.curves.isEmpty {
            let curves = report.curves.map { figure($0, level: 3) }
            let heading = Markup.element("h2", [:], [.words("The \(run.kind.rawValue)")])
            if let indicators = report.indicatorPicture {
                sections.append(
                    .element(
                        "div", ["class": "pair"],
                        [.element("section", [:], [heading] + curves), figure(indicators)]))
            } else {
                sections.append(.element("section", [:], [heading, .element("div", ["class": "pair"], curves)]))
            }
        }
        if let images = report.images { sections.append(section(of: images)) }
        if let origin { sections.append(origin) }
        return sections
    }

    private static let style = ReportStyle.text + """

        .strip{display:flex;flex-wrap:wrap;gap:10px 8px}
        .strip figure{width:112px;margin:0}
        .strip img{display:block;width:112px;height:112px;object-fit:contain;border-radius:4px;background:var(--band);
        border:1px solid var(--rule)}
        h3+.strip{margin-top:6px}.strip+h3{margin-top:18px}
        .strip figcaption{margin-top:3px;font-size:.75rem;line-height:1.3;overflow-wrap:anywhere}
        """

    private func section(of images: ReportImages) -> Markup {
        func strip(_ title: String, _ examples: [ReportImages.Example]) -> [Markup] {
            guard !examples.isEmpty else { return [] }
            return [
                .element("h3", [:], [.words(title)]),
                .element("div", ["class": "strip"], examples.map { example in
                    let percent = "\((100 * example.probability).fixed(0)) %"
                    // A name that is written from right to left turns nothing around it.
                    func name(_ text: String) -> Markup { .element("bdi", [:], [.words(text)]) }
                    let words = [name(example.label)]
                        + (example.answer == example.label ? [] : [", answer ", name(example.answer)]) + [.words(", \(percent)")]
                    return .element("figure", [:], [example.thumbnail.markup, .element("figcaption", [:], words)])
                }),
            ]
        }
        return .element(
            "section", [:],
            [
                .element("h2", [:], ["What the network sees"]),
                .element("p", ["class": "muted"], [.words(images.note)]),
            ] + strip("Some images", images.samples) + strip("The worst mistakes", images.mistakes))
    }

    private func figure(_ picture: Picture, level: Int = 2) -> Markup {
        .element(
            "figure", [:],
            [
                .element("h\(level)", [:], [.words(picture.title)]), picture.svg,
                .element("figcaption", [:], [.words(picture.description)]),
            ])
    }

    private var comparison: Markup? {
        guard !report.comparison.isEmpty else { return nil }
        let all = [ReportTotals(name: "this network", network: network, latency: report.latency?.latency)]
            + report.comparison
        let hasLatency = all.contains { $0.latency != nil }
        let columns = [Page.Column(title: "")]
            + (hasLatency ? [Page.Column(title: "latency, ms", isNumber: true)] : [])
            + [Page.Column(title: "MACs", isNumber: true), Page.Column(title: "parameters", isNumber: true)]
        return .element(
            "section", [:],
            [
                .element("h2", [:], ["Beside the space's largest and smallest network"]),
                Page.table(
                    columns,
                    all.map { totals in
                        [.words(totals.name)] + (hasLatency ? [Self.cell(totals.latency)] : [])
                            + [.words(Self.rounded(totals.macs)), .words(Self.rounded(totals.parameters))]
                    }),
            ])
    }

    /// A latency with how it is known.
    private static func cell(_ latency: KnownLatency?) -> Markup {
        guard let latency else { return "-" }
        return .element(
            "span", [:],
            [.words(latency.milliseconds.significant(3)), .element("small", [:], [.words(latency.kind)])])
    }

    /// The pictures of the network and of its latencies in words and numbers.
    private var layerTable: Markup {
        let costs = report.costs?.layers
        let latency = [
            Page.Column(title: "latency, ms", isNumber: true), Page.Column(title: "source"), Page.Column(title: "bound by"),
        ]
        let columns = [Page.Column(title: "layer"), Page.Column(title: "choice"), Page.Column(title: "gives")]
            + (costs == nil ? [] : latency)
            + [Page.Column(title: "MACs", isNumber: true), Page.Column(title: "parameters", isNumber: true)]
        var rows = network.layers.map { layer -> [Markup] in
            var row: [Markup] = [.words(layer.name), .words(layer.choice), .words("\(layer.output)")]
            if let costs { row += Self.cells(costs.first { $0.name == layer.name }) }
            return row + [Markup.words(layer.macs.grouped), Markup.words(layer.parameters.grouped)]
        }
        // Layers that were measured as one have a latency together.
        let names = Set(network.layers.map(\.name))
        for cost in costs ?? [] where !names.contains(cost.name) {
            var row: [Markup] = [.words(cost.name), .words(cost.choice), "-"]
            row += Self.cells(cost)
            rows.append(row + [Markup.words("-"), Markup.words("-")])
        }
        return Page.folded("The layers as a table", Page.table(columns, rows))
    }

    /// A layer's latency, how it is known and what bounds it.
    private static func cells(_ cost: ReportLayerCost?) -> [Markup] {
        guard let cost else { return ["-", "-", "-"] }
        if cost.latencyMs == 0 { return ["0", "-", "-"] }
        return [.words(cost.latencyMs.significant(3)), .words(cost.source.rawValue), .words(cost.bound.rawValue)]
    }

    /// How the network came about.
    private var origin: Markup? {
        guard let provenance = report.run?.provenance ?? report.origin else { return nil }
        var content: [Markup] = [.element("h2", [:], ["How it came about"]), facts(provenance)]
        if let run = report.run, !run.settings.isEmpty {
            let settings = Markup.element(
                "dl", ["class": "settings"],
                run.settings.map { setting in
                    .element(
                        "div", [:],
                        [
                            .element("dt", [:], [.words(setting.name.replacing("_", with: " "))]),
                            .element("dd", [:], [.words(setting.value)]),
                        ])
                })
            content.append(Page.folded("Configuration", settings))
        }
        if !provenance.inputs.isEmpty { content.append(Page.folded("Inputs and their digests", Page.inputs(provenance))) }
        return .element("section", [:], content)
    }

    /// Command, seed and date.
    private func facts(_ provenance: Provenance) -> Markup {
        let facts: [(name: String, value: Markup)] = [
            ("command", Page.code(provenance.command)),
            ("seed", .words(provenance.seed.map(String.init) ?? "none")), ("date", .words(provenance.date)),
        ]
        return .element(
            "dl", ["class": "origin"],
            facts.flatMap { [.element("dt", [:], [.words($0.name)]), .element("dd", [:], [$0.value])] })
    }
}

extension Network {
    /// Of weights and biases in single precision, with batch normalisation folded into them.
    fileprivate var weightBytes: Int { layers.flatMap(\.operators).reduce(0) { $0 + $1.weightBytes } }
}
