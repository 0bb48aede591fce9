import Architectures
import ArgumentParser
import Datasets
import Engine
import Exporter
import Files
import Training

struct ClassifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify", abstract: "Classifies pictures with a trained network.",
        usage: "onepath classify [<options>] <pictures> ...",
        discussion: """
            The pictures are JPEG or PNG files of any size; the network sees the middle of each, as in evaluations. They are \
            normalised as the file of weights says, or as --image-mean and --image-std where it does not. What cannot be \
            read is reported, and the others are classified. Of a folder, all images in it and in its sub-folders are \
            classified, in the order of their names; other files are named and counted, and hidden ones ignored.
            """)

    @OptionGroup var network: NetworkOptions

    @Argument(help: "The pictures: JPEG or PNG files, or folders of them.", completion: .file(extensions: ["jpg", "jpeg", "png"]))
    var pictures: [String]

    @Option(help: "How many classes to show for each picture, the most likely first.")
    var top = 3

    @OptionGroup var resolution: ResolutionOption
    @OptionGroup var normalization: NormalizationOptions

    @Flag(help: "Print the result as one JSON document instead of a table.")
    var json = false

    func validate() throws {
        try network.check()
        if top < 1 { throw ValidationError("--top: expected at least 1, found \(top)") }
    }

    func run() throws {
        let files = try network.files
        let trained = try EvaluatedNetwork(
            files, normalization: normalization, resolution: resolution.resolution, batch: 1, threads: 1)
        var table = TextTable([("picture", .name(atLeast: 30)), ("class", .cut), ("%", .right)])
        var documents: [JSON] = [], folders: [PictureFolder] = [], unread: [JSON] = []
        var failure: FileError?
        func report(_ error: FileError, of path: String) {
            writeError("onepath: \(error)\n")
            unread.append(["path": .string(path), "problem": .string("\(error)")])
            failure = error
        }
        let listed = pictures.flatMap { path -> [String] in
            guard Folder.exists(at: path) else { return [path] }
            do throws(FileError) {
                folders.append(try PictureFolder(at: path))
                return folders[folders.count - 1].pictures
            } catch {
                report(error, of: path)
                return []
            }
        }
        for picture in listed {
            do throws(FileError) {
                let answer = try trained.answer(picture, top: top)
                for (place, one) in answer.enumerated() {
                    table.add([place == 0 ? picture : "", one.name, (100 * one.probability).fixed(1)])
                }
                let classes = answer.map { one -> JSON in
                    ["class": .string(one.name), "label": .integer(one.label), "probability": .number(one.probability)]
                }
                documents.append(["picture": .string(picture), "classes": .array(classes)])
            } catch {
                report(error, of: picture)
            }
        }
        if json {
            let document: JSON = [
                "pictures": .array(documents), "folders": .array(folders.map(\.json)), "unread": .array(unread),
            ]
            print(document.text(pretty: true))
        } else if !documents.isEmpty {
            print(table.text + folders.map(\.leftOutText).joined(), terminator: "")
        }
        guard let failure else { return }
        throw ExitCode(Onepath.exitStatus(of: failure) ?? 1)
    }
}

extension PictureFolder {
    fileprivate var json: JSON {
        [
            "folder": .string(path), "pictures": .integer(pictures.count), "left_out": .array(leftOut.map(\.json)),
        ]
    }

    /// What is no picture, for people; empty where there is nothing.
    fileprivate var leftOutText: String {
        leftOut.isEmpty
            ? ""
            : "\nLeft out of \(path):\n"
                + leftOut.map { String.entry("\($0.count) \($0.kind):", $0.shownExamples) + "\n" }.joined()
    }
}
