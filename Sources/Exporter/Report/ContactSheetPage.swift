/// A contact sheet as one page of HTML.
struct ContactSheetPage {
    private let sheet: ContactSheet

    /// The longest lists that a person reads.
    private static let rowLimit = 200
    /// How many paths of each side of a group of copies are shown.
    private static let pathLimit = 3

    /// Without the characters that XML escapes, as the report's.
    private static let style = ReportStyle.text + """

        .class{border-top:1px solid var(--rule);margin:0;padding:10px 0 12px;break-inside:avoid}
        .class h3{display:inline;overflow-wrap:anywhere;margin-right:10px}
        .class p{display:inline;font-size:.875rem;font-variant-numeric:tabular-nums}
        .strip{display:flex;flex-wrap:wrap;gap:6px;margin-top:8px}
        .strip img{display:block;width:auto;height:112px;max-width:100%;object-fit:contain;border-radius:4px;
        background:var(--band);border:1px solid var(--rule)}
        .class strong{color:var(--text)}
        .lines{margin:0;padding-left:18px;font-size:.875rem;overflow-wrap:anywhere}
        td,th{overflow-wrap:anywhere}
        .whole{white-space:normal}
        td code,th code{display:block}
        @media (max-width:480px){.strip img{height:72px}}
        """

    init(_ sheet: ContactSheet) { self.sheet = sheet }

    var text: String {
        Page(
            title: sheet.title, style: Self.style, hasImages: true, header: header,
            sections: [pictures, broken, copies, leftOut, counts].compactMap(\.self), footer: Page.footer(sheet.provenance)
        ).text
    }

    private var training: Int { sheet.classes.reduce(0) { $0 + $1.training } }
    private var validation: Int { sheet.classes.reduce(0) { $0 + $1.validation } }

    private var header: Markup {
        let leaks = sheet.copies.filter(\.areLeak).reduce(0) { $0 + $1.validation.count }
        var cards = [
            Page.Card(
                name: "images", value: (training + validation).grouped,
                notes: ["\(training.grouped) for training", "\(validation.grouped) for validation"]),
            Page.Card(name: "classes", value: sheet.classes.count.grouped, notes: classSizes),
        ]
        if let sides = sheet.shorterSides {
            cards.append(
                Page.Card(
                    name: "shorter side", value: "\(sides.median.grouped) px",
                    notes: [
                        sides.least == sides.most
                            ? "of every image" : "the median; from \(sides.least.grouped) to \(sides.most.grouped) px"
                    ]))
        }
        cards += [
            Page.Card(
                name: "broken files", value: sheet.broken.isEmpty ? "none" : sheet.broken.count.grouped,
                notes: sheet.broken.isEmpty ? [] : ["cannot be decoded; listed below"]),
            Page.Card(
                name: "leaks", value: leaks == 0 ? "none" : leaks.grouped,
                notes: ["validation images that are training images too"]),
        ]
        return .element(
            "header", [:],
            [.element("h1", [:], [.words(sheet.title)]), Page.cards(cards)])
    }

    /// "from 858 to 993 training images each".
    private var classSizes: [String] {
        guard let least = sheet.classes.map(\.training).min(), let most = sheet.classes.map(\.training).max() else {
            return []
        }
        return [
            least == most
                ? "\(least.grouped) training images each"
                : "from \(least.grouped) to \(most.grouped) training images each"
        ]
    }

    private var pictures: Markup? {
        let shown = sheet.classes.filter { !$0.thumbnails.isEmpty }
        if shown.isEmpty { return nil }
        let rest = sheet.classes.count - shown.count
        let note = rest == 0 ? [] : [
            Markup.element(
                "p", ["class": "muted"],
                [.words("\(rest.grouped) more class\(rest == 1 ? " is" : "es are") in the table of classes.")])
        ]
        return .element(
            "section", [:],
            [.element("h2", [:], ["Some images of each class"])] + note
                + shown.map { .element("div", ["class": "class"], [heading($0), strip($0)]) })
    }

    /// The name and the counts; what is lacking stands out.
    private func heading(_ shown: ContactSheet.Class) -> Markup {
        func images(_ count: Int, _ part: String) -> Markup {
            count == 0 ? .element("strong", [:], [.words("no \(part)")]) : .words("\(count.grouped) \(part)")
        }
        return .element(
            "div", [:],
            [
                .element("h3", [:], [.element("bdi", [:], [.words(shown.name)])]),
                .element(
                    "p", ["class": "muted"],
                    [images(shown.training, "training"), ", ", images(shown.validation, "validation")]),
            ])
    }

    private func strip(_ shown: ContactSheet.Class) -> Markup {
        .element(
            "div", ["class": "strip"],
            shown.thumbnails.map(\.markup))
    }

    private var broken: Markup? {
        if sheet.broken.isEmpty { return nil }
        return section(
            "Broken files",
            Page.table(
                [Page.Column(title: "file"), Page.Column(title: "what it is"), Page.Column(title: "problem")],
                sheet.broken.prefix(Self.rowLimit).map {
                    [Page.code($0.path), .words($0.found), .words($0.problem)]
                }),
            rest: sheet.broken.count - Self.rowLimit)
    }

    private var copies: Markup? {
        if sheet.copies.isEmpty { return nil }
        let ordered = sheet.copies.filter(\.areLeak) + sheet.copies.filter { !$0.areLeak }
        return section(
            "Images that are there more than once",
            Page.table(
                [Page.Column(title: "training"), Page.Column(title: "validation")],
                ordered.prefix(Self.rowLimit).map { [paths($0.training), paths($0.validation)] }),
            rest: ordered.count - Self.rowLimit)
    }

    private func paths(_ paths: [String]) -> Markup {
        let more = paths.count - Self.pathLimit
        return .element(
            "div", [:],
            paths.prefix(Self.pathLimit).map(Page.code)
                + (more > 0 ? [.element("small", [:], [.words("and \(more.grouped) more")])] : []))
    }

    private var leftOut: Markup? {
        if sheet.leftOut.isEmpty { return nil }
        return section(
            "Left out",
            .element("ul", ["class": "lines"], sheet.leftOut.map { .element("li", [:], [.words($0)]) }), rest: 0)
    }

    private var counts: Markup {
        Page.folded(
            "The classes as a table",
            Page.table(
                [
                    Page.Column(title: "class"), Page.Column(title: "training", isNumber: true),
                    Page.Column(title: "validation", isNumber: true),
                ],
                sheet.classes.map { [.words($0.name), .words($0.training.grouped), .words($0.validation.grouped)] }))
    }

    private func section(_ title: String, _ content: Markup, rest: Int) -> Markup {
        .element(
            "section", [:],
            [.element("h2", [:], [.words(title)]), content]
                + (rest > 0 ? [.element("p", ["class": "muted"], [.words("And \(rest.grouped) more.")])] : []))
    }
}
