import Glibc

/// The folders that come with the product: "devices", "searchspaces".
public enum ProductFolder {
    /// The path of a folder: in the current directory, or else in a directory above the program, where it is when the
    /// program was built in place. Returns the bare name where the folder is not found.
    public static func path(_ name: String) -> String { all(name).first ?? name }

    /// Every place where the folder exists, in the order in which to search them.
    public static func all(_ name: String) -> [String] {
        let found = access(name, F_OK) == 0 ? [name] : []
        var above = programPath
        while let slash = above.lastIndex(of: "/") {
            above = String(above[..<slash])
            if access("\(above)/\(name)", F_OK) == 0 { return found + ["\(above)/\(name)"] }
        }
        return found
    }

    private static var programPath: String {
        guard let path = realpath("/proc/self/exe", nil) else { return "" }
        defer { free(path) }
        return String(cString: path)
    }
}
