import Architectures
import Exporter
import Files
import Testing

@Suite("ncnn models")
struct NCNNParamFileTests {
    private let model = """
        7767517
        11 12
        Input            data      0 1 data 0=224 1=224 2=3
        Convolution      conv1     1 1 data a 0=32 1=3 3=2 4=1 5=1 6=864 9=1
        Split            split     1 2 a a0 a1
        ConvolutionDepthWise dw    1 1 a0 b 0=32 1=3 3=1 4=1 5=1 6=288 7=32 9=1
        Convolution      pw        1 1 b c 0=32 1=1 5=1 6=1024
        BinaryOp         add       2 1 a1 c d 0=0
        Slice            cut       1 2 d e f -23300=2,-233,-233
        Concat           cat       2 1 e f g
        Pooling          pool      1 1 g h 0=1 4=1
        InnerProduct     fc        1 1 h i 0=1000 1=1 2=32000
        Softmax          prob      1 1 i out
        """

    @Test("that attends to more keys than a blob can have is refused with its line")
    func attention() throws {
        let text = """
            7767517
            6 6
            Input q 0 1 q 0=1 1=1 2=2147483647
            Input k 0 1 k 0=1 1=1 2=1
            Input v 0 1 v 0=2147483647 1=1 2=1
            Input a 0 1 a 0=1 1=2147483647 2=1
            Input b 0 1 b 0=1 1=2147483647 2=1
            SDPA s 5 1 q k v a b o 7=1
            """
        #expect { try NCNNParamFile(text: text, path: "net.param") } throws: {
            "\($0)".contains("line 8: the layer s (SDPA) makes a blob of")
        }
    }

    @Test("are read layer by layer, with the shapes that follow")
    func layers() throws {
        let file = try NCNNParamFile(text: model, path: "folder/net.param")
        let steps = file.network.layers.flatMap(\.operators)
        #expect(file.network.name == "net" && file.unknown.isEmpty && file.network.classes == 1000)
        #expect(steps.map(\.kind) == [
            .convolution, .depthwiseConvolution, .convolution, .elementwise, .memoryMove, .concatenate, .globalAveragePool,
            .fullyConnected, .softmax,
        ])
        #expect(steps[0].output == FeatureShape(height: 112, width: 112, channels: 32))
        #expect(steps[0].activation == .relu && steps[5].output.channels == 32)
        #expect(file.network.macs == 112 * 112 * (32 * 27 + 32 * 9 + 32 * 32) + 32000)
    }

    @Test("with layers that are not known are priced as traffic, and it is said")
    func unknown() throws {
        let file = try NCNNParamFile(text: model.replacing("Softmax ", with: "Mystery "), path: "net.param")
        #expect(file.unknown == ["Mystery": ["prob"]])
    }

    @Test("that are damaged are refused with the line", arguments: [
        ("7767517", "1234567", "line 1"), ("11 12", "12 12", "line 2"), ("0=224 1=224 2=3", "0=0", "line 3"),
        ("1 1 a0 b", "1 1 zz b", "line 6"), ("7=32", "7=5", "line 6"), ("0=32 1=3 3=2", "0=32 1=0 3=2", "line 4"),
        ("0=32 1=3 3=2 4=1", "0=32 1=999 3=2 4=1", "line 4"), ("2 1 a1 c d", "2 1 a1", "line 8"), ("0=32 1=1", "0=32 x=1", "line 7"),
    ])
    func damaged(old: String, new: String, place: String) {
        let text = model.replacing(old, with: new, maxReplacements: 1)
        #expect {
            try NCNNParamFile(text: text, path: "net.param")
        } throws: { "\($0)".contains(place) }
    }

    @Test("with more layers than they count are read as far as ncnn runs them, and it is said")
    func moreLayers() throws {
        let file = try NCNNParamFile(text: model.replacing("11 12", with: "10 12"), path: "net.param")
        let whole = try NCNNParamFile(text: model, path: "net.param")
        #expect(file.network.layers.count == whole.network.layers.count - 1 && whole.assumptions.isEmpty)
        #expect(file.assumptions == ["line 2 counts 10 layers, and 11 follow: the first 10 are priced, as ncnn runs no others"])
    }

    @Test("are read behind blank lines and a byte order mark")
    func start() throws {
        let plain = try NCNNParamFile(text: model, path: "net.param")
        for prefix in ["\n \n", "\u{FEFF}", "\u{FEFF}\r\n"] {
            #expect(try NCNNParamFile(text: prefix + model, path: "net.param") == plain)
        }
    }

    @Test("of other programs and times are refused for what they are", arguments: [
        ("3 4\nInput data 0 1 data 0=224 1=224 2=3\n", "found 3 4; a file of before ncnn had that line must be converted anew"),
        (
            "7767517\n2 1\npnnx.Input pnnx_input_0 0 1 0 #0=(1,3,224,224)f32\nnn.ReLU relu 1 1 0 1\n",
            "line 3: expected ncnn's layers, found pnnx's own"
        ),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n", "found a pointer of Git LFS, whose file"),
        ("\n\n <html>", "line 3: expected 7767517"), ("", "found an empty file"),
        ("\n7767517\n9 9\nInput a 0 1 a 0=4\nReLU b 1 1 a c\n", "line 3: expected the"),
    ])
    func foreign(text: String, sentence: String) {
        #expect {
            try NCNNParamFile(text: text, path: "net.param")
        } throws: { "\($0)".contains(sentence) }
    }

    @Test("never crash when cut or changed anywhere")
    func mutations() {
        for length in stride(from: 0, to: model.count, by: 7) {
            _ = try? NCNNParamFile(text: String(model.prefix(length)), path: "x")
            for digit in ["-", "9", "="] {
                let start = model.index(model.startIndex, offsetBy: length)
                var text = model
                text.replaceSubrange(start...start, with: digit)
                _ = try? NCNNParamFile(text: text, path: "x")
            }
        }
    }
}
