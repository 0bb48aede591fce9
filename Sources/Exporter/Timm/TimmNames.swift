import Architectures

/// The names of an architecture's tensors in timm's EfficientNet and MobileNetV3.
///
/// A stage of timm is one of `timmStages`; stages and their blocks are counted from 0. A block without an expansion
/// convolution is timm's depthwise-separable one. A head with a product after the pool is that of timm's MobileNetV3:
/// its convolution is a last stage, and the product is called `conv_head`. An architecture without a head is timm's
/// MobileNetV1.
struct TimmNames {
    /// timm's name for every name of `weightTensors`.
    let names: [String: String]

    static let stem = "conv_stem.weight"
    /// PyTorch's counter in every batch normalisation, which evaluation does not need.
    static let ignoredSuffix = ".num_batches_tracked"

    /// - Throws: as `TimmNetwork` does, for an architecture with a head that has no product after the pool.
    init(_ architecture: Architecture) throws(TimmError) {
        let isMobileNetV3 = architecture.head?.pooledChannels != nil
        if architecture.head != nil, !isMobileNetV3 { _ = try TimmNetwork(architecture) }
        var names: [String: String] = [:]
        func addNormalization(_ name: String, _ timm: String) {
            for (part, other) in [
                ("scale", "weight"), ("offset", "bias"), ("mean", "running_mean"), ("variance", "running_var"),
            ] {
                names["\(name).\(part)"] = "\(timm).\(other)"
            }
        }
        func addDense(_ name: String, _ timm: String) {
            names["\(name).weights"] = "\(timm).weight"
            names["\(name).bias"] = "\(timm).bias"
        }
        names["stem.convolution"] = Self.stem
        addNormalization("stem.normalization", "bn1")
        for (stage, blocks) in architecture.timmStages.enumerated() {
            for (index, (name, block)) in blocks.enumerated() {
                let timm = "blocks.\(stage).\(index)"
                let expands = block.expandConvolution
                if expands {
                    names["\(name).expand"] = "\(timm).conv_pw.weight"
                    addNormalization("\(name).expand_normalization", "\(timm).bn1")
                }
                names["\(name).depthwise"] = "\(timm).conv_dw.weight"
                addNormalization("\(name).depthwise_normalization", "\(timm).\(expands ? "bn2" : "bn1")")
                addDense("\(name).squeeze", "\(timm).se.conv_reduce")
                addDense("\(name).excite", "\(timm).se.conv_expand")
                names["\(name).project"] = "\(timm).\(expands ? "conv_pwl" : "conv_pw").weight"
                addNormalization("\(name).project_normalization", "\(timm).\(expands ? "bn3" : "bn2")")
            }
        }
        if isMobileNetV3 {
            let last = "blocks.\(architecture.timmStages.count).0"
            names["head.convolution"] = "\(last).conv.weight"
            addNormalization("head.normalization", "\(last).bn1")
            addDense("head.pooled", "conv_head")
        } else {
            names["head.convolution"] = "conv_head.weight"
            addNormalization("head.normalization", "bn2")
        }
        addDense("classifier", "classifier")
        self.names = names
    }

    /// timm's name of a tensor.
    subscript(tensor: WeightTensor) -> String {
        guard let name = names[tensor.name] else { preconditionFailure("TimmNames: no name for \(tensor.name)") }
        return name
    }

    /// The shape in timm: that of a convolution for all but vectors and the classifier.
    func shape(of tensor: WeightTensor) -> [Int] {
        tensor.name == "classifier.weights" ? [tensor.shape[1], tensor.shape[0]] : tensor.channelsFirstShape
    }
}
