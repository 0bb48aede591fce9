extension String {
    /// As a file's name: letters, digits and dots, and a dash for all between.
    var fileName: String {
        split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") }.joined(separator: "-")
    }
}
