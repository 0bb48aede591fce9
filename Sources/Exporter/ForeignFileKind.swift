import Files

extension FileKind {
    /// What a file is that was given in the place of a model or of its weights.
    ///
    /// - Parameter remedy: what writes the expected file where there is one that PyTorch has written.
    func described(remedy: String) -> String {
        switch self {
        case .zip, .torch: "\(self); \(remedy)"
        case .pickle: "\(self), such as older versions of torch.save make, which may run any code and is not read; \(remedy)"
        case .tfLite: "\(self), which onepath evaluate --tflite reads"
        default: description
        }
    }
}
