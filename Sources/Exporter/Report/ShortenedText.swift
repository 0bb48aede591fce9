package extension String {
    /// The text in at most `columns` columns, cut in the middle: the start tells what part of a model a name is of, and the
    /// end which of them, "features…block.3".
    func shortened(to columns: Int) -> String {
        count <= columns ? self : prefix(columns / 2) + "…" + suffix(columns - 1 - columns / 2)
    }
}
