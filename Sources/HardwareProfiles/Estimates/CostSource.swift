/// The source of a cost.
public enum CostSource: String, Hashable, Sendable {
    /// A latency table of the device holds it.
    case measured
    /// A model that was fitted to the device's latency tables predicts it.
    case modelled
    /// The same, but most of the time is of operators far from all that the model was fitted to: of other kinds, or of shapes
    /// that differ by more than a factor of two.
    case extrapolated
}
