/// The attributes of a node, with the defaults of its operator.
extension ONNXNodeProto {
    func attribute(_ name: String) -> ONNXAttributeProto? { attribute.first { $0.name == name } }

    func int(_ name: String, default value: Int) -> Int {
        attribute(name).map { Int($0.i) } ?? value
    }

    func number(_ name: String, default value: Double) -> Double {
        attribute(name).map { Double($0.f) } ?? value
    }

    /// nil where the node has no such attribute.
    func ints(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map(Int.init) } }

    /// "" where the node has no such attribute.
    func text(_ name: String) -> String { attribute(name).map { String(decoding: $0.s, as: UTF8.self) } ?? "" }

    /// The name of the input at that index; nil where it is left out.
    func optionalInput(_ index: Int) -> String? {
        index < input.count && !input[index].isEmpty ? input[index] : nil
    }
}
