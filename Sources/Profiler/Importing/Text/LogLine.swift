/// A line of what a program printed, without what a terminal, a log or a mail puts around it.
struct LogLine {
    /// In the file, from 1.
    let number: Int
    let text: Substring

    /// The lines of a text. The headings of `logcat -v long`, and the empty line that ends each of its messages, are
    /// left out, and so are the empty lines of a text whose line ends were doubled as it was pasted.
    static func lines(of text: String) -> [LogLine] {
        var lines: [LogLine] = []
        var isLong = false
        let all = text.textLines
        let areDoubled = all.areDoubled
        for (index, line) in all.enumerated() where !(areDoubled && index % 2 == 1) {
            let line = line.withoutColours
            if line.isLongHeading {
                if isLong, let last = lines.last, last.text.allSatisfy(\.isWhitespace) { lines.removeLast() }
                isLong = true
            } else {
                lines.append(LogLine(number: index + 1, text: line.withoutLogWords))
            }
        }
        return lines
    }
}

extension [Substring] {
    /// Whether every second line is empty, of more lines than stand so by chance.
    fileprivate var areDoubled: Bool {
        count > 8 && stride(from: 1, to: count, by: 2).allSatisfy { self[$0].allSatisfy(\.isWhitespace) }
    }
}

extension Substring {
    /// The line without the escape sequences with which programs colour a terminal (ECMA-48, control sequences).
    fileprivate var withoutColours: Substring {
        var line = self
        guard line.withUTF8({ $0.contains(0x1b) }) else { return self }
        var kept: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            guard byte == 0x1b, rest.first == UInt8(ascii: "[") else {
                kept.append(byte)
                continue
            }
            // Parameters, and the letter that ends them.
            rest = rest.dropFirst().drop { (0x20...0x3f).contains($0) }.dropFirst()
        }
        return Substring(String(decoding: kept, as: UTF8.self))
    }

    /// Whether the line is "[ 01-31 23:59:59.000  1234: 5678 I/tflite ]", after which `logcat -v long` has the message.
    fileprivate var isLongHeading: Bool {
        var scan = LogWords(rest: utf8)
        return scan.take("[") && scan.skipSpaces() && scan.takeDate() && scan.takeSpaces() && scan.takeDigits() && scan.take(":")
            && scan.skipSpaces() && scan.takeDigits() && scan.takeSpaces() && scan.takeLevel() && scan.take("/")
            && scan.takeWord() && scan.skipSpaces() && scan.take("]") && scan.skipSpaces() && scan.rest.isEmpty
    }

    /// The line without what a mail or a log puts before it: "> ", "INFO: ", and
    ///
    /// - Android's logcat: "01-31 23:59:59.000  1234  5678 I tflite  : ", with a year, a time zone, the user
    ///   ("u0_a123") or seconds since 1970 instead of the date; "I/tflite  (21767): ", with a date before it too;
    /// - Android Studio's: "2022-05-30 13:04:39.021 25935-25935 tflite   org.example.app   I  ", and the older
    ///   "2019-05-30 13:04:39.021 25935-25935/org.example.app I/tflite: ";
    /// - iOS's: "2020-10-28 14:41:14.151361+0800 Benchmark[3921:935759] ";
    /// - Abseil's and glog's: "I0131 23:59:59.000123    1234 tool.cc:890] ", TensorFlow's
    ///   "2024-01-31 23:59:59.000123: I tensorflow/tool.cc:890] ", and "INFO: [tool.cc:890] ";
    /// - a time alone: "[12:30:01] ", "2024-01-31T12:30:01.123Z ".
    fileprivate var withoutLogWords: Substring {
        var start = LogWords(rest: utf8)
        _ = start.take("\u{FEFF}")
        var quoted = start
        while quoted.skipSpaces(), quoted.take(">") { start = quoted }
        if start.rest.startIndex != utf8.startIndex { _ = start.take(" ") }
        for prefix in LogWords.prefixes {
            var scan = start
            if prefix(&scan) {
                start = scan
                break
            }
        }
        var scan = start
        scan.skipSpaces()
        guard scan.take("INFO: ") else { return Substring(start.rest) }
        var source = scan
        return Substring(source.take("[") && source.takeSource() ? source.rest : scan.rest)
    }
}

/// Reads a line from its start, byte by byte.
private struct LogWords {
    var rest: Substring.UTF8View

