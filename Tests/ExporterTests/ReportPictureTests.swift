import Architectures
import Exporter
import Foundation
import Testing
import TestSupport

@Suite("Pictures of reports")
struct ReportPictureTests: SampleReports {
    @Test("show every layer in the network and in the latencies")
    func layers() throws {
        let plain = try SmallArchitectures.plain()
        for architecture in [try architecture(), plain, try SmallArchitectures.squeezed()] {
            let (page, pictures, _) = try documents(full(architecture, run: run()))
            for document in [page, pictures] {
                let network = try #require(document.picture("network")).titles
                let latency = try #require(document.picture("latency")).titles
                for layer in architecture.network.layers {
                    let shown = "\(layer.name): \(layer.choice), \(layer.input) to \(layer.output)"
                    #expect(network.contains { $0.hasPrefix(shown) })
                    #expect(latency.contains { $0.hasPrefix("\(layer.name), \(layer.choice): ") })
                }
            }
        }
        let latency = try #require(documents(full(plain, run: run())).page.picture("latency"))
        #expect(latency.titles.contains("stem, convolution 3x3: 0.125 ms, measured, bound by compute"))
        #expect(latency.titles.contains("first.1, fixed 3x3 e1: 0.250 ms, modelled, bound by memory"))
        #expect(latency.titles.contains("stage1.3, skip: 0 ms"))
        // Long names are the field's short ones.
        let large = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        let texts = try #require(documents(full(large, run: run())).page.picture("network")).all("text").map(\.text)
        #expect(texts.contains("conv 3x3/2") && texts.contains("convolution 1x1") && texts.contains("pool, fc"))
        // Of a network without choices no kernel is cut away.
        let fixed = try Architecture(contentsOf: ShippedFiles.reference("mobilenet-v3-large"))
        let picture = try #require(documents(full(fixed, run: run())).page.picture("network")), choices = picture.all("text").map(\.text)
        #expect(choices.contains("3x3 e6 se1.5") && choices.allSatisfy { !$0.contains("…") }, "\(choices)")
    }

