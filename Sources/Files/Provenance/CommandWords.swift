/// A command line as a provenance stores it: words separated by spaces, in quotation marks where a shell would split
/// or change them.
public enum CommandWords {
    /// - Parameter words: the program first.
    public static func text(of words: [String]) -> String { words.map(quoted).joined(separator: " ") }

    /// The same command with every path reduced to its last name: "--space space.json" for
    /// "--space /home/me/space.json".
    public static func withoutFolders(_ text: String) -> String {
        words(of: text).map { word -> String in
            guard word.hasPrefix("-"), let sign = word.firstIndex(of: "=") else { return AbsolutePath.baseName(word) }
            return word[...sign] + AbsolutePath.baseName(String(word[word.index(after: sign)...]))
        }.map(quoted).joined(separator: " ")
    }

    private static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.unicodeScalars.allSatisfy {
            !$0.isASCII || $0.properties.isAlphabetic || ("0"..."9").contains($0) || "-_./=,:+@%".unicodeScalars.contains($0)
        }
        return isPlain ? word : "'" + word.replacing("'", with: #"'\''"#) + "'"
    }

    /// The words of a text that `text(of:)` made.
    private static func words(of text: String) -> [String] {
        var words: [String] = []
        var word: String?
        var isQuoted = false, isEscaped = false
        for character in text {
            if isEscaped {
                word = (word ?? "") + String(character)
                isEscaped = false
            } else if character == "'" {
                word = word ?? ""
                isQuoted.toggle()
            } else if isQuoted {
                word?.append(character)
            } else if character == "\\" {
                isEscaped = true
            } else if character == " " {
                if let word { words.append(word) }
                word = nil
            } else {
                word = (word ?? "") + String(character)
            }
        }
        return words + (word.map { [$0] } ?? [])
    }
}
