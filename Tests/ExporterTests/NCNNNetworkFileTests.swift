import Architectures
import Exporter
import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("Networks in ncnn's text format")
struct NCNNNetworkFileTests {
    private static func text(_ name: String) throws -> String {
        NCNNNetworkFile(try Architecture(contentsOf: ShippedFiles.reference(name)).network).text
    }

    @Test("read back, have the multiply-accumulates and the weights of the network")
    func roundTrip() throws {
        let references = try ShippedFiles.references().map { try Architecture(contentsOf: $0).network }
        let spaces = try ShippedFiles.spaces().flatMap { path in
            let space = try SearchSpace(contentsOf: path)
            return [space.largest.network, space.smallest.network]
        }
        for network in references + spaces {
            let text = NCNNNetworkFile(network).text
            let read = try NCNNParamFile(text: text, path: "network.param")
            #expect(read.unknown.isEmpty && read.network.macs == network.macs, "\(network.name)")
            #expect(read.network.input == network.input && read.network.classes == network.classes)
            #expect(
                MemoryFootprint(read.network, type: .float32).arenaBytes
                    == MemoryFootprint(network, type: .float32).arenaBytes, "\(network.name)")
            let kinds = [Operator.Kind.convolution, .depthwiseConvolution, .fullyConnected]
            func layers(_ network: Network) -> [[Int]] {
                network.layers.flatMap(\.operators).filter { kinds.contains($0.kind) }.map { step in
                    // A fully connected operator reads the map that is pooled as a vector.
                    [step.window.count, step.stride, step.input.channels, step.output.channels, step.output.height, step.macs]
                }
            }
            #expect(layers(read.network) == layers(network), "\(network.name)")
            #expect(text.contains(" output 0=\(network.classes) 1=1 2="), "\(network.name)")
        }
    }

    @Test("fuse the activations that ncnn's layers have, and split what several layers read")
    func lines() throws {
        let lines = try Self.text("mobilenet-v3-small").split(separator: "\n").map(String.init)
        #expect(lines[0] == "7767517")
        let blobs = lines.dropFirst(2).reduce(0) { sum, line in sum + (Int(line.split(separator: " ")[3]) ?? 0) }
        #expect(lines[1] == "\(lines.count - 2) \(blobs)")
        #expect(lines[2] == "Input layer0 0 1 input 0=224 1=224 2=3")
        #expect(lines[3] == "Convolution layer1 1 1 input 1 0=16 1=3 3=2 4=1 5=1 6=432 9=6 -23310=2,0.16666667,0.5")
        #expect(lines[4] == "ConvolutionDepthWise layer2 1 1 1 2 0=16 1=3 3=2 4=1 5=1 6=144 7=16 9=1")
        // The squeeze-excite: pooled, two products, the gate, and a factor for each channel.
        #expect(lines[5] == "Split split2 1 2 2 2_1 2_2")
        #expect(lines[6..<12].map { $0.split(separator: " ")[0] } == [
            "Pooling", "InnerProduct", "InnerProduct", "HardSigmoid", "Reshape", "BinaryOp",
        ])
        #expect(lines[11] == "BinaryOp layer8 2 1 2_2 7 8 0=2")
        let read = lines.flatMap { line -> [Substring] in
            let words = line.split(separator: " ")
            guard words.count > 4, let count = Int(words[2]) else { return [] }
            return Array(words[4..<4 + count])
        }
        #expect(Set(read).count == read.count, "no blob is read twice")
        let plain = try Self.text("mobilenet-v2")
        #expect(plain.contains(" 9=3 -23310=2,0.0,6.0\n") && !plain.contains("9=1\n"))
        #expect(try Self.text("efficientnet-b0").contains("\nSwish "))
    }
}
