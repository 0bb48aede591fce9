// swift-tools-version: 6.0
import PackageDescription

let package = Package(
    name: "onepath",
    products: [
        .executable(name: "onepath", targets: ["onepath"]),
        .library(name: "Onepath", targets: [
            "JSONDocuments", "Architectures", "HardwareProfiles", "Profiler", "Engine", "Datasets", "SupernetSearch",
            "Exporter",
        ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CJSON", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
        .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CScheduling"),
        .systemLibrary(name: "CXNNPACK", providers: [.apt(["libxnnpack-dev", "libpthreadpool-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels"),

        .target(name: "JSONDocuments", dependencies: ["CJSON", "CMessageDigest"]),
        .target(name: "Architectures", dependencies: ["JSONDocuments"]),
        .target(name: "HardwareProfiles", dependencies: ["Architectures", "JSONDocuments"]),
        .target(name: "Profiler", dependencies: [
            "Architectures", "HardwareProfiles", "CScheduling", "CXNNPACK", "JSONDocuments",
            .product(name: "Yams", package: "Yams"),
        ]),
        .target(name: "Engine", dependencies: ["CKernels", "COpenBLAS"]),
        .target(name: "Datasets", dependencies: ["CZlib", "Engine", "JSONDocuments"]),
        .target(name: "SupernetSearch", dependencies: [
            "Architectures", "HardwareProfiles", "Engine", "Datasets", "JSONDocuments",
        ]),
        .target(name: "Exporter", dependencies: [
            "Architectures", "JSONDocuments", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ], exclude: ["ONNX/Onnx.proto", "TensorBoard/Event.proto"]),
        .executableTarget(name: "onepath", dependencies: [
            "Architectures", "HardwareProfiles", "Profiler", "Engine", "Datasets", "SupernetSearch", "Exporter",
            "JSONDocuments", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),

        .target(name: "TestSupport", dependencies: ["Engine", "JSONDocuments"], path: "Tests/TestSupport"),
        .testTarget(name: "JSONDocumentsTests", dependencies: ["JSONDocuments", "TestSupport"]),
        .testTarget(name: "ArchitecturesTests", dependencies: ["Architectures", "JSONDocuments", "TestSupport"]),
        .testTarget(name: "HardwareProfilesTests", dependencies: [
            "HardwareProfiles", "Architectures", "JSONDocuments", "TestSupport",
        ]),
        .testTarget(name: "ProfilerTests", dependencies: [
            "Profiler", "Architectures", "Engine", "JSONDocuments", "TestSupport",
        ]),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "CKernels", "TestSupport"]),
        .testTarget(name: "DatasetsTests", dependencies: ["Datasets", "Engine", "JSONDocuments", "TestSupport"]),
        .testTarget(name: "SupernetSearchTests", dependencies: [
            "SupernetSearch", "Architectures", "HardwareProfiles", "Engine", "Datasets", "JSONDocuments", "TestSupport",
        ], exclude: ["Vectors"]),
        .testTarget(name: "ExporterTests", dependencies: [
            "Exporter", "Architectures", "Engine", "JSONDocuments", "SupernetSearch", "TestSupport",
        ]),
        .testTarget(name: "CommandLineTests", dependencies: ["Architectures", "Exporter", "JSONDocuments", "TestSupport", "onepath"]),
    ],
    swiftLanguageModes: [.v6]
)
