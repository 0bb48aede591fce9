import Files

/// Which processors a program was built for, read from the head of its ELF file (System V ABI, chapter 4).
public enum Executable: Hashable, Sendable, CustomStringConvertible {
    case arm64, arm32, x8664, x86, riscV, loongArch
    /// Another number of the ELF format.
    case other(Int)

    /// - Returns: nil for a file that is no ELF file, such as a script.
    /// - Throws: `FileError` where the file cannot be read.
    public init?(contentsOf path: String) throws {
        self.init(head: try BinaryFile.read(path, what: "program"))
    }

    /// - Parameter head: the first 20 bytes at least.
    package init?(head: [UInt8]) {
        guard head.count >= 20, head[0] == 0x7F, Array(head[1...3]) == Array("ELF".utf8) else { return nil }
        let isLittle = head[5] != 2
        let machine = isLittle ? Int(head[18]) | Int(head[19]) << 8 : Int(head[19]) | Int(head[18]) << 8
        switch machine {
        case 183: self = .arm64
        case 40: self = .arm32
        case 62: self = .x8664
        case 3: self = .x86
        case 243: self = .riscV
        case 258: self = .loongArch
        default: self = .other(machine)
        }
    }

    public var description: String {
        switch self {
        case .arm64: "64-bit Arm (arm64-v8a)"
        case .arm32: "32-bit Arm (armeabi-v7a)"
        case .x8664: "x86-64"
        case .x86: "32-bit x86"
        case .riscV: "RISC-V"
        case .loongArch: "LoongArch"
        case .other(let machine): "ELF machine \(machine)"
        }
    }

    /// Whether processors with that name run it: what `uname -m` prints. Most 64-bit systems run 32-bit programs too.
    package func runs(on machine: String) -> Bool {
        switch machine {
        case "aarch64", "arm64": self == .arm64 || self == .arm32
        // A 32-bit system on a 64-bit processor.
        case "armv8l": self == .arm32
        case let name where name.hasPrefix("arm"): self == .arm32
        case "x86_64", "amd64": self == .x8664 || self == .x86
        case "i386", "i586", "i686": self == .x86
        case let name where name.hasPrefix("riscv"): self == .riscV
        case let name where name.hasPrefix("loongarch"): self == .loongArch
        // Nothing is known of it, so the device itself may say.
        default: true
        }
    }
}
