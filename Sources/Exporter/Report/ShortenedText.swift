package extension String {
    /// The end of the text, where the names that a model gives its nodes differ, in at most `columns` columns.
    func shortened(to columns: Int) -> String {
        count <= columns ? self : "…" + suffix(columns - 1)
    }
}
