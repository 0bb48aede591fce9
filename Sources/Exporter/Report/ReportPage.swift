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

    /// What one wants to know first.
    private var figures: Markup {
        var figures: [(name: String, value: String, note: String)] = []
        if let accuracy = report.run?.accuracy {
            figures.append((
                "accuracy of the supernet",
                "\((100 * Double(accuracy.correct) / Double(accuracy.testImages)).significant(4)) %",
                "\(accuracy.correct.grouped) of \(accuracy.testImages.grouped) test images"
            ))
        }
        if let costs = report.costs {
            figures.append(("latency", "\(costs.latencyMs.significant(3)) ms", "one image on \(costs.device)"))
        }
        figures.append(("multiply-accumulates", Self.rounded(network.macs), "\(network.macs.grouped) for one image"))
        figures.append(("parameters", Self.rounded(network.parameters), network.parameters.grouped))
        return .element(
            "dl", ["class": "figures"],
            figures.map { figure in
                .element(
                    "div", [:],
                    [
                        .element("dt", [:], [.words(figure.name)]),
                        .element("dd", [:], [.words(figure.value), .element("small", [:], [.words(figure.note)])]),
                    ])
            })
    }

    /// To three digits, in thousands, millions or thousands of millions.
    private static func rounded(_ count: Int) -> String {
        for (unit, name) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where Double(count) >= max(unit, 1e4) {
            return "\((Double(count) / unit).significant(3)) \(name)"
        }
        return count.grouped
    }

    private var sections: [Markup] {
        let network = figure(
            NetworkPicture(report.architecture).picture,
            caption: "A shape is as wide as the layer's channels: those it is given, those inside, those it gives. "
                + "Bands join layers of one resolution.")
        let latency = report.latencyPicture.map {
            figure($0, caption: $0.description + (report.costs?.note.map { " " + $0 } ?? ""))
        }
        var sections = [
            Markup.element("div", ["class": "pair"], [network] + [latency ?? comparison].compactMap { $0 })
        ]
        if latency != nil, let comparison { sections.append(comparison) }
        sections.append(layerTable)
        if !report.curves.isEmpty {
            let curves = Markup.element(
                "section", [:],
                [.element("h2", [:], ["The search"])]
                    + report.curves.map { figure($0, caption: $0.description, level: 3) })
            let indicators = report.indicatorPicture.map { figure($0, caption: $0.description) }
            sections.append(.element("div", ["class": "pair"], [curves] + (indicators.map { [$0] } ?? [])))
        }
        if let origin { sections.append(origin) }
        return sections
    }

    private func figure(_ picture: Picture, caption: String, level: Int = 2) -> Markup {
        .element(
            "figure", [:],
            [
                .element("h\(level)", [:], [.words(picture.title)]), picture.svg,
                .element("figcaption", [:], [.words(caption)]),
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
        let all = [ReportTotals(name: "this network", network: network, latencyMs: report.costs?.latencyMs)]
            + report.comparison
        let hasLatency = all.contains { $0.latencyMs != nil }
        let columns = [Column(title: "")] + (hasLatency ? [Column(title: "latency ms", isNumber: true)] : [])
            + [Column(title: "MACs", isNumber: true), Column(title: "parameters", isNumber: true)]
        return .element(
            "section", [:],
            [
                .element("h2", [:], ["Beside the space's largest and smallest network"]),
                table(
                    columns,
                    all.map { totals in
                        [.words(totals.name)]
                            + (hasLatency ? [.words(totals.latencyMs?.significant(3) ?? "-")] : [])
                            + [.words(totals.macs.grouped), .words(totals.parameters.grouped)]
                    }),
            ])
    }

    /// The network picture in words and numbers.
    private var layerTable: Markup {
        .element(
            "details", [:],
            [
                .element("summary", [:], ["The layers as a table"]),
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
                    }),
            ])
    }

    /// How the network came about.
    private var origin: Markup? {
        guard let provenance = report.run?.provenance ?? report.origin else { return nil }
        var content: [Markup] = [.element("h2", [:], ["How it came about"]), facts(provenance)]
        if let run = report.run, !run.settings.isEmpty {
            content.append(.element("h3", [:], ["Configuration"]))
            content.append(
                .element(
                    "dl", ["class": "settings"],
                    run.settings.map { setting in
                        .element(
                            "div", [:],
                            [
                                .element("dt", [:], [.words(setting.name.replacing("_", with: " "))]),
                                .element("dd", [:], [.words(setting.value)]),
                            ])
                    }))
        }
        return .element("section", [:], content)
    }

    /// Command, seed, date and inputs.
    private func facts(_ provenance: Provenance) -> Markup {
        let facts: [(name: String, value: Markup)] = [
            ("command", Self.code(provenance.command)),
            ("seed", .words(provenance.seed.map(String.init) ?? "none")), ("date", .words(provenance.date)),
        ]
        let first = facts.flatMap { [Markup.element("dt", [:], [.words($0.name)]), .element("dd", [:], [$0.value])] }
        return .element("dl", ["class": "origin"], first + inputs(provenance))
    }

    /// The files that went in, each with its digest.
    private func inputs(_ provenance: Provenance) -> [Markup] {
        provenance.inputs.flatMap { input -> [Markup] in
            [
                .element("dt", [:], ["input ", Self.code(input.path)]),
                .element("dd", [:], [Self.code("SHA-256 \(input.sha256)")]),
            ]
        }
    }

    private static func code(_ text: String) -> Markup { .element("code", [:], [.words(text)]) }

    /// How the page itself came about.
    private var footer: Markup {
        let provenance = report.provenance
        var content: [Markup] = [
            .element("p", [:], [.words("This page was written on \(provenance.date) by:")]),
            .element("p", [:], [Self.code(provenance.command)]),
        ]
        if !provenance.inputs.isEmpty {
            content.append(
                .element(
                    "details", [:],
                    [
                        .element("summary", [:], ["Its inputs"]),
                        .element("dl", ["class": "origin"], inputs(provenance)),
                    ]))
        }
        return .element("footer", [:], content)
    }
}
