import Engine
import Files

/// One pass over all state that changes from step to step: into a checkpoint, or back from one.
///
/// A run lists its state once, for both directions, so that exactly what is saved is restored:
///
///     try exchange.random("dropout", &dropout.random)
///     for parameter in parameters { try exchange.values(parameter.name, parameter.value) }
package protocol StateExchange {
    /// The values of a storage.
    mutating func values(_ name: String, _ storage: Storage) throws
    /// A value that fits into JSON.
    ///
    /// - Parameters:
    ///   - current: the present value.
    ///   - restore: sets it from the checkpoint; throws `FileError.invalid` for a value that it cannot have.
    mutating func scalar(_ name: String, _ current: JSON, restore: (JSONNode) throws -> Void) throws
}

extension StateExchange {
    /// A whole number that is not negative, and below the largest count of any run.
    package mutating func integer(_ name: String, _ value: inout Int) throws {
        var found = value
        try scalar(name, .integer(value)) { found = try $0.integer(in: 0...1 << 40) }
        value = found
    }

    /// A finite number.
    package mutating func number(_ name: String, _ value: inout Double) throws {
        var found = value
        try scalar(name, .number(value)) { found = try $0.number(in: -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude) }
        value = found
    }

    /// Numbers that may be infinite, which JSON represents as null.
    package mutating func losses(_ name: String, _ values: inout [Double]) throws {
        var found = values
        try scalar(name, .array(values.map { $0.isFinite ? .number($0) : .null })) { node in
            let limit = Double.greatestFiniteMagnitude
            found = try node.array { $0.isNull ? .infinity : try $0.number(in: -limit...limit) }
        }
        values = found
    }

    package mutating func random(_ name: String, _ source: inout RandomSource) throws {
        var found = source
        try scalar(name, .array(source.words.map { .string(String($0, radix: 16)) })) { node in
            let words = try node.array { word in
                guard let value = UInt64(try word.string(), radix: 16) else {
                    throw word.mismatch(expected: "a hexadecimal number of 64 bits")
                }
                return value
            }
            guard words.count == 4, words.contains(where: { $0 != 0 }) else {
                throw node.problem("expected the four words of a random source")
            }
            found = RandomSource(words: words)
        }
        source = found
    }
}

/// Writes state into a checkpoint.
package struct StateWriter: StateExchange {
    private(set) var state: [JSON.Member] = []
    private(set) var tensors: [Checkpoint.Tensor] = []
    /// One array for each tensor: a single growing array would exist twice whenever it moves.
    private(set) var values: [[UInt8]] = []

    package init() {}

    package mutating func values(_ name: String, _ storage: Storage) {
        tensors.append(Checkpoint.Tensor(name: name, count: storage.count))
        values.append(
            Array(UnsafeRawBufferPointer(UnsafeBufferPointer(start: storage.pointer, count: storage.count))))
    }

    package mutating func scalar(_ name: String, _ current: JSON, restore: (JSONNode) throws -> Void) {
        state.append(JSON.Member(key: name, value: current))
    }
}

/// Restores state from a checkpoint: everything must be read, in the order in which it was written.
package struct StateReader: StateExchange {
    private let checkpoint: Checkpoint
    private var nextScalar = 0
    private var nextTensor = 0

    package init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

    package mutating func values(_ name: String, _ storage: Storage) throws {
        let index = nextTensor
        nextTensor += 1
        guard index < checkpoint.tensors.count,
            checkpoint.tensors[index] == Checkpoint.Tensor(name: name, count: storage.count)
        else {
            let found = index < checkpoint.tensors.count ? checkpoint.tensors[index] : nil
            throw checkpoint.problem(
                "/tensors/\(index)",
                "expected \(name) of \(storage.count) values, found "
                    + (found.map { "\($0.name) of \($0.count)" } ?? "none"))
        }
        let count = storage.count * MemoryLayout<Float>.size
        checkpoint.values[index].withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: storage.pointer, count: count).copyMemory(from: $0)
        }
    }

    package mutating func scalar(_ name: String, _ current: JSON, restore: (JSONNode) throws -> Void) throws {
        let index = nextScalar
        nextScalar += 1
        guard index < checkpoint.state.count, checkpoint.state[index].key == name else {
            throw checkpoint.problem("/state/\(name)", "missing field \"\(name)\"")
        }
        try restore(JSONNode(checkpoint.state[index].value, path: checkpoint.path, pointer: "/state/\(name)"))
    }

    /// Checks that everything was read.
    ///
    /// - Throws: `FileError.invalid`.
    package func finish() throws(FileError) {
        if nextTensor < checkpoint.tensors.count {
            throw checkpoint.problem(
                "/tensors/\(nextTensor)", "\(checkpoint.tensors[nextTensor].name) is not part of this run")
        }
        if nextScalar < checkpoint.state.count {
            let name = checkpoint.state[nextScalar].key
            throw checkpoint.problem("/state/\(name)", "\(name) is not part of this run")
        }
    }
}
