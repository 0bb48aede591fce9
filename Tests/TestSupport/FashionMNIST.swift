import Datasets

/// The images of Fashion-MNIST, read once for all tests.
public enum FashionMNIST {
    private static let source = Result { try ImageDataSource(named: "fashion-mnist") }

    public static var training: ImageDataset { get throws { try source.get().training } }
    public static var test: ImageDataset { get throws { try source.get().test } }
}
