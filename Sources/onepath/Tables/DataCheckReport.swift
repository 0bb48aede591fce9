import Datasets
import Exporter

/// What a check of a folder of images found, for people.
struct DataCheckReport {
    private let check: ImageFolderCheck

    /// Longer lists are cut and counted.
    private static let shown = 10

    init(_ check: ImageFolderCheck) { self.check = check }

    var text: String {
        let folder = check.folder
        var totals = TextTable([("", .left), ("", .left)], titled: false)
        totals.add(["training images", folder.training.count.grouped])
        let split = folder.validationFolder.map { "in \($0)" } ?? "a share of \(folder.holdout) by the hash of each path"
        totals.add(["validation images", "\(folder.validation.count.grouped), \(split)"])
        totals.add(["classes", folder.classNames.count.grouped])
        if let sides = check.shorterSides {
            totals.add(["shorter side", "\(sides.least.grouped) to \(sides.most.grouped) pixels, median \(sides.median.grouped)"])
        }
        totals.add(["broken", check.broken.count.grouped])
        let copies = check.duplicates.count
        totals.add(["copies", "\(copies.grouped) image\(copies == 1 ? "" : "s") more than once"])
        if copies > 0 {
            totals.add(["  in both parts", check.leaks.count.grouped])
            totals.add(["  in several classes", check.contradictions.count.grouped])
        }
        var classes = TextTable([("class", .cut), ("training", .right), ("validation", .right)])
        for (label, name) in folder.classNames.enumerated().prefix(2 * Self.shown) {
            classes.add([name, folder.training.classCounts[label].grouped, folder.validation.classCounts[label].grouped])
        }
        let left = folder.classNames.count - 2 * Self.shown
        let lacking = list("Classes without training images", folder.classesWithoutTraining.map { "  \($0)" })
            + list("Classes without validation images", folder.classesWithoutValidation.map { "  \($0)" })
            + list("Classes with nearly the same name", folder.similarClasses.map { "  \($0.quoted)" })
        let broken = check.broken.map { String.entry("\($0.path):", $0.problem) }
        let leaks = check.leaks.map { leak in
            String.entry(
                folder[.validation].path(at: leak.validation.index), "is \(folder[.training].path(at: leak.training.index))")
        }
        let contradictions = check.contradictions.map { group in
            let paths = group.places.map { folder[$0.part].path(at: $0.index) }
            return String.entry(paths[0], "is " + paths.dropFirst().joined(separator: ", "))
        }
        let leftOut = folder.leftOut.map { String.entry("\($0.count) \($0.kind):", $0.shownExamples) }
        return totals.text + "\n" + classes.text + (left > 0 ? "and \(left.grouped) more class\(left == 1 ? "" : "es")\n" : "") + lacking
            + list("Broken", broken) + list("In training and in validation", leaks)
            + list("In several classes", contradictions) + list("Left out", leftOut)
    }

    private func list(_ title: String, _ entries: [String]) -> String {
        guard !entries.isEmpty else { return "" }
        return "\n\(title):\n" + entries.prefix(Self.shown).map { "\($0)\n" }.joined()
            + (entries.count > Self.shown ? "  and \((entries.count - Self.shown).grouped) more\n" : "")
    }
}
