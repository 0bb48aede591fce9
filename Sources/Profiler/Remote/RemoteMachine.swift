import Files

/// What a device says of itself.
public struct RemoteMachine {
    /// Its name, its processors, and its load when it was asked.
    public let state: MachineState
    /// The processors as `DeviceFacts` reads them: /proc/cpuinfo, then the highest clock of each.
    public let cpuInfo: String
    /// What `uname -m` prints: "aarch64".
    let processor: String
    private let shell: any RemoteShell

    /// - Throws: `RemoteError`.
    init(_ shell: any RemoteShell) throws {
        self.shell = shell
        // Devices lack one or the other of these files, so a command may fail.
        func text(_ command: String) throws -> String {
            let output = try shell.run(command, seconds: 15)
            return output.status == 0 ? output.text.oneLine : ""
        }
        processor = try shell.text(of: "uname -m").oneLine
        cpuInfo = try shell.run(
            "cat /proc/cpuinfo; grep -H . /sys/devices/system/cpu/cpu*/cpufreq/cpuinfo_max_freq", seconds: 15).text
        let possible = try text("cat /sys/devices/system/cpu/possible")
        let listed = cpuInfo.split(whereSeparator: \.isNewline).count { $0.hasPrefix("processor") }
        let last = possible.split { $0 == "-" || $0 == "," }.last.flatMap { Int($0) }
        var name = ""
        if shell.isAndroid {
            name = try text("echo $(getprop ro.product.manufacturer) $(getprop ro.product.model)")
            let chip = try text("echo $(getprop ro.soc.model) $(getprop ro.board.platform)")
            if !chip.isEmpty { name += " (\(chip))" }
        } else {
            name = try text("tr -d '\\000' < /proc/device-tree/model")
        }
        state = MachineState(
            processor: name.isEmpty ? MachineState.processor(in: cpuInfo) : name,
            cores: max(1, last.map { $0 + 1 } ?? listed), vectorBits: MachineState.vectorBits(in: cpuInfo),
            clockGovernor: try text("cat /sys/devices/system/cpu/cpu0/cpufreq/scaling_governor").nilIfEmpty,
            load: Double(try text("cat /proc/loadavg").prefix { $0 != " " }))
    }

    /// The mask of `taskset` for a list of processors: "4-7" is "f0".
    ///
    /// - Parameter list: numbers and ranges, separated by commas.
    /// - Throws: `RemoteError.noProcessors` for another text, or for processors that the device lacks.
    func mask(ofCores list: String) throws -> String {
        let chosen = Set(try cores(in: list))
        let bits = (0..<state.cores).map(chosen.contains)
        // Four processors a digit, the last ones first.
        let digits = stride(from: 0, to: bits.count, by: 4).map { start in
            (start..<min(start + 4, bits.count)).reduce(0) { $0 + (bits[$1] ? 1 << ($1 - start) : 0) }
        }
        let text = digits.reversed().map { String($0, radix: 16) }.joined()
        return String(text.drop { $0 == "0" })
    }

    /// The highest clock of these processors; nil where the device does not tell it, or they differ.
    ///
    /// - Parameter list: as for `mask`.
    /// - Throws: `RemoteError.noProcessors`.
    public func clockGHz(ofCores list: String) throws -> Double? {
        let clocks = Set(try cores(in: list).map { core -> Double? in
            let mark = "/sys/devices/system/cpu/cpu\(core)/cpufreq/cpuinfo_max_freq:"
            let line = cpuInfo.split(whereSeparator: \.isNewline).first { $0.hasPrefix(mark) }
            return line.flatMap { Double($0.dropFirst(mark.count)) }.map { $0 / 1e6 }
        })
        return clocks.count == 1 ? clocks.first ?? nil : nil
    }

    private func cores(in list: String) throws -> [Int] {
        let known = 0..<state.cores
        return try list.split(separator: ",", omittingEmptySubsequences: false).flatMap { part -> ClosedRange<Int> in
            let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard let first = ends[0], let last = ends[ends.count - 1], ends.count <= 2, first <= last,
                known.contains(first), known.contains(last)
            else { throw RemoteError.noProcessors(device: shell.name, asked: list, count: state.cores) }
            return first...last
        }
    }

    /// Wakes the phone if its screen is off, because its processors are slow then.
    ///
    /// - Returns: whether it was off.
    /// - Throws: `RemoteError.screenOff` where it does not turn on.
    func wake() throws -> Bool {
        guard shell.isAndroid, try isAsleep() else { return false }
        _ = try shell.run("input keyevent KEYCODE_WAKEUP", seconds: 15)
        if try isAsleep() { throw RemoteError.screenOff(device: shell.name) }
        return true
    }

    /// What Android's power service says; a device without a screen says nothing.
    private func isAsleep() throws -> Bool {
        let text = try shell.run("dumpsys power | grep mWakefulness=", seconds: 15).text
        return text.contains("mWakefulness=Asleep") || text.contains("mWakefulness=Dozing")
    }
}

extension String {
    /// The text without white space at its ends, its lines joined.
    fileprivate var oneLine: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
