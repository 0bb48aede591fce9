import Engine
import Files
import Glibc
import Synchronization

/// Lists the class folders of a data set on several threads, and joins what they hold in the order of the classes, so that
/// the lists do not depend on which thread was first.
final class ImageFolderListing: Sendable {
    /// What is in the folders that are joined so far.
    struct Lists: Sendable {
        var classNames: [String] = []
        var training = ImageFileColumns()
        var validation = ImageFileColumns()
        var leftOut: LeftOutTally
    }

    private struct State: Sendable {
        var lists: Lists
        /// The labels of the classes with training images, by the bytes of their names: names that look the same may be
        /// those of two folders, and a `String` takes them for one.
        var labels: [[UInt8]: UInt16] = [:]
        /// Validation folders whose class has no training images.
        var unknown: [String] = []
        /// How many folders are joined.
        var joined = 0
        /// Folders that were read before others that stand before them.
        var waiting: [Int: ClassFolderWalk] = [:]
        /// Why folders could not be read.
        var failures: [Int: FileError] = [:]
        /// Why joining has ended.
        var failure: FileError?
    }

    private let layout: ImageFolderLayout
    private let holdout: Double
    /// The class folders: those of training images first.
    private let folders: [(parent: ClassFolders, name: String)]
    private let ancestors: [OpenFolder.Identity]
    private let next = Atomic<Int>(0)
    private let hasFailed = Atomic<Bool>(false)
    private let state: Mutex<State>

    /// How many folders are joined.
    private let joined = Atomic<Int>(0)

    /// More threads wait for the disk, not for each other.
    private static let threadLimit = 8
    /// How many folders a thread may be ahead of the one that is joined next: those in between take memory twice.
    private static let lead = 64

    /// - Parameter holdout: the share of the training images that is kept for validation.
    init(_ layout: ImageFolderLayout, holdout: Double) {
        self.layout = layout
        self.holdout = holdout
        let parts = [layout.training, layout.validation].compactMap(\.self)
        folders = parts.flatMap { part in part.names.map { (part, $0) } }
        ancestors = OpenFolder.identities(upFrom: layout.path) + parts.flatMap { OpenFolder.identities(upFrom: $0.path) }
        state = Mutex(State(lists: Lists(leftOut: layout.leftOut)))
    }

    /// Reads all folders; to be called once.
    ///
    /// - Throws: `FileError` of the first folder, in the order of classes, that cannot be read; and for what is no data set.
    func lists(threads: Int) throws(FileError) -> Lists {
        ThreadPool(threads: max(1, min(threads, folders.count, Self.threadLimit))).run { _ in
            while !hasFailed.load(ordering: .relaxed) {
                let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
                if index >= folders.count { return }
                while index - joined.load(ordering: .relaxed) > Self.lead, !hasFailed.load(ordering: .relaxed) {
                    usleep(200)
                }
                let (parent, name) = folders[index]
                var folder: ClassFolderWalk?
                var failure: FileError?
                do throws(FileError) {
                    folder = try ClassFolderWalk(parent, class: name, root: layout.path, ancestors: ancestors)
                } catch {
                    failure = error
                }
                state.withLock { state in
                    // Handed over, not copied: joining frees what it has taken.
                    state.waiting[index] = folder.take()
                    state.failures[index] = failure
                    joinThoseThatAreNext(&state)
                    joined.store(state.joined, ordering: .relaxed)
                    // Those that stand before are being read already, so the first failure is the same every time.
                    if failure != nil || state.failure != nil { hasFailed.store(true, ordering: .relaxed) }
                }
            }
        }
        let final = state.withLock { $0 }
        if let failure = final.failure { throw failure }
        try check(final)
        return final.lists
    }

    private func joinThoseThatAreNext(_ state: inout State) {
        while state.failure == nil {
            state.failure = state.failures[state.joined]
            guard state.failure == nil, var folder = state.waiting.removeValue(forKey: state.joined) else { return }
            do throws(FileError) {
                try join(&folder, to: &state)
            } catch {
                state.failure = error
            }
            state.joined += 1
        }
    }

    /// Joins the folder that is next.
    private func join(_ folder: inout ClassFolderWalk, to state: inout State) throws(FileError) {
        let (parent, name) = folders[state.joined]
        state.lists.leftOut.add(folder.leftOut)
        if folder.images.count == 0 {
            if !folder.isRepeated { state.lists.leftOut.add(.emptyClass, parent.relativePath(of: name)) }
        } else if state.joined < layout.training.names.count {
            let label = UInt16(state.lists.classNames.count)
            state.lists.classNames.append(name)
            state.labels[Array(name.utf8)] = label
            let indices = split(folder.images, class: name)
            folder.images.move(indices, to: &state.lists.training, and: &state.lists.validation, label: label)
        } else if let label = state.labels[Array(name.utf8)] {
            let indices = (first: [Int32](), second: folder.images.sortedIndices)
            folder.images.move(indices, to: &state.lists.training, and: &state.lists.validation, label: label)
        } else {
            state.unknown.append(name)
        }
        try ClassFolderWalk.check(
            images: state.lists.training.count + state.lists.validation.count, others: state.lists.leftOut,
            in: layout.path)
    }

    /// The indices of the files of a class to train with, and of those that are held out; in the order of their paths.
    private func split(_ images: ImageFileColumns, class name: String) -> (first: [Int32], second: [Int32]) {
        var folder = PathHash()
        for byte in "\(name)/".utf8 { folder.add(byte) }
        var training = images.sortedIndices, heldOut: [Int32] = []
        if holdout == 0 { return (training, heldOut) }
        training.removeAll { index in
            var hash = folder
            for place in images.range(of: Int(index)) { hash.add(images.names[place]) }
            if hash.isHeldOut(holdout) {
                heldOut.append(index)
                return true
            }
            return false
        }
        return (training, heldOut)
    }

    /// Checks that the lists are a data set.
    private func check(_ state: State) throws(FileError) {
        let training = layout.training, classNames = state.lists.classNames
        if classNames.isEmpty {
            throw .invalid(
                path: training.path, place: "",
                problem: "expected JPEG or PNG images in class folders, found "
                    + FolderContents.summary(of: training.path))
        }
        if classNames.count == 1 {
            let count = state.lists.training.count + (layout.validation == nil ? state.lists.validation.count : 0)
            // As an archive is unpacked into a folder of its own.
            let path = "\(training.path)/\(classNames[0])", inner = try ClassFolders(at: path, name: nil).names
            throw .invalid(
                path: training.path, place: "",
                problem: "expected images of at least two classes, found one class folder with images, "
                    + "\"\(classNames[0])\" with \(count)" + (inner.isEmpty ? "" : "; if the classes are further down, give \(path)"))
        }
        guard let validation = layout.validation else { return }
        if let first = state.unknown.first {
            let others = state.unknown.count - 1
            // Equal as texts, and not as bytes.
            let advice: String? = classNames.contains(first)
                ? "rename it: a folder there has the same letters, which Unicode writes in two ways"
                : NearestText.question(on: first, among: classNames)
            let ending = advice.map { "; \($0)" } ?? ""
            throw .invalid(
                path: "\(validation.path)/\(first)", place: "",
                problem: "expected validation images of a class that has images in \(training.path), where there are "
                    + "none in \"\(first)\"" + (others > 0 ? " and \(others.counted("more folder"))" : "") + ending)
        }
        if state.lists.validation.count == 0 {
            throw .invalid(
                path: validation.path, place: "",
                problem: "expected JPEG or PNG images in class folders, found "
                    + FolderContents.summary(of: validation.path))
        }
    }
}
