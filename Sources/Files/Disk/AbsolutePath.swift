import Glibc

/// Paths that mean the same from every folder.
public enum AbsolutePath {
    /// The absolute path of what is at `path`, with links followed (`realpath`, POSIX.1-2017); where nothing is there,
    /// `path` appended to the current folder.
    public static func of(_ path: String) -> String {
        if let resolved = text(realpath(path, nil)) { return resolved }
        guard !path.isEmpty, !path.hasPrefix("/"), let folder = text(getcwd(nil, 0)) else { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// The last name of a path: "space.json" of "/home/me/space.json".
    public static func baseName(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Copies a text that the system has allocated, and frees it.
    private static func text(_ allocated: UnsafeMutablePointer<CChar>?) -> String? {
        guard let allocated else { return nil }
        defer { free(allocated) }
        return String(cString: allocated)
    }
}
