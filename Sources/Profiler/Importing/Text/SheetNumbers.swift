/// How a sheet writes its numbers: whether the point or the comma is the decimal sign. The other one may only stand
/// between thousands.
///
/// A spreadsheet program writes all of a sheet with the settings of one country. The cells tell which: "0,5" and
/// "12,25" have a decimal comma, "8.5" and "1,234.5" a decimal point, and "1,234" alone may be either.
struct SheetNumbers {
    /// A number that may mean two things.
    struct Unclear: Error {
        let reason: String
    }

    /// A cell with its line in the file.
    typealias Place = (cell: String, line: Int)

    private enum Decimal {
        case point, comma
        /// No cell tells.
        case unknown
        /// Some cells have the one, and some the other.
        case both(point: Place, comma: Place)
    }

    private let decimal: Decimal

    /// - Parameters:
    ///   - cells: of all columns of numbers.
    ///   - separator: what stands between the cells of the file.
    init(cells: [Place], separator: Character) {
        var point: Place?, comma: Place?
        var hasUnclearPoint = false, hasUnclearComma = false
        for place in cells {
            switch Mantissa(of: place.cell)?.decimal {
            case .known(".")?: point = point ?? place
            case .known(_)?: comma = comma ?? place
            case .either(".")?: hasUnclearPoint = true
            case .either(_)?: hasUnclearComma = true
            case .some(.absent), nil: break
            }
        }
        switch (point, comma) {
        case (let point?, let comma?): decimal = .both(point: point, comma: comma)
        case (nil, _?): decimal = .comma
        case (_?, nil): decimal = .point
        case (nil, nil):
            if !hasUnclearComma {
                decimal = .point
            } else {
                // Programs separate cells by semicolons where the comma is the decimal sign.
                decimal = separator == ";" && !hasUnclearPoint ? .comma : .unknown
            }
        }
    }

    /// The number of a cell with a decimal point and nothing between thousands; nil for a cell that is no number.
    ///
    /// - Throws: `Unclear` where the cell may mean two things.
    func plain(_ cell: String) throws(Unclear) -> String? {
        guard let mantissa = Mantissa(of: cell) else { return nil }
        if mantissa.decimal == .absent { return mantissa.text(decimal: ".") }
        let both = "\(mantissa.text(decimal: ".")) or \(mantissa.text(decimal: ","))"
        switch decimal {
        case .point: return mantissa.text(decimal: ".")
        case .comma: return mantissa.text(decimal: ",")
        case .unknown:
            throw Unclear(reason: "\"\(cell)\" may be \(both), and no other number of the sheet tells which")
        case .both(let point, let comma):
            // Someone typed into a sheet of another country; "4,2" and "0.25" mean one thing each all the same.
            if case .known(let sign) = mantissa.decimal { return mantissa.text(decimal: sign) }
            throw Unclear(
                reason: "\"\(cell)\" may be \(both), and the sheet has decimal points (\"\(point.cell)\" on line \(point.line)) "
                    + "and decimal commas (\"\(comma.cell)\" on line \(comma.line))")
        }
    }
}

/// The parts of a number with points or commas: "-1.234,5E+03".
private struct Mantissa {
    /// Which sign is the decimal one.
    enum Decimal: Equatable {
        /// There are neither points nor commas.
        case absent
        case known(Character)
        /// There is one sign, three digits before the end: decimal, or between thousands.
        case either(Character)
    }

    private let sign: Substring
    private let digits: Substring
    private let exponent: Substring
    let decimal: Decimal

    /// nil for a cell that is no number, or has signs where no country has them.
    init?(of cell: String) {
        sign = cell.prefix { $0 == "-" || $0 == "+" }
        digits = cell.dropFirst(sign.count).prefix { Self.isDigit($0) || $0 == "." || $0 == "," }
        exponent = cell.dropFirst(sign.count + digits.count)
        guard sign.count <= 1, digits.contains(where: Self.isDigit), Self.isExponent(exponent) else { return nil }
        let signs = digits.filter { !Self.isDigit($0) }
        guard let last = signs.last else {
            decimal = .absent
            return
        }
        let groups = digits.split(omittingEmptySubsequences: false) { !Self.isDigit($0) }
        if signs.count == 1 {
            let isGrouped = Self.areGroups(groups) && exponent.isEmpty
            decimal = isGrouped ? .either(last) : .known(last)
        } else if signs.allSatisfy({ $0 == last }) {
            // "1,234,567"
            guard Self.areGroups(groups), exponent.isEmpty else { return nil }
            decimal = .known(last == "." ? "," : ".")
        } else {
            // "1,234.5"
            guard signs.dropLast().allSatisfy({ $0 != last }), Self.areGroups(groups.dropLast()) else { return nil }
            decimal = .known(last)
        }
    }

    /// The number with a decimal point, where `decimal` is the decimal sign of the sheet.
    func text(decimal: Character) -> String {
        let plain = String(digits.filter { Self.isDigit($0) || $0 == decimal }.map { $0 == decimal ? "." : $0 })
        let start = plain.hasPrefix(".") ? "0" : "", end = plain.hasSuffix(".") ? "0" : ""
        return (sign == "-" ? "-" : "") + start + plain + end + String(exponent)
    }

    private static func isDigit(_ character: Character) -> Bool { ("0"..."9").contains(character) }

    /// Whether a text is empty or "E+03".
    private static func isExponent(_ text: Substring) -> Bool {
        guard let first = text.first else { return true }
        let signed = text.dropFirst()
        let digits = signed.first == "+" || signed.first == "-" ? signed.dropFirst() : signed
        return (first == "e" || first == "E") && !digits.isEmpty && digits.allSatisfy(isDigit)
    }

    /// Whether these are one to three digits, not from 0 on, and then three each.
    private static func areGroups<Groups: Collection<Substring>>(_ groups: Groups) -> Bool {
        guard let first = groups.first, (1...3).contains(first.count), first.first != "0" else { return false }
        return groups.dropFirst().allSatisfy { $0.count == 3 }
    }
}
