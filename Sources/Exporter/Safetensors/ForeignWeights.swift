/// A file in the place of weights that is something else, recognised by its first bytes.
struct ForeignWeights {
    /// What it is, and what was expected.
    let sentence: String

    /// nil for a start that is none of those that are known here.
    init?(start: [UInt8]) {
        func begins(_ text: String) -> Bool { start.starts(with: text.utf8) }
        let found: String
        if begins("version https://git-lfs") {
            found = "a pointer of Git LFS; git lfs pull fetches the file itself"
        } else if begins("PK\u{3}\u{4}") {
            found = "a zip archive, such as torch.save makes; safetensors.torch.save_file(model.state_dict(), …) writes safetensors"
        } else if start.count >= 2, start[0] == 0x80, (2...5).contains(start[1]) {
            found = "a pickle, such as older versions of torch.save make, which may run any code and is not read; "
                + "safetensors.torch.save_file writes safetensors"
        } else if let first = start.first(where: { $0 > 0x20 }), first == UInt8(ascii: "<") {
            found = "a web page or XML, perhaps the page of the file instead of the file"
        } else if start.starts(with: [0x89, 0x48, 0x44, 0x46]) {
            found = "HDF5, in which Keras keeps weights"
        } else {
            return nil
        }
        sentence = "expected safetensors, found \(found)"
    }
}
