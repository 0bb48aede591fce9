import Engine

/// How many values there are in the storages that anything holds, however deep, scratch aside: found by reflection, so
/// that none is left out.
public struct StoredValues {
    public private(set) var count = 0
    private var seen: Set<ObjectIdentifier> = []

    public init(in root: Any) { add(root) }

    private mutating func add(_ value: Any) {
        let mirror = Mirror(reflecting: value)
        if mirror.displayStyle == .class {
            let isNew = seen.insert(ObjectIdentifier(value as AnyObject)).inserted
            guard isNew, !(value is ExecutionContext) else { return }
            let isPiece = mirror.children.contains {
                $0.label == "owner" && !Mirror(reflecting: $0.value).children.isEmpty
            }
            if let storage = value as? Storage, !isPiece { count += storage.count }
        }
        for child in mirror.children { add(child.value) }
    }
}
