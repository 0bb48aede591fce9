/// A figure over the steps or the epochs of a run.
public struct ReportCurve: Hashable, Sendable {
    /// What it is a figure of.
    public enum Kind: Hashable, Sendable {
        /// Of a step's batch, in nats.
        case crossEntropy
        /// Of the network that the indicators select, in milliseconds.
        case latency
        case learningRate
        /// Of the test images, in percent, after an epoch.
        case testAccuracy
    }

    public let kind: Kind
    /// The steps, or the epochs, from 1, ascending.
    public let places: [Int]
    /// One a place, finite.
    public let values: [Double]
    /// What is drawn as a line across and has the values' unit.
    public var target: Double?
    /// What else is to know of the values, in whole sentences.
    public var note: String?

    public init(_ kind: Kind, places: [Int], values: [Double]) {
        precondition(places.count == values.count, "ReportCurve: \(places.count) places and \(values.count) values")
        self.kind = kind
        self.places = places
        self.values = values
    }
}
