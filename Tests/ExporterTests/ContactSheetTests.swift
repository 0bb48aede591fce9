import Exporter
import Files
import Foundation
import Testing
import TestSupport

@Suite("Contact sheets")
struct ContactSheetTests: SampleReports {
    private func page(_ sheet: ContactSheet) throws -> (tree: XMLTree, text: String) {
        let directory = try TemporaryDirectory()
        try sheet.writeHTML(to: directory.file("photos.html"))
        let text = try String(contentsOfFile: directory.file("photos.html"), encoding: .utf8)
        return (try XMLTree(text), text)
    }

    private func sheet() -> ContactSheet {
        var sheet = ContactSheet(title: "photos", provenance: provenance("onepath data check photos"))
        // Of every length that the encoding treats in its own way, and with every value of a byte.
        let images = [0, 1, 2, 3, 256].map { count in
            Thumbnail(
                name: "\(count).jpg", bytes: (0..<count).map { UInt8($0) }, format: count == 3 ? .png : .jpeg)
        }
        sheet.classes = [
            .init(name: "cat", training: 1200, validation: 30, thumbnails: images),
            .init(name: "dog", training: 800, validation: 0, thumbnails: [images[1]]),
            .init(name: "eel", training: 5, validation: 5, thumbnails: []),
        ]
        sheet.shorterSides = .init(least: 90, median: 375, most: 2000)
        return sheet
    }

    @Test("tell the sides of images that are all alike once")
    func equalSides() throws {
        var sheet = sheet()
        #expect(try page(sheet).tree.text.contains("375 pxthe median; from 90 to 2,000 px"))
        sheet.shorterSides = .init(least: 224, median: 224, most: 224)
        #expect(try page(sheet).tree.text.contains("224 pxof every image"))
    }

    @Test("show each class with its counts and its images, which stand in the page")
    func classes() throws {
        let (page, _) = try page(sheet())
        #expect(page.all("h3").map(\.text) == ["cat", "dog"])
        let rows = page.all("div").filter { $0.attributes["class"] == "class" }
        #expect(rows.map { $0.all("p").map(\.text) } == [["1,200 training, 30 validation"], ["800 training, no validation"]])
        #expect(rows.map { $0.all("img").count } == [5, 1])
        for (image, count) in zip(rows[0].all("img"), [0, 1, 2, 3, 256]) {
            let bytes = Data((0..<count).map { UInt8($0) })
            let format = count == 3 ? "png" : "jpeg"
            #expect(image.attributes["src"] == "data:image/\(format);base64,\(bytes.base64EncodedString())")
            #expect(image.attributes["alt"] == "\(count).jpg")
        }
        #expect(page.all("section").first?.text.contains("1 more class is in the table of classes.") == true)
        let table = try #require(page.all("details").first { $0.text.hasPrefix("The classes as a table") })
        #expect(table.all("tr").map { $0.children.map(\.text) } == [
            ["class", "training", "validation"], ["cat", "1,200", "30"], ["dog", "800", "0"], ["eel", "5", "5"],
        ])
        let cards = zip(page.all("dt"), page.all("dd")).map { "\($0.text): \($1.text)" }
        #expect(Array(cards.prefix(5)) == [
            "images: 2,0402,005 for training35 for validation", "classes: 3from 5 to 1,200 training images each",
            "shorter side: 375 pxthe median; from 90 to 2,000 px", "broken files: none",
            "leaks: nonevalidation images that are training images too",
        ])
    }

    @Test("list broken files, copies with leaks first, and what was left out; long lists are cut and counted")
    func lists() throws {
        var sheet = sheet()
        sheet.broken = (0..<205).map { .init(path: "a/\($0).jpg", problem: "byte 0: no image", found: "a ZIP archive") }
        sheet.copies = [
            .init(training: ["t1", "t2"], validation: []),
            .init(training: ["t3"], validation: ["v1", "v2", "v3", "v4", "v5"]),
        ]
        sheet.leftOut = ["2 files .gif: a.gif, b.gif"]
        let (page, _) = try page(sheet)
        func section(_ title: String) throws -> XMLTree {
            try #require(page.all("section").first { $0.all("h2").first?.text == title })
        }
        let broken = try section("Broken files")
        #expect(broken.all("tr").count == 201 && broken.text.hasSuffix("And 5 more."))
        #expect(broken.all("tr")[1].children.map(\.text) == ["a/0.jpg", "a ZIP archive", "byte 0: no image"])
        let copies = try section("Images that are there more than once")
        #expect(copies.all("tr").map { $0.children.map { $0.all("code").map(\.text) } } == [
            [[], []], [["t3"], ["v1", "v2", "v3"]], [["t1", "t2"], []],
        ])
        #expect(copies.text.contains("and 2 more"))
        #expect(try section("Left out").all("li").map(\.text) == sheet.leftOut)
        let cards = zip(page.all("dt"), page.all("dd")).map { "\($0.text): \($1.text)" }
        #expect(cards.contains("broken files: 205cannot be decoded; listed below"))
        #expect(cards.contains("leaks: 5validation images that are training images too"))
    }

    @Test("refer to nothing outside of themselves, and show hostile names as they are")
    func hostile() throws {
        var sheet = ContactSheet(title: Self.hostile, provenance: provenance("onepath data check"))
        sheet.classes = [
            .init(
                name: Self.hostile, training: 1, validation: 1,
                thumbnails: [.init(name: Self.hostile, bytes: [1], format: .png)])
        ]
        sheet.broken = [.init(path: Self.hostile, problem: Self.hostile, found: Self.hostile)]
        sheet.copies = [.init(training: [Self.hostile], validation: [Self.hostile])]
        sheet.leftOut = [Self.hostile]
        let (page, text) = try page(sheet)
        let shown = Self.hostile.replacing("\u{1}", with: "\u{fffd}")
        #expect(page.all("h1").map(\.text) == [shown] && page.all("h3").map(\.text) == [shown])
        #expect(page.all("img").map { $0.attributes["alt"] } == [shown] && page.all("li").map(\.text) == [shown])
        #expect(page.all("script").isEmpty && !text.contains("<script"))
        let rest = text.replacing(#/xmlns="http://www\.w3\.org/1999/xhtml"/#, with: "")
        for reference in ["http:", "https:", "//", "href=", "@import", "url("] { #expect(!rest.contains(reference)) }
        #expect(rest.matches(of: /src="/).count == rest.matches(of: /src="data:image\/(png|jpeg);base64,/).count)
        let policy = page.all("meta").first { $0.attributes["http-equiv"] == "Content-Security-Policy" }
        #expect(policy?.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    }
}
