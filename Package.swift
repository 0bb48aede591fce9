// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "onepath",
    products: [
        .library(name: "Onepath", targets: ["JSONDocuments", "Architectures", "Engine", "Datasets"]),
    ],
    targets: [
        .systemLibrary(name: "CJSON", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
        .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels"),

        .target(name: "JSONDocuments", dependencies: ["CJSON", "CMessageDigest"]),
        .target(name: "Architectures", dependencies: ["JSONDocuments"]),
        .target(name: "Engine", dependencies: ["CKernels", "COpenBLAS"]),
        .target(name: "Datasets", dependencies: ["CZlib", "Engine", "JSONDocuments"]),

        .testTarget(name: "JSONDocumentsTests", dependencies: ["JSONDocuments"]),
        .testTarget(name: "ArchitecturesTests", dependencies: ["Architectures", "JSONDocuments"]),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "CKernels"]),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Engine", "JSONDocuments"]),
    ],
    swiftLanguageModes: [.v6]
)
