import ArgumentParser
import Datasets

/// How training images change each time they are used.
struct AugmentationOptions: ParsableArguments {
    enum Named: String, ExpressibleByArgument, CaseIterable {
        case photo, fashionMNIST = "fashion-mnist", none

        var value: Augmentation {
            switch self {
            case .photo: .photo
            case .fashionMNIST: .fashionMNIST
            case .none: .none
            }
        }
    }

    @Option(help: "Augmentation: \(Named.allCases.map(\.rawValue).joined(separator: ", ")) (default: what suits the data).")
    var augmentation: Named?

    @Option(
        help: ArgumentHelp(
            "Augmentation: crop a random part of the image's area (photo: 0.25-1; 1-1 crops nothing).", valueName: "from-to"),
        transform: { text in
            let bounds = text.split(separator: "-", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
            guard bounds.count == 2, bounds[0] > 0, bounds[0] <= bounds[1], bounds[1] <= 1 else {
                throw ValidationError("expected two numbers above 0 and at most 1, such as 0.25-1, found \(text)")
            }
            return bounds[0]...bounds[1]
        })
    var cropArea: ClosedRange<Double>?

    @Option(help: "Augmentation: largest change of brightness, contrast and saturation (photo: 0.2).")
    var jitter: Double?

    @Option(help: "Augmentation: largest random shift, in pixels (fashion-mnist: 2; small pictures: an eighth of their side).")
    var maximumShift: Int?

    @Option(help: "Augmentation: side of the square that is erased, in pixels (default: 0).")
    var erasedSide: Int?

    @Option(
        help: ArgumentHelp(
            "Augmentation: how likely two images exchange a rectangle and that part of their classes, as CutMix does (default: 0).",
            valueName: "probability"))
    var cutmix: Double?

    @Flag(inversion: .prefixedNo, help: "Augmentation: mirror every second image at random (default: --mirror).")
    var mirror: Bool?

    /// An augmentation with what was given instead.
    func applied(to usual: Augmentation) -> Augmentation {
        var result = augmentation?.value ?? usual
        if let cropArea { result.cropArea = cropArea == 1...1 ? nil : cropArea }
        if let jitter { result.jitter = jitter }
        if let maximumShift { result.maximumShift = maximumShift }
        if let erasedSide { result.erasedSide = erasedSide }
        if let cutmix { result.cutMix = cutmix }
        if let mirror { result.mirror = mirror }
        return result
    }
}
