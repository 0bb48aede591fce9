import Exporter
import Testing

@Suite("The shapes of ncnn's blobs")
struct NCNNShapeTests {
    /// One answer of ncnn's.
    struct Answer: Sendable, CustomTestStringConvertible {
        let input, output: String
        /// The lines from the blob "in" to the blob "y".
        let layers: [String]

        init(row: Substring) {
            let fields = row.split(separator: " | ").map(String.init)
            (input, output) = (fields[0], fields[1])
            layers = Array(fields[2...])
        }

        var testDescription: String { "\(layers.joined(separator: " | ")) makes \(output) of \(input)" }

        /// The values of the answer.
        var count: Int { output.split(separator: "x").compactMap { Int($0) }.reduce(1, *) }

        /// The parameters of a blob of those sides, the outermost first.
        static func parameters(_ sides: String) -> String {
            let sides = sides.split(separator: "x").map(String.init)
            let keys = [[0], [1, 0], [2, 1, 0], [2, 11, 1, 0]][sides.count - 1]
            return zip(keys, sides).map { "\($0)=\($1)" }.joined(separator: " ")
        }

        /// The layers, and after them a blob of the shape that ncnn has, joined to theirs.
        var model: String {
            let lines =
                ["Input input 0 1 in \(Self.parameters(input))"] + layers
                + ["MemoryData data 0 1 expected \(Self.parameters(output))", "Concat join 2 1 y expected joined 0=0"]
            return "7767517\n\(lines.count) 99\n" + lines.joined(separator: "\n")
        }
    }

    @Test("follow from layer to layer as ncnn computes them", arguments: answers)
    func shapes(answer: Answer) throws {
        // A join along the outermost side takes equal numbers of sides alone, and equal inner ones.
        let file = try NCNNParamFile(text: answer.model, path: "net.param")
        #expect(file.unknown.isEmpty && file.network.classes == 2 * answer.count, "\(file.network.classes)")
    }

    @Test("never crash when a layer is changed anywhere")
    func mutations() {
        var read = 0
        for answer in Self.answers {
            let model = answer.model
            for place in stride(from: 12, to: model.count, by: 5) {
                let start = model.index(model.startIndex, offsetBy: place)
                for change in ["-", "0", "99999999", "-233"] {
                    var text = model
                    text.replaceSubrange(start...start, with: change)
                    if let file = try? NCNNParamFile(text: text, path: "x"), file.network.macs >= 0 { read += 1 }
                }
            }
        }
        #expect(read > 0)
    }

    static let answers = table.split(separator: "\n").map { Answer(row: $0) }

