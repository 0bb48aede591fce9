import Architectures
import Glibc

/// What holds of all devices before any is looked at: the usual factor of every part, and how much factors, levels and
/// networks differ between groups of cores, families, cores, chips, devices and runtimes, as variances of logarithms.
///
/// The values maximise the probability of the published latencies of 49 Arm devices, each given the others, under the
/// prior that all parts vary alike; they are rounded. Those of families, cores, setups, int8 instructions and of the
/// bandwidth of one core were chosen by the errors on devices that were left out instead, because few outliers rule a
/// probability; the usual factors of depthwise windows by measured blocks, because whole networks do not tell windows
/// apart ("What was tried" in `devices/README.md`).
enum TransferPrior {
    /// The usual factor of every part, in the order of `KernelPart.allCases`.
    static let scales: [Double] = [
        0.819, -0.683, -0.852, 1.519, -1.351, 1.75, 2.0, 1.6, -1.782, 2.765, -1.155, 5.233, 0.808, 0.246,
        0.824, -0.975, 2.858, 3.062, -0.239, 4.603,
    ].map { exp($0) }

    /// How much the factor of a part varies, relative to the others.
    static let weights: [Double] = [
        0.55, 0.87, 1.35, 0.81, 1.04, 0.99, 0.96, 0.69, 0.98, 0.78, 0.97, 0.75, 1.04, 1.49, 0.89, 0.97, 1.46,
        1.28, 0.84, 1.04,
    ]

    /// How much factors differ: in common to all devices, by group of cores, family, core, chip, device, number of threads
    /// (in any data type), by runtime, and further by family and by device where several threads run.
    static let common = 0.208 * 0.208, group = 0.203 * 0.203, family = 0.18 * 0.18
    static let core = 0.15 * 0.15, chip = 0.12 * 0.12, device = 0.12 * 0.12
    static let setup = 0.03 * 0.03, runtime = 0.249 * 0.249, parallelFamily = 0.031 * 0.031
    static let parallelDevice = 0.033 * 0.033
    /// How much the factors of int8 kernels differ by the instructions that they are made of.
    static let int8Instructions = 0.224 * 0.224
    /// How much the level of all factors differs; `parallelRuntimeLevel` is what threads of their own do in a runtime.
    static let groupLevel = 0.5 * 0.5, familyLevel = 0.2 * 0.2, coreLevel = 0.12 * 0.12
    static let chipLevel = 0.137 * 0.137, deviceLevel = 0.084 * 0.084, setupLevel = 0.1 * 0.1
    static let runtimeLevel = 0.238 * 0.238, parallelRuntimeLevel = 0.1 * 0.1
    /// How much a network differs from the sum of its parts: everywhere, by group, family, core, device and number of threads.
    static let networkCommon = 0.276 * 0.276, networkGroup = 0.053 * 0.053, networkFamily = 0.044 * 0.044
    static let networkCore = 0.048 * 0.048, networkDevice = 0.046 * 0.046, networkSetup = 0.05 * 0.05
    /// How much the logarithms of `TransferMachine.covariates` tell.
    static let covariates = SIMD4(0.4 * 0.4, 0.2 * 0.2, 0.12 * 0.12, 0.3 * 0.3)
    /// What two runtimes have in common, of factors, of levels, and of what is peculiar to a network.
    static let factorsAcrossRuntimes = 0.459, levelsAcrossRuntimes = 0.901, networksAcrossRuntimes = 0.316
    /// The same of two data types of one runtime. Of 0.2 to 1 each, these were the best for ncnn in int8 where the float
    /// figures of a device are known that is left out; they matter little.
    static let factorsAcrossTypes = 0.9, levelsAcrossTypes = 0.97, networksAcrossTypes = 0.2
    /// What two instruction sets have in common, of all that devices share: their kernels are others.
    static let acrossArchitectures = 0.25
    /// The variance of a measurement.
    static let noise = 0.06 * 0.06
    /// The further variance of a block or an operator, which differs from its kind more than a whole network does.
    static let partVariance = 0.15 * 0.15
    /// How fast two networks lose their likeness with the distance of their shares.
    private static let distance = 0.124

    /// How much a network whose parts have these shares tells of another: from 0 to 1.
    static func likeness(_ one: [Double], _ other: [Double]) -> Double {
        let square = zip(one, other).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        return exp(-square / (2 * distance * distance))
    }

    /// The share of every part in the time of a network on the reference machine.
    static func referenceShares(of operators: [Operator]) -> [Double] {
        let times = zip(PartTimes.sums(operators, on: .reference), scales).map { $0 * $1 }
        let total = max(times.reduce(0, +), 1e-30)
        return times.map { $0 / total }
    }

    /// Mobile networks, whose mean uncertainty stands for that of a device.
    static let mobileNetworks = [
        "mobilenet", "mobilenet_v2", "mobilenet_v3", "shufflenet_v2", "mnasnet", "proxylessnasnet", "efficientnet_b0",
    ]
}
