import Files

/// A setting that is invalid, alone or together with another, as one sentence that a person can act on.
public struct ConfigurationError: Error, Hashable, CustomStringConvertible, Sendable {
    /// The name in `config.json`: "warm_up_fraction".
    public let setting: String
    public let expected: String
    public let found: String

    public var description: String { "\(setting): expected \(expected), found \(found)" }

    /// - Throws: the error that `expected` ("a number from 1 to 10000") should have been found, unless `holds`.
    package static func check(
        _ setting: String, _ holds: Bool, expected: String, found: some CustomStringConvertible
    ) throws(ConfigurationError) {
        if !holds { throw ConfigurationError(setting: setting, expected: expected, found: "\(found)") }
    }
}

extension JSONNode {
    /// Reads an object of settings with `body`.
    ///
    /// - Throws: what `body` throws; a `ConfigurationError` becomes the `FileError.invalid` of its field.
    package func settings<Result>(_ body: (JSONNode) throws -> Result) throws -> Result {
        do {
            return try body(self)
        } catch let error as ConfigurationError {
            let field = try members().first { $0.key == error.setting }?.node ?? self
            throw field.problem("expected \(error.expected), found \(error.found)")
        }
    }
}
