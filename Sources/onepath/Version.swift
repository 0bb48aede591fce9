extension Onepath {
    /// Of the product, as `onepath --version` prints it; the only place that states it.
    static let version = "0.3.0"
}
