import Glibc

/// The folders that come with the product: "devices", "searchspaces".
public enum ProductFolder {
    /// The path of a folder: in the current directory, or else above the program's own, where it is when the program was
    /// built in place; the bare name where it is nowhere.
    public static func path(_ name: String) -> String { all(name).first ?? name }

    /// Every place where the folder is, the first one to look in first.
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