    /// What ncnn 1.0.20261020 answers: the sides of the input, of the answer, and the layers.
    static let table = """
        3x4x5 | 3x4x5 | Permute p 1 1 in y 0=0
        3x4x5 | 3x5x4 | Permute p 1 1 in y 0=1
        3x4x5 | 4x3x5 | Permute p 1 1 in y 0=2
        3x4x5 | 4x5x3 | Permute p 1 1 in y 0=3
        3x4x5 | 5x3x4 | Permute p 1 1 in y 0=4
        3x4x5 | 5x4x3 | Permute p 1 1 in y 0=5
        4x5 | 4x5 | Permute p 1 1 in y 0=0
        4x5 | 5x4 | Permute p 1 1 in y 0=1
        2x3x4x5 | 2x3x4x5 | Permute p 1 1 in y 0=0
        2x3x4x5 | 2x3x5x4 | Permute p 1 1 in y 0=1
        2x3x4x5 | 2x4x3x5 | Permute p 1 1 in y 0=2
        2x3x4x5 | 2x4x5x3 | Permute p 1 1 in y 0=3
        2x3x4x5 | 2x5x3x4 | Permute p 1 1 in y 0=4
        2x3x4x5 | 2x5x4x3 | Permute p 1 1 in y 0=5
        2x3x4x5 | 3x2x4x5 | Permute p 1 1 in y 0=6
        2x3x4x5 | 3x2x5x4 | Permute p 1 1 in y 0=7
        2x3x4x5 | 3x4x2x5 | Permute p 1 1 in y 0=8
        2x3x4x5 | 3x4x5x2 | Permute p 1 1 in y 0=9
        2x3x4x5 | 3x5x2x4 | Permute p 1 1 in y 0=10
        2x3x4x5 | 3x5x4x2 | Permute p 1 1 in y 0=11
        2x3x4x5 | 4x2x3x5 | Permute p 1 1 in y 0=12
        2x3x4x5 | 4x2x5x3 | Permute p 1 1 in y 0=13
        2x3x4x5 | 4x3x2x5 | Permute p 1 1 in y 0=14
        2x3x4x5 | 4x3x5x2 | Permute p 1 1 in y 0=15
        2x3x4x5 | 4x5x2x3 | Permute p 1 1 in y 0=16
        2x3x4x5 | 4x5x3x2 | Permute p 1 1 in y 0=17
        2x3x4x5 | 5x2x3x4 | Permute p 1 1 in y 0=18
        2x3x4x5 | 5x2x4x3 | Permute p 1 1 in y 0=19
        2x3x4x5 | 5x3x2x4 | Permute p 1 1 in y 0=20
        2x3x4x5 | 5x3x4x2 | Permute p 1 1 in y 0=21
        2x3x4x5 | 5x4x2x3 | Permute p 1 1 in y 0=22
        2x3x4x5 | 5x4x3x2 | Permute p 1 1 in y 0=23
        3x4x5 | 3 | Pooling p 1 1 in y 0=1 4=1
        3x4x5 | 3x1x1 | Pooling p 1 1 in y 0=1 7=1 8=1
        3x4x5 | 3x3x2 | Pooling p 1 1 in y 0=1 7=1 8=2 18=3
        3x4x5 | 3x4x2 | Pooling p 1 1 in y 0=1 7=1 8=2 18=-233
        3x4x5 | 3x2x5 | Pooling p 1 1 in y 0=1 7=1 8=-233 18=2
        3x4x5 | 3x2x3 | Pooling p 1 1 in y 0=0 1=2 2=2
        3x4x5 | 3x2x2 | Pooling p 1 1 in y 0=0 1=2 2=2 5=1
        3x4x5 | 3x2x3 | Pooling p 1 1 in y 0=0 1=2 2=2 5=2
        3x4x5 | 3x2x3 | Pooling p 1 1 in y 0=0 1=3 2=2 3=1 5=1
        3x4x5 | 7 | InnerProduct f 1 1 in y 0=7 2=420
        4x5 | 4x7 | InnerProduct f 1 1 in y 0=7 2=35
        4x5 | 7 | InnerProduct f 1 1 in y 0=7 2=140
        5 | 7 | InnerProduct f 1 1 in y 0=7 2=35
        1x5 | 1x7 | InnerProduct f 1 1 in y 0=7 2=35
        3x4x5 | 60 | Flatten f 1 1 in y
        2x3x4x5 | 120 | Flatten f 1 1 in y
        3x4x5 | 12x5 | Reshape r 1 1 in y 0=0 1=-1
        3x4x5 | 60 | Reshape r 1 1 in y 0=-1
        3x4x5 | 3x2x10 | Reshape r 1 1 in y 0=10 1=2 2=-1
        3x4x5 | 3x4x5 | Reshape r 1 1 in y 0=0 1=0 2=0
        3x4x5 | 3x2x2x5 | Reshape r 1 1 in y 0=5 1=2 11=2 2=-1
        20 | 1x1x20 | Reshape r 1 1 in y 0=0 1=0 2=-1
        3x4x5 | 60 | Reshape r 1 1 in y 0=5 2=12
        1x1x6 | 6 | Squeeze s 1 1 in y -23303=2,0,1
        1x1x6 | 6 | Squeeze s 1 1 in y 0=1 1=1 2=1
        3x4x1 | 3x4 | Squeeze s 1 1 in y -23303=1,-1
        3x1x4 | 3x4 | Squeeze s 1 1 in y -23303=1,1
        3x1x4 | 3x4 | Squeeze s 1 1 in y 1=1
        3x1x4 | 3x1x4 | Squeeze s 1 1 in y -23303=1,0
        3x1x1 | 3x1x1 | Squeeze s 1 1 in y
        3x1x4x5 | 3x4x5 | Squeeze s 1 1 in y -23303=1,1
        3x1x4x5 | 3x4x5 | Squeeze s 1 1 in y 11=1
        1x1x1 | 1 | Squeeze s 1 1 in y 0=1 1=1 2=1
        1x1 | 1 | Squeeze s 1 1 in y 0=1 1=1
        6 | 1x6 | ExpandDims s 1 1 in y -23303=1,0
        6 | 6x1 | ExpandDims s 1 1 in y -23303=1,1
        6 | 6x1 | ExpandDims s 1 1 in y -23303=1,-1
        6 | 1x6 | ExpandDims s 1 1 in y -23303=1,-2
        6 | 1x1x6 | ExpandDims s 1 1 in y -23303=2,0,1
        6 | 6x1x1 | ExpandDims s 1 1 in y -23303=2,1,2
        6 | 1x6x1 | ExpandDims s 1 1 in y -23303=2,0,2
        6 | 6 | ExpandDims s 1 1 in y 0=1 1=1
        6 | 6 | ExpandDims s 1 1 in y 1=1 2=1
        6 | 6x1x1 | ExpandDims s 1 1 in y -23303=2,-1,-2
        4x6 | 1x4x6 | ExpandDims s 1 1 in y -23303=1,0
        4x6 | 4x1x6 | ExpandDims s 1 1 in y -23303=1,1
        4x6 | 4x6x1 | ExpandDims s 1 1 in y -23303=1,2
        4x6 | 4x6x1 | ExpandDims s 1 1 in y -23303=1,-1
        4x6 | 1x1x4x6 | ExpandDims s 1 1 in y -23303=2,0,1
        4x6 | 4x6 | ExpandDims s 1 1 in y 0=1 2=1
        3x4x5 | 1x3x4x5 | ExpandDims s 1 1 in y -23303=1,0
        3x4x5 | 3x1x4x5 | ExpandDims s 1 1 in y -23303=1,1
        3x4x5 | 3x4x1x5 | ExpandDims s 1 1 in y -23303=1,2
        3x4x5 | 3x4x5x1 | ExpandDims s 1 1 in y -23303=1,3
        3x4x5 | 3x4x5x1 | ExpandDims s 1 1 in y -23303=1,-1
        3x4x5 | 4x5 | Reduction s 1 1 in y 0=3 1=0 -23303=1,0 4=0 5=1
        3x4x5 | 1x4x5 | Reduction s 1 1 in y 0=3 1=0 -23303=1,0 4=1 5=1
        3x4x5 | 3x5 | Reduction s 1 1 in y 0=3 1=0 -23303=1,1 4=0 5=1
        3x4x5 | 3x1x5 | Reduction s 1 1 in y 0=3 1=0 -23303=1,1 4=1 5=1
        3x4x5 | 3x4 | Reduction s 1 1 in y 0=3 1=0 -23303=1,2 4=0 5=1
        3x4x5 | 3x4x1 | Reduction s 1 1 in y 0=3 1=0 -23303=1,2 4=1 5=1
        3x4x5 | 3x4 | Reduction s 1 1 in y 0=3 1=0 -23303=1,-1 4=0 5=1
        3x4x5 | 3x4x1 | Reduction s 1 1 in y 0=3 1=0 -23303=1,-1 4=1 5=1
        3x4x5 | 4x5 | Reduction s 1 1 in y 0=3 1=0 -23303=1,-3 4=0 5=1
        3x4x5 | 1x4x5 | Reduction s 1 1 in y 0=3 1=0 -23303=1,-3 4=1 5=1
        3x4x5 | 3x1x1 | Reduction s 1 1 in y 0=3 1=0 -23303=2,1,2 4=1 5=1
        3x4x5 | 3 | Reduction s 1 1 in y 0=3 1=0 -23303=2,1,2 4=0 5=1
        3x4x5 | 1 | Reduction s 1 1 in y 0=3
        3x4x5 | 1x1x1 | Reduction s 1 1 in y 0=3 4=1
        3x4x5 | 3x4x5 | Reduction s 1 1 in y 0=3 1=0 5=1
        4x5 | 4 | Reduction s 1 1 in y 0=3 1=0 -23303=1,1 5=1
        5 | 1 | Reduction s 1 1 in y 0=3 1=0 -23303=1,0 4=1 5=1
        3x4x5 | 14x7x12 | Padding p 1 1 in y 0=1 1=2 2=3 3=4 7=5 8=6
        4x5 | 7x12 | Padding p 1 1 in y 0=1 1=2 2=3 3=4
        5 | 12 | Padding p 1 1 in y 2=3 3=4
        2x3x4x5 | 2x6x7x12 | Padding p 1 1 in y 0=1 1=2 2=3 3=4 7=1 8=2
        3x4x5 | 14x4x5 | Padding p 1 1 in y 7=5 8=6
        4x5 | 4x5 | Padding p 1 1 in y 7=1 8=2
        3x4x5 | 3x8x15 | Interp u 1 1 in y 0=1 1=2.0 2=3.0
        3x4x5 | 3x6x7 | Interp u 1 1 in y 0=2 1=1.5 2=1.5
        3x4x5 | 3x10x20 | Interp u 1 1 in y 0=2 3=10 4=20
        6 | 6x10x20 | Interp u 1 1 in y 0=2 3=10 4=20
        4x5 | 4x5 | Interp u 1 1 in y 0=2 4=20
        4x5 | 4x10 | Interp u 1 1 in y 0=2 2=2.0
        4x5 | 4x10 | Interp u 1 1 in y 0=2 1=2.0 2=2.0
        4x5 | 4x20 | Interp u 1 1 in y 0=2 3=10 4=20
        6 | 6x2x2 | Interp u 1 1 in y 0=2 1=2.0 2=2.0
        3x4x5 | 3x4x5 | Interp u 1 1 in y 0=1 3=10
        3x4x5 | 3x4x10 | Interp u 1 1 in y 0=1 3=10 2=2.0
        3x4x5 | 8x8x10 | Deconvolution d 1 1 in y 0=8 1=2 3=2 6=96
        3x4x5 | 8x7x9 | Deconvolution d 1 1 in y 0=8 1=3 3=2 4=1 6=216
        3x4x5 | 8x8x10 | Deconvolution d 1 1 in y 0=8 1=3 3=2 4=1 18=1 6=216
        3x4x5 | 8x7x12 | Deconvolution d 1 1 in y 0=8 1=3 3=2 4=1 18=1 19=0 2=2 12=1 6=216
        3x4x5 | 8x8x10 | Deconvolution d 1 1 in y 0=8 1=4 3=2 4=-233 20=10 21=8 6=384
        3x4x5 | 8x10x12 | Deconvolution d 1 1 in y 0=8 1=4 3=2 4=-233 6=384
        3x4x5 | 8x9x8 | Deconvolution d 1 1 in y 0=8 1=3 3=2 4=1 14=0 15=2 16=0 6=216
        3x4x5 | 8x7x9 | Deconvolution d 1 1 in y 0=8 1=3 3=2 4=1 20=10 21=8 6=216
        3x4x5 | 3x8x10 | DeconvolutionDepthWise d 1 1 in y 0=3 1=4 3=2 4=1 7=3 6=48
        4x5 | 4x10 | Gemm f 1 1 in y 2=0 3=1 4=0 5=1 6=1 7=0 8=10 9=5 10=4
        4x5 | 4x10 | Gemm f 1 1 in y 2=0 3=0 4=0 5=1 6=1 8=10 9=5 10=-1
        4x5 | 5x10 | Gemm f 1 1 in y 2=1 3=1 4=0 5=1 6=1 8=10 9=4 10=-1
        4x5 | 7x5 | Gemm f 1 1 in y 2=0 3=0 4=1 5=0 6=1 7=7 9=4 10=-1
        4x5 | 7x4 | Gemm f 1 1 in y 2=0 3=1 4=1 5=0 6=1 7=7 9=5 10=1
        4x5 | 10x4 | Gemm f 1 1 in y 3=1 5=1 6=1 8=10 9=5 10=-1 14=1
        4x5 | 4x1x10 | Gemm f 1 1 in y 3=1 5=1 6=1 8=10 9=5 10=-1 11=1
        5 | 1x10 | Gemm f 1 1 in y 3=1 5=1 6=1 8=10 9=5 10=-1
        3x1x5 | 3x10 | Gemm f 1 1 in y 3=1 5=1 6=1 8=10 9=5 10=-1
        4x5 | 4x4 | Split s 1 2 in a b | Gemm f 2 1 a b y 3=1
        4x5 | 4x4 | Split s 1 2 in a b | MatMul f 2 1 a b y 0=1
        3x4x5 | 3x4x4 | Split s 1 2 in a b | MatMul f 2 1 a b y 0=1
        2x3x4x5 | 2x3x4x4 | Split s 1 2 in a b | MatMul f 2 1 a b y 0=1
        5 | 1 | Split s 1 2 in a b | MatMul f 2 1 a b y
        3x4x5 | 3x4x7 | MemoryData m 0 1 w 0=7 1=5 | MatMul f 2 1 in w y
        3x4x5 | 3x4 | MemoryData m 0 1 w 0=5 | MatMul f 2 1 in w y
        5 | 3x7 | MemoryData m 0 1 w 0=7 1=5 2=3 | MatMul f 2 1 in w y
        2x6x5 | 3x2x6x7 | MemoryData m 0 1 w 0=7 1=5 11=2 2=3 | MatMul f 2 1 in w y
        6x8 | 6x8 | MultiHeadAttention f 1 1 in y 0=8 1=2 2=64
        6x8 | 6x8 | MemoryData m 0 1 w 0=12 1=5 | MultiHeadAttention f 2 1 in w y 0=8 1=2 2=64 3=12 4=12
        3x4x5 | 3x4x9 | Split s 1 2 in a b | MemoryData m 0 1 w 0=9 1=4 2=3 | SDPA f 3 1 a b w y
        3x4x5 | 3x4x5 | MemoryData m 0 1 k 0=5 1=6 | MemoryData n 0 1 v 0=5 1=6 | SDPA f 3 1 in k v y
        4x5 | 16x5 | Convolution1D f 1 1 in y 0=16 1=3 4=1 6=192
        4x5 | 4x2 | ConvolutionDepthWise1D f 1 1 in y 0=4 1=3 3=2 7=4 6=12
        4x5 | 16x2 | Convolution1D f 1 1 in y 0=16 1=3 2=2 15=1 6=192
        4x5 | 16x11 | Deconvolution1D f 1 1 in y 0=16 1=3 3=2 6=192
        4x5 | 4x3 | Pooling1D f 1 1 in y 0=0 1=2 2=2
        4x5 | 4 | Pooling1D f 1 1 in y 0=0 4=1
        4x5 | 4x3 | Pooling1D f 1 1 in y 0=0 7=1 8=3
        4x5 | 16x3 | Convolution1D f 1 1 in y 0=16 1=3 3=2 4=-233 6=192
        4x5 | 4x4 | Split s 1 2 in a b | Einsum f 2 1 a b y -23300=9,105,107,44,106,107,45,62,105,106
        3x4x5 | 3x4x4 | Split s 1 2 in a b | Einsum f 2 1 a b y -23300=12,105,106,108,44,105,107,108,45,62,105,106,107
        4x5 | 4x6 | LSTM l 1 1 in y 0=6 1=120
        4x5 | 4x12 | LSTM l 1 1 in y 0=6 1=240 2=2
        4x5 | 4x6 | GRU l 1 1 in y 0=6 1=90
        4x5 | 4x12 | GRU l 1 1 in y 0=6 1=180 2=2
        4x5 | 4x6 | RNN l 1 1 in y 0=6 1=30
        4x5 | 4x12 | RNN l 1 1 in y 0=6 1=60 2=2
        4x5 | 4x6 | LSTM l 1 1 in y 0=6 1=200 3=10
        4x5 | 4x6 | LSTM l 1 3 in y h c 0=6 1=120
        12x4x5 | 3x8x10 | PixelShuffle s 1 1 in y 0=2
        3x4x6 | 12x2x3 | Reorg s 1 1 in y 0=2
        3x4x5 | 3x4x5 | ShuffleChannel s 1 1 in y 0=3
        3x4x5 | 3x4x5 | LayerNorm s 1 1 in y 0=5
        3x4x5 | 3x4x5 | GroupNorm s 1 1 in y 0=3 1=3
        3x4x5 | 3x4x5 | InstanceNorm s 1 1 in y 0=3
        3x4x5 | 3x4x5 | RMSNorm s 1 1 in y 0=5
        6 | 6x8 | Embed e 1 1 in y 0=8 1=100 3=800
        2x6 | 6x8 | Embed e 1 1 in y 0=8 1=100 3=800
        4x5x6 | 2x5x6 | Slice s 1 2 in a b -23300=2,2,-233 1=0 | Noop n 1 1 b y
        4x5x6 | 4x3x6 | Slice s 1 2 in a b -23300=2,2,-233 1=1 | Noop n 1 1 b y
        4x5x6 | 4x5x4 | Slice s 1 2 in a b -23300=2,2,-233 1=2 | Noop n 1 1 b y
        4x5x6 | 4x5x4 | Slice s 1 2 in a b -23300=2,2,-233 1=-1 | Noop n 1 1 b y
        4x5x6 | 4x3x6 | Slice s 1 2 in a b -23300=2,2,-233 1=-2 | Noop n 1 1 b y
        4x5x6 | 2x5x6 | Slice s 1 2 in a b -23300=2,2,-233 1=-3 | Noop n 1 1 b y
        2x3x4x5 | 2x2x4x5 | Slice s 1 2 in a b -23300=2,-233,-233 1=1 | Noop n 1 1 b y
        4x5 | 4x3 | Slice s 1 2 in a b -23300=2,-233,-233 1=-1 | Noop n 1 1 b y
        4x5 | 2x5 | Slice s 1 2 in a b -23302=1,2 1=0 | Noop n 1 1 b y
        4x5 | 1x5 | Slice s 1 2 in a b -23302=1,-1 1=0 | Noop n 1 1 b y
        4x5 | 4x2 | Slice s 1 3 in a b c -23302=2,1,3 1=1 | Noop n 1 1 b y
        3x4x5 | 6x4x5 | Split s 1 2 in a b | Concat k 2 1 a b y 0=0
        3x4x5 | 3x8x5 | Split s 1 2 in a b | Concat k 2 1 a b y 0=1
        3x4x5 | 3x4x10 | Split s 1 2 in a b | Concat k 2 1 a b y 0=2
        3x4x5 | 3x4x10 | Split s 1 2 in a b | Concat k 2 1 a b y 0=-1
        3x4x5 | 6x4x5 | Split s 1 2 in a b | Concat k 2 1 a b y 0=-3
        2x3x4x5 | 2x6x4x5 | Split s 1 2 in a b | Concat k 2 1 a b y 0=1
        5 | 10 | Split s 1 2 in a b | Concat k 2 1 a b y 0=0
        4x5 | 4x10 | Split s 1 2 in a b | Concat k 2 1 a b y 0=-1
        3x4x5 | 2x2x2 | Crop s 1 1 in y 0=1 1=1 2=1 3=2 4=2 5=2
        3x4x5 | 3x3x4 | Crop s 1 1 in y 0=1 1=1 2=0 3=-233 4=-233 5=-233
        3x4x5 | 3x2x3 | Crop s 1 1 in y -23309=2,1,1 -23310=2,3,4 -23311=2,1,2
        3x4x5 | 3x4x2 | Crop s 1 1 in y -23309=1,-2 -23310=1,-233 -23311=1,-1
        3x4x5 | 3x2x5 | Crop s 1 1 in y -23309=1,1 -23310=1,-1 -23311=1,1
        3x4x5 | 2x2x3 | Crop s 1 1 in y 0=1 1=1 2=1 6=1 7=1 8=0 3=-233 4=-233 5=-233
        5 | 2 | Crop s 1 1 in y 0=1 3=2
        4x5 | 3x2 | Crop s 1 1 in y 0=1 1=1 3=2 4=-233
        4x5 | 3x5 | Crop s 1 1 in y -23309=1,1 -23310=1,2147483647 -23311=1,0
        3x4x5 | 3x3x2 | MemoryData m 0 1 w 0=2 1=3 | Crop s 2 1 in w y 0=1 1=1
        3x4x5 | 1x3x2 | MemoryData m 0 1 w 0=2 1=3 2=1 | Crop s 2 1 in w y 0=1 1=1 2=1
        2x3x4x5 | 2x1x4x5 | Crop s 1 1 in y 0=0 1=0 13=1 2=0 3=-233 4=-233 14=1 5=-233
        3x4x5 | 2x2x5 | Crop s 1 1 in y -23309=2,0,1 -23310=2,2,3
        2x3x4x5 | 2x2x4x5 | Crop s 1 1 in y -23309=1,1 -23310=1,3 -23311=1,1
        3x4x5 | 9x4x5 | Tile s 1 1 in y 0=0 1=3
        3x4x5 | 3x12x5 | Tile s 1 1 in y 0=1 1=3
        3x4x5 | 6x4x15 | Tile s 1 1 in y -23302=3,2,1,3
        5 | 2x1x15 | Tile s 1 1 in y -23302=3,2,1,3
        5 | 2x15 | Tile s 1 1 in y -23302=2,2,3
        3x4x5 | 3x4x10 | Tile s 1 1 in y -23302=1,2
        4x5 | 2x8x10 | Tile s 1 1 in y -23302=3,2,2,2
        3x4x5 | 3x2x4x5 | Tile s 1 1 in y -23302=4,1,2,1,1
        2x3x4x5 | 2x3x8x5 | Tile s 1 1 in y -23302=3,1,2,1
        3x4x5 | 3x4x5 | Split s 1 2 in a b | Pooling p 1 1 a g 0=1 4=1 | BinaryOp q 2 1 b g y 0=2
        3x4x5 | 3x4x5 | Split s 1 2 in a b | Pooling p 1 1 a g 0=1 4=1 | BinaryOp q 2 1 g b y 0=2
        4 | 4x6 | MemoryData m 0 1 w 0=6 1=4 | BinaryOp q 2 1 in w y 0=2
        4x5 | 4x5 | MemoryData m 0 1 w 0=5 | BinaryOp q 2 1 in w y 0=2
        4x1 | 4x5 | MemoryData m 0 1 w 0=5 1=1 | BinaryOp q 2 1 in w y 0=2
        3x1x5 | 3x4x5 | MemoryData m 0 1 w 0=1 1=4 2=1 | BinaryOp q 2 1 in w y 0=2
        3x4x5 | 3x4x5 | MemoryData m 0 1 w 0=4 1=3 | BinaryOp q 2 1 in w y 0=2
        3 | 3x64 | MemoryData m 0 1 w 0=64 1=3 | BinaryOp q 2 1 in w y 0=2
        3 | 3x2x4 | MemoryData m 0 1 w 0=4 1=2 2=3 | BinaryOp q 2 1 in w y 0=2
        3 | 3x2x7x5 | MemoryData m 0 1 w 0=5 1=7 11=2 2=3 | BinaryOp q 2 1 in w y 0=2
        3x4x5 | 3x4x5 | MemoryData m 0 1 w 0=1 | BinaryOp q 2 1 in w y 0=2
        3x4x5 | 3x4x5 | MemoryData m 0 1 w 0=3 | BinaryOp q 2 1 in w y 0=2
        3x4x5 | 3x4x5 | MemoryData m 0 1 w 0=5 | BinaryOp q 2 1 in w y 0=2
        3x32x32 | 8x30x14 | Convolution c 1 1 in y 0=8 1=3 6=216 2=2 12=1 3=2 13=1
        6 | 8 | Convolution c 1 1 in y 0=8 1=1 6=48
        3x4x5 | 8x2x3 | Convolution c 1 1 in y 0=8 1=3 6=216 4=-233 3=2
        3x4x5 | 27x20 | Unfold u 1 1 in y 1=3 4=1
        4x5 | 2x5 | GLU u 1 1 in y 0=0
        4x6 | 4x3 | GLU u 1 1 in y 0=-1
        3x4x5 | 3x4x5 | Softmax s 1 1 in y 0=-1 1=1
        3x4x5 | 3x4x5 | CumulativeSum u 1 1 in y 0=1
        3x4x5 | 3x4x5 | Flip f 1 1 in y -23300=1,0
        3x4x5 | 3x4x5 | Packing p 1 1 in y 0=1
        3x4x5 | 3x4x5 | Power d 1 1 in y
        3x4x5 | 3x4x5 | Exp d 1 1 in y
        3x4x5 | 3x4x5 | Bias d 1 1 in y 0=3
        3x4x5 | 3x4x5 | Scale d 1 1 in y 0=3
        3x4x5 | 3x4x5 | Normalize d 1 1 in y 3=1 4=1
        3x4x5 | 3x4x5 | Dequantize d 1 1 in y
        3x4x5 | 3x4x5 | ELU d 1 1 in y
        3x4x5 | 3x4x5 | SELU d 1 1 in y
        3x4x5 | 3x4x5 | Softplus d 1 1 in y
        3x4x5 | 3x4x5 | AbsVal d 1 1 in y
        3x4x5 | 3x4x5 | Threshold d 1 1 in y
        3x4x5 | 3x4x5 | CELU d 1 1 in y
        3x4x5 | 3x4x5 | Shrink d 1 1 in y
        3x4x5 | 3x4x5 | Erf d 1 1 in y
        3x4x5 | 3x4x5 | BNLL d 1 1 in y
        3x4x5 | 3x4x5 | Log d 1 1 in y
        3x4x5 | 3x4x5 | MVN d 1 1 in y
        3x4x5 | 3x6x8 | Split s 1 2 in a b | MemoryData m 0 1 w 0=8 1=6 2=1 | Interp i 2 1 a w y 0=1 5=1
        4x5 | 2x10 | LSTM l 1 3 in a b y 0=6 1=400 2=2 3=10
        4x5 | 2x6 | LSTM l 1 3 in a y c 0=6 1=400 2=2 3=10
        3x4x5 | 3x3x5 | Crop s 1 1 in y -23309=1,1 -23310=1,0 -23311=1,1
        3x4x5 | 27x3 | Unfold u 1 1 in y 1=3 2=1 3=2 4=1 14=0
        3x4x5 | 3x1x2 | Pooling p 1 1 in y 0=0 1=3 2=2 5=1
        2x3x4x5 | 4x5 | Reduction s 1 1 in y 0=3 1=0 -23303=2,0,1 5=1
        5 | 5 | Permute p 1 1 in y 0=1
        3x4x5 | 6x4x5 | ConvolutionDepthWise d 1 1 in y 0=6 1=3 4=1 6=54 7=3
        3x4x5 | 3x3x5 | Padding p 1 1 in y 0=-1 1=0 2=0 3=0
        3x5 | 2x5 | Slice s 1 2 in a b 0=1,2 | Noop n 1 1 b y
        3x4x5 | 2x240 | Split s 1 2 in a b | PriorBox p 2 1 a b y -23300=1,60.0 -23302=1,2.0 7=1 9=-233 10=-233 13=0.5
        3x4x5 | 2x480 | Split s 1 2 in a b | PriorBox p 2 1 a b y -23300=1,105.0 -23301=1,150.0 -23302=2,2.0,3.0 9=-233 10=-233
        3x4x5 | 2x480 | Split s 1 2 in a b | PriorBox p 2 1 a b y -23300=2,105.0,150.0 -23302=2,2.0,3.0 7=0 9=-233 10=-233
        3x4x5 | 320 | PriorBox p 1 1 in y -23300=2,0.2,0.27 -23302=3,1.0,2.0,0.5 7=0 9=-233 10=-233 13=0.5
        3x4x5 | 12x5 | Reshape r 1 1 in y 6="0w,*(0h,0c)"
        3x4x5 | 3x20 | Reshape r 1 1 in y 6="*(0w,0h),0c"
        3x4x5 | 12x5 | Reshape r 1 1 in y 0=1 1=1 6="0w,-1"
        3x4x5 | 3x2x2x5 | Reshape r 1 1 in y 6="0w,//(0h,2),2,0c"
        3x4x5 | 60 | Reshape r 1 1 in y 6="-1"
        4x5 | 20x1 | Reshape r 1 1 in y 6="0c,-1"
        3x4x5 | 3x2x3 | Split s 1 2 in a b | Pooling p 1 1 b g 0=1 1=2 2=2 | Crop c 2 1 a g y 19="0,0" 20="1h,1w" 21="1,2"
        3x4x5 | 3x2x5 | Crop c 1 1 in y 19="1" 20="-(0h,1)" 21="1"
        3x4x5 | 3x4x2 | Crop c 1 1 in y 19="0" 20="trunc(/(0w,2))" 21="2"
        3x4x5 | 3x4x3 | Crop c 1 1 in y 19="0" 20="round(*(0w,5.0e-01))" 21="2"
        3x4x5 | 3x8x10 | Interp i 1 1 in y 0=2 9="*(0w,2),*(0h,2)"
        3x4x5 | 3x6x7 | Interp i 1 1 in y 0=2 9="//(*(0w,3),2),ceil(*(0h,1.3))"
        3x4x5 | 3x2x3 | Split s 1 2 in a b | Pooling p 1 1 b g 0=1 1=2 2=2 | Interp i 2 1 a g y 0=2 5=1 6=0 9="1w,1h"
        3x4x5 | 3x2x3 | Split s 1 2 in a b | Pooling p 1 1 b g 0=1 1=2 2=2 | Interp i 2 1 a g y 0=2 6=0 9="1w,1h"
        3x4x5 | 3x4x5 | DeepCopy d 1 1 in y
        3x4x5 | 3 | StatisticsPooling d 1 1 in y
        3x4x5 | 6 | StatisticsPooling d 1 1 in y 0=1
        3x8x10 | 3x5x6 | MemoryData m 0 1 r 0=4 | ROIPooling d 2 1 in r y 0=6 1=5 2=0.0625
        3x8x10 | 3x5x6 | MemoryData m 0 1 r 0=4 | ROIAlign d 2 1 in r y 0=6 1=5 2=0.0625
        98x8x10 | 2x7x7 | MemoryData m 0 1 r 0=4 | PSROIPooling d 2 1 in r y 3=2
        3x6x7x8 | 6x2x3x4 | Convolution3D c 1 1 in y 0=6 1=2 21=3 3=2 4=0 5=1 6=216
        3x6x7x8 | 6x5x4x7 | Convolution3D c 1 1 in y 0=6 1=3 11=2 21=2 12=1 2=1 22=2 3=1 13=2 23=1 4=1 14=0 15=0 16=1 17=0 24=1 6=216
        6x6x7x8 | 6x6x7x8 | ConvolutionDepthWise3D c 1 1 in y 0=6 1=3 4=1 7=6 6=162
        6x3x4x5 | 6x3x4x5 | Deconvolution3D c 1 1 in y 0=6 1=3 11=3 12=1 13=1 14=1 18=0 19=0 2=1 20=0 21=3 22=1 23=1 24=1 3=1 4=1 5=1 6=972
        6x3x4x5 | 2x6x8x10 | Deconvolution3D c 1 1 in y 0=2 1=3 3=2 4=1 18=1 6=324
        6x3x4x5 | 6x6x7x10 | DeconvolutionDepthWise3D c 1 1 in y 0=6 1=3 3=2 4=1 18=1 19=0 20=1 7=6 6=162
        3x4x5x6 | 3x2x3x3 | Pooling3D c 1 1 in y 0=0 1=2 2=2
        3x4x5x6 | 3x2x2x3 | Pooling3D c 1 1 in y 0=0 1=2 2=2 5=1
        3x4x5x6 | 3x2x3x3 | Pooling3D c 1 1 in y 0=0 1=3 2=2 3=1 5=1 21=2 23=0
        3x4x5x6 | 3 | Pooling3D c 1 1 in y 0=1 4=1
        3x4x5x6 | 3x1x3x2 | Pooling3D c 1 1 in y 0=1 7=1 8=2 18=3 28=1
        3x4x5 | 8x2x3 | MemoryData m 0 1 r 0=3 1=2 2=18 | DeformableConv2D d 2 1 in r y 0=8 1=3 2=1 3=1 4=0 6=216
        3x4x5 | 8x4x5 | MemoryData m 0 1 r 0=5 1=4 2=18 | MemoryData n 0 1 q 0=5 1=4 2=9 | DeformableConv2D d 3 1 in r q y 0=8 1=3 4=1 6=216
        27x20 | 3x4x5 | Fold f 1 1 in y 1=3 4=1 20=5 21=4
        3x4x5 | 3x6x7 | MemoryData m 0 1 r 0=2 1=7 2=6 | GridSample d 2 1 in r y 0=1 1=1 2=0
        3x4x5 | 3x7x6 | MemoryData m 0 1 r 0=6 1=7 2=2 | GridSample d 2 1 in r y 0=1 1=1 2=0 3=1
        8x3x16 | 8x3x16 | MemoryData m 0 1 c 0=8 1=3 | MemoryData n 0 1 s 0=8 1=3 | RotaryEmbed d 3 1 in c s y 0=0
        3x4x5 | 3x3x5 | Crop c 1 1 in y 19="1" 20="0" 21="1"
        3x4x5 | 3x4x4 | Crop c 1 1 in y 19="0" 20="-1" 21="2"
        3x4x5 | 3x3x5 | Crop c 1 1 in y 19="-3" 20="0h" 21="1"
        3x4x5 | 3x2x5 | Crop c 1 1 in y 19="1" 20="3" 21="-2"
        3x4x5 | 3x4x20 | Interp i 1 1 in y 0=2 9="20"
        4x5 | 4x20 | Interp i 1 1 in y 0=2 9="20"
        6 | 6x10x20 | Interp i 1 1 in y 0=2 9="20,10"
        4x5 | 4x20 | Interp i 1 1 in y 0=2 9="20,10"
        3x4x5 | 3x4x5 | Reshape r 1 1 in y 6="0,0,-1"
        3x4x5 | 12x1x5 | Reshape r 1 1 in y 6="0w,/(0h,3),-1"
        3x4x5 | 5x3x4 | Reshape r 1 1 in y 6="+(0w,neg(1)),max(1,min(0h,3)),-1"
        3x4x5 | 12x5 | Reshape r 1 1 in y 6="sqrt(25),-1"
        3x4x5 | 30x2 | MemoryData m 0 1 w 0=2 1=30 | Reshape r 2 1 in w y 6="1w,1h"
        3x4x5 | 1x30x2 | MemoryData m 0 1 w 0=2 1=30 | Reshape r 2 1 in w y 6="1w,1h,1c"
        3x4x5 | 3x4x2 | Split s 1 2 in a b | Crop c 2 1 a b y 19="0" 20="//(1w,2)" 21="2"
        4x3x8 | 4x3x8 | Split s 1 3 in a b c | MemoryData k 0 1 k 0=8 1=5 2=4 | SDPA f 6 3 a b c k k k y p q 5=1 7=1
        4x3x8 | 4x8x8 | Split s 1 3 in a b c | MemoryData k 0 1 k 0=8 1=5 2=4 | SDPA f 6 3 a b c k k k p y q 5=1 7=1
        4x3x8 | 4x8x8 | Split s 1 3 in a b c | MemoryData k 0 1 k 0=8 1=5 2=4 | SDPA f 5 3 a b c k k p y q 7=1
        """
}
