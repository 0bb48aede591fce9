import Glibc

/// Numbers as people read them.
package extension Double {
    /// With so many digits after the point.
    func fixed(_ digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 1e15 else { return "\(self)" }
        let whole = Int(scaled)
        let text = String(repeating: "0", count: max(0, digits + 1 - String(whole).count)) + String(whole)
        let sign = self < 0 && whole != 0 ? "-" : ""
        return digits == 0 ? sign + text : sign + text.dropLast(digits) + "." + text.suffix(digits)
    }

    /// With so many digits that count, and never fewer than stand before the point: 0.599, 80.4, 2,259.
    func significant(_ digits: Int) -> String {
        guard self != 0, isFinite else { return self == 0 ? "0" : "\(self)" }
        let exponent = Int(log10(magnitude).rounded(.down))
        guard (-9..<15).contains(exponent) else {
            // Rounded, the mantissa may have one digit more.
            let mantissa = (self / pow(10, Double(exponent))).fixed(max(0, digits - 1))
            return "\(mantissa)e\(exponent)"
        }
        let decimals = digits - 1 - exponent
        return decimals > 0 ? fixed(decimals) : Int(rounded()).grouped
    }

    /// A time in seconds as "2:05" or "1:02:05".
    var clock: String {
        let seconds = Int(rounded())
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let minutes = seconds / 60
        return minutes < 60
            ? "\(minutes):\(two(seconds % 60))" : "\(minutes / 60):\(two(minutes % 60)):\(two(seconds % 60))"
    }
}

package extension Int {
    /// With a comma between thousands: 4,421,616.
    var grouped: String {
        let digits = String(magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (self < 0 ? "-" : "") + text
    }

    /// Bytes as mebibytes: 16.87.
    var mebibytes: String { (Double(self) / 1_048_576).fixed(2) }
}