    /// The prefixes of logs; each returns whether the line has it, and then stands behind it.
    static let prefixes: [@Sendable (inout LogWords) -> Bool] = [
        // logcat with a thread, with a user too, and with a tag alone
        { $0.takeLogDate() && $0.takeSpaces() && $0.takeProcesses() && $0.takeLevel() && $0.take(" ") && $0.takeTag() },
        { $0.takeLogDate() && $0.takeSpaces() && $0.takeWord() && $0.takeSpaces() && $0.takeProcesses() && $0.takeLevel()
            && $0.take(" ") && $0.takeTag() },
        { $0.takeLogDate() && $0.takeSpaces() && $0.takeLevel() && $0.take("/") && $0.takeTag() },
        { $0.takeLevel() && $0.take("/") && $0.takeTag() },
        // Android Studio
        { $0.takeDate() && $0.takeSpaces() && $0.takeDigits() && $0.take("-") && $0.takeDigits() && $0.take("/")
            && $0.takeWord() && $0.takeSpaces() && $0.takeLevel() && $0.take("/") && $0.takeTag() },
        { $0.takeDate() && $0.takeSpaces() && $0.takeDigits() && $0.take("-") && $0.takeDigits() && $0.takeSpaces()
            && $0.takeWord() && $0.takeSpaces() && $0.takeWord() && $0.takeSpaces() && $0.takeLevel() && $0.take("  ") },
        // iOS
        { $0.takeDate() && $0.takeZone() && $0.take(" ") && $0.takeProcess() },
        // Abseil and glog, TensorFlow
        { $0.takeLevel() && $0.takeDigits(4) && $0.take(" ") && $0.takeClock() && $0.takeSpaces() && $0.takeDigits()
            && $0.take(" ") && $0.takeSource() },
        { $0.takeDate() && $0.take(": ") && $0.takeLevel() && $0.take(" ") && $0.takeSource() },
        // A time alone
        { $0.take("[") && $0.takeTime() && $0.take("]") && $0.takeEnd() },
        { $0.takeTime() && $0.takeEnd() },
    ]

    /// "01-31 23:59:59.000", with a year in front or without.
    mutating func takeDate() -> Bool {
        takeDay() && take(" ") && takeDigits(2) && take(":") && takeDigits(2) && take(":") && takeDigits(2) && take(".")
            && takeDigits()
    }

    /// A date, with a time zone after it or without, or "1706745599.000", seconds since 1970.
    mutating func takeLogDate() -> Bool {
        var epoch = self
        if epoch.takeDigits(10), epoch.take("."), epoch.takeDigits() {
            self = epoch
            return true
        }
        guard takeDate() else { return false }
        var zoned = self
        if zoned.take(" "), zoned.takeZone() { self = zoned }
        return true
    }

    /// "01-31", with a year in front or without.
    mutating func takeDay() -> Bool {
        var dated = self
        if dated.takeDigits(4), dated.take("-") { self = dated }
        return takeDigits(2) && take("-") && takeDigits(2)
    }

    /// "12:30:01", with a fraction or without.
    mutating func takeClock() -> Bool {
        guard takeDigits(2), take(":"), takeDigits(2), take(":"), takeDigits() else { return false }
        var fraction = self
        if fraction.take("."), fraction.takeDigits() { self = fraction }
        return true
    }

    /// A time, with a day in front or without, and a time zone after it or without: "2024-01-31T12:30:01.123Z".
    mutating func takeTime() -> Bool {
        var dated = self
        if dated.takeDay(), dated.take(" ") || dated.take("T") { self = dated }
        guard takeClock() else { return false }
        var zoned = self
        if zoned.take("Z") || zoned.takeZone() { self = zoned }
        return true
    }

    /// A space, or the end of the line.
    mutating func takeEnd() -> Bool { rest.isEmpty || take(" ") }

    /// "1234  5678 ", a process and its thread
    mutating func takeProcesses() -> Bool { takeDigits() && takeSpaces() && takeDigits() && take(" ") }

    /// "+0800"
    mutating func takeZone() -> Bool { (take("+") || take("-")) && takeDigits(4) }

    /// "Benchmark[3921:935759] "
    mutating func takeProcess() -> Bool {
        guard let end = rest.firstIndex(of: UInt8(ascii: "[")) else { return false }
        rest = rest[rest.index(after: end)...]
        guard takeDigits() else { return false }
        _ = take(":") && takeDigits()
        return take("] ")
    }

    /// "tflite  (21767): " or "tflite  : "
    mutating func takeTag() -> Bool {
        guard let end = rest.firstIndex(of: UInt8(ascii: ":")) else { return false }
        rest = rest[rest.index(after: end)...]
        _ = take(" ")
        return true
    }

    /// "folder/tool.cc:890] ", a place in a program
    mutating func takeSource() -> Bool {
        let name = rest.prefix { $0 != UInt8(ascii: ":") && $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "]") }
        guard name.contains(UInt8(ascii: ".")) else { return false }
        rest = rest[name.endIndex...]
        return take(":") && takeDigits() && take("]") && takeEnd()
    }

    /// At least one letter that is no space.
    mutating func takeWord() -> Bool {
        let before = rest.startIndex
        rest = rest.drop { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\t") }
        return rest.startIndex != before
    }

    mutating func takeSpaces() -> Bool {
        let before = rest.startIndex
        skipSpaces()
        return rest.startIndex != before
    }

    mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    /// So many digits, or at least one where the count is nil.
    mutating func takeDigits(_ count: Int? = nil) -> Bool {
        var found = 0
        while found != count, let byte = rest.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            rest.removeFirst()
            found += 1
        }
        return found == count ?? max(1, found)
    }

    /// A capital letter.
    mutating func takeLevel() -> Bool {
        guard let byte = rest.first, (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Always true, for a condition.
    @discardableResult
    mutating func skipSpaces() -> Bool {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        return true
    }
}
