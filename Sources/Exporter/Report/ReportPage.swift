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
        let page = Markup.element(
            "html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"],
            [
                .element(
                    "head", [:],
                    [
                        .element("meta", ["charset": "utf-8"]),
                        .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                        // Even a mistake in the page could load nothing.
                        .element(
                            "meta",
                            [
                                "http-equiv": "Content-Security-Policy",
                                "content": "default-src 'none'; style-src 'unsafe-inline'",
                            ]),
                        .element("title", [:], [.words(report.architecture.name)]),
                        .element("style", [:], [.words(ReportStyle.text)]),
                    ]),
                .element("body", [:], [header, .element("main", [:], sections), footer]),
            ])
        return "<!DOCTYPE html>" + page.text + "\n"
    }

    private var header: Markup {
        var origin = "\(network.layers.count) layers, images of \(report.architecture.input), "
            + "\(report.architecture.classes) classes"
        if let space = report.architecture.space { origin += "; a network of the search space \(space)" }
        return .element(
            "header", [:],
            [
                .element("h1", [:], [.words(report.architecture.name)]),
                .element("p", ["class": "muted"], [.words(origin + ".")]), figures,
            ])
    }

    private struct Card {
        let name: String
        let value: String
        let notes: [String]
    }

    /// What one wants to know first: latency, accuracy, targets, size.
    private var figures: Markup {
        var cards = [latencyCard, accuracyCard].compactMap(\.self) + targetCards
        cards.append(
            Card(
                name: "size", value: Self.rounded(network.parameters),
                notes: [
                    "\(network.parameters.grouped) parameters",
                    "\(network.weightBytes.grouped) bytes of weights in float32, batch norm folded",
                ]))
        cards.append(
            Card(
                name: "multiply-accumulates", value: Self.rounded(network.macs),
                notes: ["\(network.macs.grouped) for one image"]))
        return .element(
            "dl", ["class": "figures"],
            cards.map { card in
                .element(
                    "div", [:],
                    [
                        .element("dt", [:], [.words(card.name)]),
                        .element(
                            "dd", [:],
                            [.words(card.value)] + card.notes.map { .element("small", [:], [.words($0)]) }),
                    ])
            })
    }

    private var latencyCard: Card? {
        report.latency.map { device, latency in
            Card(
                name: "latency", value: "\(latency.milliseconds.significant(3)) ms",
                notes: ["one image on \(device)", latency.words])
        }
    }

    private var accuracyCard: Card? {
        guard let run = report.run, let accuracy = run.accuracy else { return nil }
        return Card(
            name: run.kind == .search ? "accuracy of the supernet" : "accuracy", value: accuracy.text,
            notes: [
                "95 % interval: \(accuracy.intervalText)",
                "\(accuracy.correct.grouped) of \(accuracy.testImages.grouped) test images",
            ] + (run.kind == .search ? ["with the choices that were found"] : []))
    }

    private var targetCards: [Card] {
        guard let run = report.run, run.kind == .search else { return [] }
        if run.targets.isEmpty {
            return [Card(name: "target", value: "none", notes: ["the search weighed latency against accuracy by λ"])]
        }
        return run.targets.map { target in
            Card(
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
        if let origin { sections.append(origin) }
        return sections
    }

    private func figure(_ picture: Picture, level: Int = 2) -> Markup {
        .element(
            "figure", [:],
            [
                .element("h\(level)", [:], [.words(picture.title)]), picture.svg,
                .element("figcaption", [:], [.words(picture.description)]),
            ])
    }

    private struct Column {
        let title: String
        var isNumber = false
    }

    /// A table whose first column names its rows.
    private func table(_ columns: [Column], _ rows: [[Markup]]) -> Markup {
        func kind(_ index: Int) -> String { columns[index].isNumber ? "number" : index == 0 ? "whole" : "text" }
        let head = columns.indices.map { index in
            Markup.element("th", ["scope": "col", "class": kind(index)], [.words(columns[index].title)])
        }
        let body = rows.map { row in
            Markup.element(
                "tr", [:],
                row.enumerated().map { index, cell in
                    index == 0
                        ? .element("th", ["scope": "row", "class": kind(index)], [cell])
                        : .element("td", ["class": kind(index)], [cell])
                })
        }
        return .element(
            "div", ["class": "scroll"],
            [
                .element(
                    "table", [:],
                    [.element("thead", [:], [.element("tr", [:], head)]), .element("tbody", [:], body)])
            ])
    }

    private var comparison: Markup? {
        guard !report.comparison.isEmpty else { return nil }
        let all = [ReportTotals(name: "this network", network: network, latency: report.latency?.latency)]
            + report.comparison
        let hasLatency = all.contains { $0.latency != nil }
        let columns = [Column(title: "")]
            + (hasLatency ? [Column(title: "latency, ms", isNumber: true)] : [])
            + [Column(title: "MACs", isNumber: true), Column(title: "parameters", isNumber: true)]
        return .element(
            "section", [:],
            [
                .element("h2", [:], ["Beside the space's largest and smallest network"]),
                table(
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

    /// The network picture in words and numbers.
    private var layerTable: Markup {
        Self.folded(
            "The layers as a table",
            table(
                [
                    Column(title: "layer"), Column(title: "choice"), Column(title: "gives"),
                    Column(title: "MACs", isNumber: true), Column(title: "parameters", isNumber: true),
                ],
                network.layers.map { layer in
                    [
                        .words(layer.name), .words(layer.choice), .words("\(layer.output)"),
                        .words(layer.macs.grouped), .words(layer.parameters.grouped),
                    ]
                }))
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
            content.append(Self.folded("Configuration", settings))
        }
        if !provenance.inputs.isEmpty { content.append(Self.folded("Inputs and their digests", inputs(provenance))) }
        return .element("section", [:], content)
    }

    /// What is shown when somebody asks for it.
    private static func folded(_ title: String, _ content: Markup) -> Markup {
        .element("details", [:], [.element("summary", [:], [.words(title)]), content])
    }

    /// Command, seed and date.
    private func facts(_ provenance: Provenance) -> Markup {
        let facts: [(name: String, value: Markup)] = [
            ("command", Self.code(provenance.command)),
            ("seed", .words(provenance.seed.map(String.init) ?? "none")), ("date", .words(provenance.date)),
        ]
        return .element(
            "dl", ["class": "origin"],
            facts.flatMap { [.element("dt", [:], [.words($0.name)]), .element("dd", [:], [$0.value])] })
    }

    /// The files that went in, each with its digest.
    private func inputs(_ provenance: Provenance) -> Markup {
        .element(
            "dl", ["class": "origin"],
            provenance.inputs.flatMap { input -> [Markup] in
                [
                    .element("dt", [:], [Self.code(input.path)]),
                    .element("dd", [:], [Self.code("SHA-256 \(input.sha256)")]),
                ]
            })
    }

    private static func code(_ text: String) -> Markup { .element("code", [:], [.words(text)]) }

    /// How the page itself came about.
    private var footer: Markup {
        let provenance = report.provenance
        var content: [Markup] = [
            .element("p", [:], [.words("This page was written on \(provenance.date) by:")]),
            .element("p", [:], [Self.code(provenance.command)]),
        ]
        if !provenance.inputs.isEmpty { content.append(Self.folded("Its inputs and their digests", inputs(provenance))) }
        return .element("footer", [:], content)
    }
}

extension Network {
    /// Of weights and biases in single precision, with batch normalisation folded into them.
    fileprivate var weightBytes: Int { layers.flatMap(\.operators).reduce(0) { $0 + $1.weightBytes } }
}
