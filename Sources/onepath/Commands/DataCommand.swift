import ArgumentParser
import Datasets
import Exporter
import Files

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Looks at a folder of images before a training does.",
        subcommands: [DataCheckCommand.self])
}

struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Finds broken images, copies and odd files, and counts classes and sizes.",
        usage: "onepath data check <folder> [<options>]",
        discussion: """
            Decodes every image. With --sheet, writes a page with pictures of every class. Ends with status 65 where an \
            image is broken.
            """)

    @Argument(
        help: "The folder: JPEG or PNG images with one sub-folder for each class, below train and val, or alone.",
        completion: .directory)
    var folder: String

    @Option(help: "The HTML page to write.", completion: .file(extensions: ["html"]))
    var sheet: String?

    @OptionGroup var split: HoldoutOption
    @OptionGroup var provenanceOptions: ProvenanceOptions

    @Flag(help: "Print the result as one JSON document instead of tables.")
    var json = false

    /// The side of a picture on the page, and the number of pictures of a class.
    private static let pictureSide = 96, pictures = 8
    /// Classes with pictures: more make a page that nobody looks through.
    private static let pictured = 200

    func run() throws {
        let images = try ImageFolder(at: folder, holdout: split.share)
        if let sheet { try AtomicFile.checkWritable(sheet) }
        let check = check(images)
        if let sheet { try write(check, to: sheet) }
        if json {
            print(check.json.text(pretty: true))
        } else {
            print(DataCheckReport(check).text, terminator: "")
            if let sheet { print("The contact sheet is in \(sheet).") }
        }
        if !check.broken.isEmpty { throw ExitCode(Onepath.badInput) }
    }

    private func check(_ images: ImageFolder) -> ImageFolderCheck {
        var scan = ImageFolderScan(images)
        var display = ProgressDisplay()
        while let event = scan.next() {
            switch event {
            case .decoded(let done, let total, let broken):
                display.show(
                    fraction: Double(done) / Double(total), "\(done.grouped) of \(total.grouped) images, \(broken) broken")
            case .compared: break
            case .finished(let check): return check
            }
        }
        preconditionFailure("DataCheckCommand: a scan ended without a result")
    }

    private func write(_ check: ImageFolderCheck, to path: String) throws {
        let folder = check.folder, sound = check.soundFolder
        /// The path of a file in the folder; from there on where folders are not to be shown.
        func shown(_ path: String) -> String {
            let start = folder.path.hasSuffix("/") ? folder.path : folder.path + "/"
            guard provenanceOptions.shown(path: folder.path) != folder.path, path.hasPrefix(start) else { return path }
            return String(path.dropFirst(start.count))
        }
        var sheet = ContactSheet(
            title: provenanceOptions.shown(path: folder.path), provenance: provenanceOptions.provenance(inputs: []))
        sheet.classes = try folder.classNames.indices.map { label in
            let places = label < Self.pictured ? sound.training.spreadIndices(Self.pictures, ofClass: label) : []
            return ContactSheet.Class(
                name: folder.classNames[label], training: folder.training.classCounts[label],
                validation: folder.validation.classCounts[label],
                thumbnails: try places.map { place in
                    let path = sound.training.path(at: place)
                    return Thumbnail(
                        name: AbsolutePath.baseName(path),
                        bytes: try JPEGThumbnail.bytes(of: path, side: Self.pictureSide), format: .jpeg)
                })
        }
        sheet.shorterSides = check.shorterSides.map { .init(least: $0.least, median: $0.median, most: $0.most) }
        sheet.broken = check.broken.map { .init(path: shown($0.path), problem: $0.problem, found: $0.found) }
        sheet.copies = check.duplicates.map { group in
            func paths(_ part: ImageFolder.Part) -> [String] {
                group.places.filter { $0.part == part }.map { shown(folder[part].path(at: $0.index)) }
            }
            return ContactSheet.Copies(training: paths(.training), validation: paths(.validation))
        }
        sheet.leftOut = folder.leftOut.map(\.description)
        try sheet.writeHTML(to: path)
    }
}
