import Files

/// A page of HTML, which is XML too, that needs nothing beside it: no script, no font, no network.
struct Page {
    let title: String
    /// The style sheet.
    var style = ReportStyle.text
    /// Whether it shows images, which stand in it as data.
    var hasImages = false
    let header: Markup
    let sections: [Markup]
    let footer: Markup

    var text: String {
        let policy = "default-src 'none'; style-src 'unsafe-inline'" + (hasImages ? "; img-src data:" : "")
        let page = Markup.element(
            "html", ["lang": "en", "xmlns": "http://www.w3.org/1999/xhtml"],
            [
                .element(
                    "head", [:],
                    [
                        .element("meta", ["charset": "utf-8"]),
                        .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
                        // Even a mistake in the page could load nothing.
                        .element("meta", ["http-equiv": "Content-Security-Policy", "content": policy]),
                        .element("title", [:], [.words(title)]),
                        .element("style", [:], [.words(style)]),
                    ]),
                .element("body", [:], [header, .element("main", [:], sections), footer]),
            ])
        return "<!DOCTYPE html>" + page.text + "\n"
    }

    /// What one wants to know first: a name, its value and notes.
    struct Card {
        let name: String
        let value: String
        let notes: [String]
    }

    static func cards(_ cards: [Card]) -> Markup {
        .element(
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

    struct Column {
        let title: String
        var isNumber = false
    }

    /// A table whose first column names its rows.
    static func table(_ columns: [Column], _ rows: [[Markup]]) -> Markup {
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

    /// What is shown when somebody asks for it.
    static func folded(_ title: String, _ content: Markup) -> Markup {
        .element("details", [:], [.element("summary", [:], [.words(title)]), content])
    }

    static func code(_ text: String) -> Markup { .element("code", [:], [.words(text)]) }

    /// The files that went in, each with its digest.
    static func inputs(_ provenance: Provenance) -> Markup {
        .element(
            "dl", ["class": "origin"],
            provenance.inputs.flatMap { input -> [Markup] in
                [
                    .element("dt", [:], [code(input.path)]),
                    .element("dd", [:], [code("SHA-256 \(input.sha256)")]),
                ]
            })
    }

    /// How a page itself came about.
    static func footer(_ provenance: Provenance) -> Markup {
        var content: [Markup] = [
            .element("p", [:], [.words("This page was written on \(provenance.date) by:")]),
            .element("p", [:], [code(provenance.command)]),
        ]
        if !provenance.inputs.isEmpty { content.append(folded("Its inputs and their digests", inputs(provenance))) }
        return .element("footer", [:], content)
    }
}
