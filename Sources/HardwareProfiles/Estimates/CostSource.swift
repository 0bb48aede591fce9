/// The source of a cost.
public enum CostSource: String, Hashable, Sendable {
    /// A latency table of the device holds it.
    case measured
    /// A model that was fitted to the device's latency tables predicts it.
    case modelled
}
