import Datasets
import Exporter
import Files

extension WeightsFile {
    /// Whether the network was trained with as many classes as the images have, and with others, where both have names.
    func hasOtherClasses(than images: ImageDataSource) -> Bool { firstOtherClass(of: images) != nil }

    /// Checks that images have the classes that the network was trained with, where both have names.
    ///
    /// - Parameter data: the images as they were given, for the error.
    /// - Throws: `FileError.invalid` with the first class that is another.
    func checkClasses(of images: ImageDataSource, at data: String) throws(FileError) {
        guard let (label, expected, found) = firstOtherClass(of: images) else { return }
        throw .invalid(
            path: data, place: "class \(label)",
            problem: "expected \"\(expected)\", as the network was trained with, found \"\(found)\"")
    }

    /// nil also where the numbers of classes differ, or names are not known.
    private func firstOtherClass(of images: ImageDataSource) -> (label: Int, expected: String, found: String)? {
        guard let expected = classNames, let found = images.classNames, expected.count == found.count,
            let label = expected.indices.first(where: { expected[$0] != found[$0] })
        else { return nil }
        return (label, expected[label], found[label])
    }
}