    @Test("tell how many layers a space leaves open, and when phases began that have no room for their names")
    func captions() throws {
        func caption(_ name: String, of architecture: Architecture, _ run: ReportRun) throws -> String {
            try #require(documents(full(architecture, run: run)).page.picture(name)).all("desc").first?.text ?? ""
        }
        // The published network: five stages of four layers, of which stage1.4 alone is skipped.
        let published = try Architecture(contentsOf: ShippedFiles.reference("single-path-nas"))
        #expect(
            try caption("network", of: published, run()).hasPrefix(
                "25 layers from images of 224x224x3 to 1,000 classes; the search space leaves 20 of them open, of which 1 is "
                    + "skipped. "))
        let plain = try Architecture(contentsOf: ShippedFiles.reference("mobilenet-v3-large"))
        #expect(try caption("network", of: plain, run()).contains(" to 1,000 classes. A shape"))
        #expect(
            try caption("indicators", of: published, run()).contains(
                " Dashed lines: the beginning of search and of fine-tune. 2 of 3 parts "))
        #expect(try !caption("indicators", of: published, run(steps: [20, 40])).contains("Dashed"))
        // What the search was not certain of is said.
        for (count, end) in [
            (0, "in use at the end."), (1, " Of 1 part the search was not certain whether it is worth what it costs."),
            (12, " Of 12 parts the search was not certain whether they are worth what they cost."),
        ] {
            var uncertain = run()
            uncertain.selection?.undecided = count
            #expect(try caption("indicators", of: published, uncertain).hasSuffix(end), "\(count)")
        }
    }

    @Test("draw a layer as wide as its channels")
    func widths() throws {
        let plain = try SmallArchitectures.plain()
        let network = try #require(documents(full(plain, run: run())).page.picture("network"))
        func widths(_ layer: String) throws -> [Double] {
            let group = try #require(network.all("g").first { $0.titles[0].hasPrefix("\(layer):") })
            let points = try #require(group.all("polygon").first).points
            return zip(points, points.reversed()).prefix(points.count / 2).map { $1[0] - $0[0] }
        }
        let (block, head) = (try widths("last.1"), try widths("head"))
        // From 7 channels through 42 to 5, then to 9.
        #expect(block.count == 4 && block[1] == block[2])
        for (found, channels) in [(block[0], 7.0), (block[3], 5), (head[0], 5), (head[1], 9)] {
            #expect(abs(found / block[1] - channels / 42) < 0.001)
        }
    }

    @Test("show every logged step in the curves and in the indicators")
    func everyStep() throws {
        let (page, pictures, _) = try documents(full(architecture(), run: run()))
        for document in [page, pictures] {
            for name in ["cross-entropy", "runtime"] {
                let picture = try #require(document.picture(name)), (left, right) = try plot(picture)
                let lines = picture.all("polyline")
                #expect(lines.count == 1 && picture.all("circle").count == Self.steps.count)
                let x = lines[0].points.map { $0[0] }
                #expect(x.count == Self.steps.count)
                for (found, step) in zip(x, Self.steps) {
                    #expect(abs((found - left) / (right - left) - Double(step) / 75) < 0.001)
                }
            }
            let indicators = try #require(document.picture("indicators")), (left, right) = try plot(indicators)
            // The first is off from step 20 to 40 alone: a strip to 20 and one from 40. The second is never on.
            let strips = indicators.all("g").map { $0.all("rect").dropFirst() }
            #expect(strips.map(\.count) == [2, 0, 1])
            let edges = strips[0].map { rect in
                [rect.number("x"), rect.number("x") + rect.number("width")].map { ($0 - left) / (right - left) * 75 }
            }
            for (found, expected) in zip(edges.joined(), [0.0, 20, 40, 75]) { #expect(abs(found - expected) < 0.01) }
        }
        #expect(page.text.contains("2 of 3 parts are in use at the end."))
        // Many steps are smoothed: the values, and their mean.
        let many = try documents(full(architecture(), run: run(steps: Array(1...200)))).page
        let lines = try #require(many.picture("cross-entropy")).all("polyline")
        #expect(lines.map(\.points.count) == [200, 200] && many.text.contains("the mean of the 9 logged steps around it"))
    }

    @Test("draw a learning rate as steps")
    func staircase() throws {
        let picture = try #require(documents(full(architecture(), run: run())).page.picture("learning-rate"))
        let (left, right) = try plot(picture), points = try #require(picture.all("polyline").first).points
        // Level up to each logged step, straight up or down there.
        let places = points.map { (($0[0] - left) / (right - left) * 75).rounded() }
        #expect(places == [0, 20, 20, 40, 40, 60, 60, 75])
        for index in stride(from: 0, to: points.count, by: 2) { #expect(points[index][1] == points[index + 1][1]) }
        #expect(points[3][1] == points[0][1] && points[4][1] > points[3][1])
    }

    @Test("give every axis a title with its unit")
    func units() throws {
        let search = try documents(full(architecture(), run: run())), trained = try documents(full(architecture(), run: training(3)))
        for (document, name, units) in [
            (search.page, "cross-entropy", ["cross-entropy, nats", "step"]), (search.page, "runtime", ["latency, ms", "step"]),
            (search.page, "learning-rate", ["learning rate, no unit", "step"]), (search.page, "indicators", ["step"]),
            (search.page, "latency", ["latency, ms"]), (trained.page, "test-accuracy", ["top-1, % of test images", "epoch"]),
        ] {
            let texts = try #require(document.picture(name)).all("text").map(\.text)
            for unit in units { #expect(texts.contains(unit), "\(name): \(unit)") }
        }
        #expect(trained.page.text.contains("90.5 % at epoch 1, 91.5 % at epoch 3."))
    }

    @Test("have captions that make sense for one point")
    func onePoint() throws {
        let (page, _, _) = try documents(full(architecture(), run: run(steps: [20])))
        for (name, caption) in [
            ("cross-entropy", "1.00 nats at step 20, the only one that was logged."),
            ("learning-rate", "0.00400 at step 20, the only one that was logged."),
            ("indicators", "2 of 3 parts are in use at step 20, the only one that was logged."),
        ] {
            #expect(try #require(page.picture(name)).all("desc").first?.text.hasSuffix(caption) == true, "\(name)")
        }
        #expect(try #require(page.picture("cross-entropy")).all("circle").count == 1)
        let (trained, _, _) = try documents(full(architecture(), run: training(1)))
        let accuracy = try #require(trained.picture("test-accuracy"))
        #expect(accuracy.all("desc").first?.text == "90.5 % at epoch 1, the only one that was tested.")
        #expect(accuracy.all("circle").count == 1 && accuracy.all("polyline").isEmpty)
    }

    @Test("use a colour for one meaning, on light screens, in print and on dark screens")
    func colours() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("fashion-mnist"))
        let choices = space.searchableLayers.enumerated().map { $1.choices[$0 % $1.choices.count] }
        let page = try documents(full(space.architecture(name: "each choice", choices: choices), run: run())).page
        let style = page.all("style").map(\.text).joined()
        /// A shape's colour, in the way that it is drawn there.
        func colour(_ shape: XMLTree, _ property: String, isDark: Bool) -> String? {
            guard let plain = shape.attributes[property], plain.hasPrefix("#") else { return nil }
            let name = (shape.attributes["class"] ?? "").split(separator: " ").first { $0.hasPrefix("\(property)-") }
            guard isDark, let name else { return plain }
            guard let start = style.range(of: ".\(name){\(property):")?.upperBound else { return nil }
            return String(style[start...].prefix(7))
        }
        func colours(_ picture: String, _ element: String, _ property: String, isDark: Bool) throws -> Set<String> {
            let shapes = try #require(page.picture(picture)).all(element).filter { shape in
                let paint = shape.attributes["class"] ?? ""
                // What is neutral has no meaning of its own.
                return !["band", "fixed", "muted", "surface", "text"].contains { paint.contains("\(property)-\($0)") }
            }
            return Set(shapes.compactMap { colour($0, property, isDark: isDark) })
        }
        func distance(_ one: String, _ other: String) -> Double {
            func channels(_ text: String) -> [Double] {
                let value = Int(text.dropFirst(), radix: 16) ?? 0
                return [16, 8, 0].map { Double(value >> $0 & 255) }
            }
            return zip(channels(one), channels(other)).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }
        for isDark in [false, true] {
            let kernels = try colours("network", "polygon", "fill", isDark: isDark)
            let strips = try colours("indicators", "rect", "fill", isDark: isDark)
            let meanings = [
                kernels, strips.subtracting(kernels),
                try colours("latency", "rect", "fill", isDark: isDark)
                    .union(colours("runtime", "polyline", "stroke", isDark: isDark)),
                try colours("cross-entropy", "polyline", "stroke", isDark: isDark)
                    .union(colours("learning-rate", "polyline", "stroke", isDark: isDark)),
            ]
            // 3x3 and 5x5 with two expansions each, of which the strip of the kernel has one; expansions; latencies; other
            // curves.
            #expect(meanings.map(\.count) == [4, 1, 1, 1] && strips.count == 2, "\(meanings)")
            for (index, one) in meanings.enumerated() {
                for other in meanings[(index + 1)...] {
                    for (first, second) in one.flatMap({ first in other.map { (first, $0) } }) {
                        #expect(distance(first, second) > 60, "\(first) and \(second)")
                    }
                }
            }
        }
    }

    @Test("give kernels colours that differ also for eyes that lack a kind of cone")
    func kernelColours() throws {
        var shown = run(steps: [20])
        shown.selection = .init(
            steps: [20],
            indicators: [1, 3, 5, 7, 9].map { size in
                ReportRun.Indicator(layer: "stage\(size)", part: "kernel \(size)", kind: .kernel(size), values: [true])
            })
        let picture = try #require(documents(full(architecture(), run: shown)).page.picture("indicators"))
        let fills = picture.all("g").compactMap { $0.all("rect").last?.attributes["fill"] }
        #expect(fills.count == 5 && fills.allSatisfy { $0.hasPrefix("#") && $0.count == 7 }, "\(fills)")
        func linear(_ byte: Int) -> Double {
            let value = Double(byte) / 255
            return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
        }
        func byte(_ linear: Double) -> Double {
            let value = min(max(linear, 0), 1)
            return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * pow(value, 1 / 2.4) - 0.055)
        }
        // All cones; without the long, and without the middle ones: Viénot, Brettel and Mollon, 1999, "Digital video
        // colourmaps for checking the legibility of displays by dichromats".
        let eyes: [[[Double]]] = [
            [[1, 0, 0], [0, 1, 0], [0, 0, 1]], [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
            [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
        ]
        for eye in eyes {
            let seen = fills.map { fill -> [Double] in
                let value = Int(fill.dropFirst(), radix: 16) ?? 0
                let channels = [16, 8, 0].map { linear(value >> $0 & 255) }
                return eye.map { row in byte(row[0] * channels[0] + row[1] * channels[1] + row[2] * channels[2]) }
            }
            for (index, one) in seen.enumerated() {
                for (place, other) in seen.enumerated() where place > index {
                    let difference = zip(one, other).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
                    #expect(difference > 40, "\(fills[index]) and \(fills[place])")
                }
            }
        }
    }

    @Test("lay pictures out so that nothing overlaps, leaves them or is too small to read")
    func layout() throws {
        var architectures = [try SmallArchitectures.plain(), try SmallArchitectures.squeezed(), try architecture(named: Self.hostile)]
        for path in try ShippedFiles.references() { architectures.append(try Architecture(contentsOf: path)) }
        for path in try ShippedFiles.spaces() {
            let space = try SearchSpace(contentsOf: path)
            architectures += [space.largest, space.smallest]
        }
        let runs = [run(), run(steps: [1]), run(steps: Array(1...200)), run(steps: [99_999, 12_345_678]), training(1), training(20)]
        for (index, architecture) in architectures.enumerated() {
            let (page, file, _) = try documents(full(architecture, run: runs[index % runs.count]))
            for document in [page, file] {
                let pictures = document.all("svg").filter { $0.attributes["role"] == "img" }
                #expect(pictures.count >= 5)
                for picture in pictures {
                    let problems = PictureLayout(picture).problems
                    #expect(problems == [], "\(picture.titles[0]) of \(architecture.name)")
                }
            }
            #expect(PictureLayout(file).problems == [], "the file of \(architecture.name)")
            // Titles and captions stand between the pictures.
            for text in file.children where text.name == "text" {
                let y = text.number("y")
                for picture in file.children where picture.name == "svg" {
                    let top = picture.number("y"), bottom = top + picture.number("height")
                    #expect(y <= top || y - 12 >= bottom - 1, "\(text.text)")
                }
            }
        }
    }

    @Test("draw one step, equal values and large ones", arguments: [
        [5.0], [0], [1e12, 1e12], [0, 1e12], [1e-12, 2e-12],
    ])
    func extremes(values: [Double]) throws {
        let steps = Array(1...values.count)
        var run = ReportRun(.search, provenance: provenance("x"))
        run.curves = [.crossEntropy, .latency, .learningRate].map { ReportCurve($0, places: steps, values: values) }
        let page = try documents(full(architecture(), run: run)).page
        for name in ["cross-entropy", "runtime", "learning-rate"] {
            let picture = try #require(page.picture(name))
            let (left, right) = try plot(picture)
            let points = picture.all("polyline").flatMap(\.points)
                + picture.all("circle").map { [$0.number("cx"), $0.number("cy")] }
            #expect(points.count >= values.count)
            for point in points {
                #expect((left...right).contains(point[0]) && (24...136).contains(point[1]), "\(point)")
            }
            #expect(PictureLayout(picture).problems == [])
            #expect((2...8).contains(picture.all("line").count { $0.attributes["class"] == "stroke-rule" }))
        }
    }
}
