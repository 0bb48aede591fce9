import Files

/// Asks the system's package manager.
package enum InstalledPackage {
    /// The version of an installed Debian package; nil where there is no such package or no such package manager.
    static func version(of name: String) -> String? {
        guard let status = try? TextFile.read("/var/lib/dpkg/status", what: "package list") else { return nil }
        return version(of: name, in: status)
    }

    /// Reads the paragraphs of a dpkg status file (deb-control(5)).
    package static func version(of name: String, in status: String) -> String? {
        var isFound = false
        for line in status.textLines {
            if line.hasPrefix("Package: ") { isFound = line.dropFirst(9) == name }
            if isFound, line.hasPrefix("Version: ") { return String(line.dropFirst(9)) }
        }
        return nil
    }
}
