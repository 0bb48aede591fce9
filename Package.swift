// swift-tools-version: 6.0
import PackageDescription

// Building, testing and running need no documentation plugin, so it is a dependency only where the environment asks for
// it: make reference.
let documentation: [Package.Dependency] = Context.environment["ONEPATH_DOCC"] == "1"
    ? [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0")] : []

let package = Package(
    name: "onepath",
    products: [
        .executable(name: "onepath", targets: ["onepath"]),
        .library(name: "Onepath", targets: [
            "Files", "Architectures", "Graphs", "Quantization", "TFLite", "HardwareProfiles", "Profiler", "Engine", "Datasets",
            "Training", "SupernetSearch", "Runs", "Benchmarks", "Exporter",
        ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ] + documentation,
    targets: [
        .systemLibrary(name: "CJSON", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
        .systemLibrary(name: "CMessageDigest", pkgConfig: "libmd", providers: [.apt(["libmd-dev"])]),
        .systemLibrary(name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CScheduling"),
        .systemLibrary(name: "CSPNG", pkgConfig: "spng", providers: [.apt(["libspng-dev"])]),
        .systemLibrary(name: "CTurboJPEG", pkgConfig: "libturbojpeg", providers: [.apt(["libturbojpeg0-dev"])]),
        .systemLibrary(name: "CXNNPACK", providers: [.apt(["libxnnpack-dev", "libpthreadpool-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CKernels"),
        .target(name: "CTFLite", exclude: ["model.fbs", "metadata.fbs"]),

        .target(name: "Files", dependencies: ["CJSON", "CMessageDigest"]),
        .target(name: "Architectures", dependencies: ["Files"]),
        .target(name: "Graphs", dependencies: ["Architectures"]),
        .target(name: "TFLite", dependencies: [
            "Architectures", "COpenBLAS", "CTFLite", "CZlib", "Files", "Graphs", "Quantization",
        ]),
        .target(name: "HardwareProfiles", dependencies: ["Architectures", "COpenBLAS", "Files"]),
        .target(name: "Profiler", dependencies: [
            "Architectures", "HardwareProfiles", "CScheduling", "CXNNPACK", "Files",
            .product(name: "Yams", package: "Yams"),
        ]),
        .target(name: "Engine", dependencies: ["CKernels", "COpenBLAS", "CScheduling"]),
        .target(name: "Datasets", dependencies: ["CKernels", "CSPNG", "CTurboJPEG", "CZlib", "Engine", "Files"]),
        .target(name: "Training", dependencies: ["Architectures", "Engine", "Datasets", "Files"]),
        .target(name: "SupernetSearch", dependencies: [
            "Architectures", "HardwareProfiles", "Engine", "Datasets", "Training", "Files",
        ]),
        .target(name: "Runs", dependencies: [
            "Architectures", "HardwareProfiles", "Engine", "Datasets", "Training", "SupernetSearch", "Files",
        ]),
        .target(name: "Benchmarks", dependencies: [
            "Architectures", "HardwareProfiles", "Engine", "Datasets", "Training", "SupernetSearch", "Runs", "Files",
        ]),
        .target(name: "Quantization", dependencies: [
            "Architectures", "COpenBLAS", "Datasets", "Engine", "Files", "Training",
        ]),
        .target(name: "Exporter", dependencies: [
            "Architectures", "Files", "Graphs", "Quantization", "TFLite",
            .product(name: "SwiftProtobuf", package: "swift-protobuf"),
        ], exclude: ["ONNX/Onnx.proto", "TensorBoard/Event.proto"]),
        .executableTarget(name: "onepath", dependencies: [
            "Architectures", "HardwareProfiles", "Profiler", "Engine", "Datasets", "Training", "SupernetSearch", "Runs",
            "Benchmarks", "Exporter", "Files", "Quantization", "TFLite",
            .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),

        .target(name: "TestSupport", dependencies: [
            "Architectures", "HardwareProfiles", "Engine", "Datasets", "Training", "SupernetSearch", "Files", "CSPNG",
            "CTurboJPEG",
        ], path: "Tests/TestSupport"),
        .testTarget(name: "FilesTests", dependencies: ["Files", "TestSupport"]),
        .testTarget(name: "ArchitecturesTests", dependencies: ["Architectures", "Files", "TestSupport"]),
        .testTarget(name: "HardwareProfilesTests", dependencies: [
            "HardwareProfiles", "Architectures", "Files", "TestSupport",
        ]),
        .testTarget(name: "ProfilerTests", dependencies: [
            "Profiler", "Architectures", "Engine", "Files", "HardwareProfiles", "Quantization", "TestSupport",
        ]),
        .testTarget(name: "EngineTests", dependencies: ["Engine", "CKernels", "CScheduling", "TestSupport"]),
        .testTarget(name: "DatasetsTests", dependencies: [
            "Datasets", "CSPNG", "CTurboJPEG", "Engine", "Files", "TestSupport",
        ], exclude: ["Images", "Vectors"]),
        .testTarget(name: "TrainingTests", dependencies: [
            "Training", "Architectures", "Engine", "Datasets", "Files", "TestSupport",
        ]),
        .testTarget(name: "SupernetSearchTests", dependencies: [
            "SupernetSearch", "Architectures", "HardwareProfiles", "Engine", "Datasets", "Training", "Files", "TestSupport",
        ], exclude: ["Vectors"]),
        .testTarget(name: "RunsTests", dependencies: [
            "Runs", "Architectures", "Datasets", "HardwareProfiles", "Training", "SupernetSearch", "Files", "TestSupport",
        ]),
        .testTarget(name: "BenchmarksTests", dependencies: [
            "Benchmarks", "Architectures", "HardwareProfiles", "Datasets", "Runs", "Training", "SupernetSearch", "TestSupport",
        ]),
        .testTarget(name: "QuantizationTests", dependencies: [
            "Quantization", "Architectures", "Datasets", "Engine", "Exporter", "Files", "Training", "TestSupport",
        ]),
        .testTarget(name: "GraphsTests", dependencies: ["Graphs", "Architectures", "TestSupport"]),
        .testTarget(name: "TFLiteTests", dependencies: [
            "TFLite", "Architectures", "Engine", "Files", "Graphs", "Quantization", "TestSupport",
        ]),
        .testTarget(name: "ExporterTests", dependencies: [
            "Exporter", "Architectures", "Engine", "Files", "Graphs", "HardwareProfiles", "Quantization", "TFLite",
            "Training", "TestSupport",
        ]),
        .testTarget(name: "ExamplesTests", dependencies: [
            "Architectures", "Benchmarks", "Datasets", "Engine", "Exporter", "Files", "Graphs", "HardwareProfiles", "Profiler",
            "Quantization", "Runs", "SupernetSearch", "TFLite", "Training", "TestSupport",
        ]),
        .testTarget(name: "CommandLineTests", dependencies: [
            "Architectures", "Datasets", "Exporter", "Files", "HardwareProfiles", "Runs", "SupernetSearch", "TFLite", "Training", "TestSupport", "onepath",
        ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
