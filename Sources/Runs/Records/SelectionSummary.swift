import Architectures
import Files
import SupernetSearch

/// The selection of a search, and how stable it is over the last epoch so far of the search phase.
public struct SelectionSummary: Hashable, Sendable {
    /// One searchable layer.
    public struct Layer: Hashable, Sendable {
        public let name: String
        /// The choice that was found, or of the last logged step: "5x5 e6" or "skip"; the parts that are on, where nothing is
        /// found and the space is not known.
        public let choice: String
        /// The part of the window's logged steps in which the layer had this choice, 0...1; nil where there are none, or
        /// where what they had is not known.
        public let share: Double?
        /// The logged step since which the layer has had this choice; the last one where only the comparison of candidates
        /// after it found it.
        public let since: Int
    }

    /// The window's logged steps, from first to last; nil before the indicators decide.
    public let window: ClosedRange<Int>?
    /// The number of logged steps of the window.
    public let loggedSteps: Int
    /// How often the selected architecture changed from one of them to the next.
    public let changes: Int
    public let layers: [Layer]

    /// nil where nothing is logged.
    init?(_ record: RunRecord) {
        guard let last = record.steps.last else { return nil }
        let search = record.phases.first { $0.phase == .search }?.start ?? record.plannedSteps
        let fineTune = record.phases.first { $0.phase == .fineTune }?.start ?? record.plannedSteps
        let end = min(last.step, fineTune)
        let logged = record.steps.filter { $0.step > max(search, end - record.stepsPerEpoch) && $0.step <= end }
        window = logged.first.map { $0.step...(logged.last ?? $0).step }
        loggedSteps = logged.count
        changes = zip(logged, logged.dropFirst()).count { $0.indicators != $1.indicators }

        let space = record.provenance.searchSpace(named: record.space)?.space.searchableLayers ?? []
        let network = record.found?.network
        var names: [String] = []
        for indicator in last.indicators where names.last != indicator.layer { names.append(indicator.layer) }
        layers = names.map { name in
            let layer = space.first { $0.name == name }
            let found = network?.layers.first { $0.name == name }?.choice
            let choice = found ?? last.choice(of: name, in: layer)
            let before = record.steps.lastIndex { $0.choice(of: name, in: layer) != choice }
            // Without the space, steps tell parts, and no choice.
            let isKnown = !logged.isEmpty && (found == nil || layer != nil)
            return Layer(
                name: name, choice: choice,
                share: isKnown
                    ? Double(logged.count { $0.choice(of: name, in: layer) == choice }) / Double(logged.count) : nil,
                since: record.steps[min(before.map { $0 + 1 } ?? 0, record.steps.count - 1)].step)
        }
    }

    var json: JSON {
        [
            "window": window.map { [.integer($0.lowerBound), .integer($0.upperBound)] } ?? .null,
            "logged_steps": .integer(loggedSteps), "changes": .integer(changes),
            "layers": .array(layers.map {
                [
                    "name": .string($0.name), "choice": .string($0.choice),
                    "share": $0.share.map(JSON.number) ?? .null, "since": .integer($0.since),
                ]
            }),
        ]
    }
}

extension LoggedStep {
    /// The choice that the indicators of a layer select.
    ///
    /// - Parameter layer: of the space; nil where the space is not known, or is not the one of the search.
    fileprivate func choice(of name: String, in layer: SearchSpace.Layer?) -> String {
        let parts = indicators.filter { $0.layer == name }
        guard let layer, let found = LayerIndicators(parts: parts.map { ($0.part, $0.isOn) }, of: layer) else {
            // What is nested in something that is off does not count. Of blocks, the smallest stands last.
            var closed: Set<String> = [], nested = parts
            if let first = PartNames.presence(among: parts.map(\.part)), PartNames.axis(of: parts[first].part) == "block" {
                nested.insert(nested.remove(at: first), at: 0)
            }
            let on = nested.filter { part in
                let axis = PartNames.axis(of: part.part)
                if !part.isOn { closed.insert(axis) }
                return !closed.contains(axis)
            }.map { $0.part.replacing("_", with: " ") }
            return on.isEmpty ? "none" : on.joined(separator: ", ")
        }
        return layer.text(of: found.choice(layer.axisParts))
    }
}
