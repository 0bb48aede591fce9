import ArgumentParser

/// Numbers in one argument: "1.2,1.6,2".
struct NumberList {
    let numbers: [Double]

    init(argument text: String) throws {
        numbers = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let number = Double(part), number.isFinite, number >= 0 else {
                throw ValidationError("expected numbers separated by commas, found \"\(text)\"")
            }
            return number
        }
        if Set(numbers).count < numbers.count {
            throw ValidationError("expected numbers that differ, found \(text)")
        }
    }
}
