import Architectures
import Exporter
import Graphs
import Testing

@Suite("The work of ncnn's layers")
struct NCNNWorkTests {
    /// A network of an image of [3, 32, 32], or another input.
    private static func network(_ layers: String, input: String = "0=32 1=32 2=3") throws -> NCNNParamFile {
        let lines = ["Input input 0 1 in \(input)"] + layers.split(separator: "|").map(String.init)
        return try NCNNParamFile(text: "7767517\n\(lines.count) 99\n" + lines.joined(separator: "\n"), path: "net.param")
    }

    /// The multiply-accumulates, as a sum of products, and the layers that make them.
    static let counts = """
        8*27*1024 | Convolution c 1 1 in o 0=8 1=3 4=1 5=1 6=216
        8*27*14*30 | Convolution c 1 1 in o 0=8 1=3 2=2 12=1 3=2 13=1 6=216
        8*27*256 | Convolution c 1 1 in o 0=8 1=3 3=2 4=0 15=1 14=0 16=1 6=216
        8*27*256 | Convolution c 1 1 in o 0=8 1=3 3=2 4=-233 6=216
        12*1024 | MemoryData m 0 1 w 0=1 1=1 2=4 11=3 | Convolution c 2 1 in w o 1=1 19=1
        6*9*1024 | ConvolutionDepthWise d 1 1 in o 0=6 1=3 4=1 6=54 7=3
        8*3*4096 | Interp up 1 1 in u 0=2 1=2.0 2=2.0 | Convolution c 1 1 u o 0=8 1=1 6=24
        8*3*200 | Interp up 1 1 in u 0=1 3=10 4=20 | Convolution c 1 1 u o 0=8 1=1 6=24
        96*1024+32*4096 | Deconvolution d 1 1 in u 0=8 1=2 3=2 6=96 | Convolution c 1 1 u o 0=4 1=1 6=32
        48*1024+12*4096 | DeconvolutionDepthWise d 1 1 in u 0=3 1=4 3=2 4=1 7=3 6=48 | Convolution c 1 1 u o 0=4 1=1 6=12
        30 | Pooling p 1 1 in g 0=1 7=1 8=1 | InnerProduct f 1 1 g y 0=10 1=1 2=30
        12*49 | Pooling p 1 1 in g 0=1 7=1 8=7 18=7 | Convolution c 1 1 g o 0=4 1=1 6=12
        12*256 | Pooling p 1 1 in a 0=0 1=3 2=2 | Convolution c 1 1 a o 0=4 1=1 6=12
        12*225 | Pooling p 1 1 in a 0=0 1=3 2=2 5=1 | Convolution c 1 1 a o 0=4 1=1 6=12
        320 | Permute p 1 1 in g 0=5 | Pooling q 1 1 g h 0=1 4=1 | InnerProduct f 1 1 h y 0=10 2=320
        4*32*32*3 | Permute p 1 1 in g 0=3 | Convolution c 1 1 g o 0=4 1=1 6=128
        96*32*10 | Reshape r 1 1 in a 0=32 1=96 | InnerProduct f 1 1 a y 0=10 1=1 2=320
        96*32*10 | Reshape r 1 1 in a 0=32 1=96 | Gemm f 1 1 a y 3=1 5=1 6=1 7=96 8=10 9=32 10=4
        5*96*32 | Reshape r 1 1 in a 0=32 1=96 | Gemm f 1 1 a y 4=1 6=1 7=5 9=96 10=-1
        96*32*96 | Reshape r 1 1 in c 0=32 1=96 | Split s 1 2 c a b | Gemm f 2 1 a b y 3=1
        96*96*32 | Reshape r 1 1 in c 0=32 1=96 | Split s 1 2 c a b | MatMul f 2 1 a b y 0=1
        96*96*32 | Reshape r 1 1 in c 0=32 1=96 | Split s 1 2 c a b | Einsum f 2 1 a b y -23300=9,105,107,44,106,107,45,62,105,106
        3*32*32*32+3*32*32*9 | Split s 1 2 in a b | MemoryData m 0 1 v 0=9 1=32 2=3 | SDPA f 3 1 a b v y
        4*96*32*32+2*96*96*32 | Reshape r 1 1 in a 0=32 1=96 | MultiHeadAttention f 1 1 a y 0=32 1=4 2=1024
        16*96*3*32 | Reshape r 1 1 in a 0=32 1=96 | Convolution1D f 1 1 a y 0=16 1=3 4=1 6=4608
        288*16 | Reshape r 1 1 in a 0=32 1=96 | ConvolutionDepthWise1D f 1 1 a y 0=96 1=3 3=2 4=1 6=288 7=96
        4608*32 | Reshape r 1 1 in a 0=32 1=96 | Deconvolution1D f 1 1 a y 0=16 1=3 3=2 6=4608
        96*32*64+96*16*64 | Reshape r 1 1 in a 0=32 1=96 | LSTM l 1 1 a b 0=16 1=2048
        96*32*100+96*16*100+96*25*16 | Reshape r 1 1 in a 0=32 1=96 | LSTM l 1 1 a b 0=16 1=3200 3=25
        96*32*48+96*16*48 | Reshape r 1 1 in a 0=32 1=96 | GRU l 1 1 a b 0=16 1=1536
        2*96*32*16+2*96*16*16 | Reshape r 1 1 in a 0=32 1=96 | RNN l 1 1 a b 0=16 1=1024 2=2
        4*54*1024 | Padding p 1 1 in a 0=1 1=1 2=1 3=1 7=2 8=1 | Convolution c 1 1 a o 0=4 1=3 6=216
        24*512 | Slice s 1 2 in a b -23300=2,-233,-233 1=1 | Concat q 2 1 a b c 0=0 | Convolution d 1 1 c o 0=4 1=1 6=24
        24*1024 | Split s 1 2 in a b | Concat k 2 1 a b x 0=-3 | Convolution c 1 1 x o 0=4 1=1 6=24
        12*900 | Crop s 1 1 in a -23309=2,1,1 -23310=2,31,31 -23311=2,1,2 | Convolution c 1 1 a o 0=4 1=1 6=12
        4*1024 | Reduction s 1 1 in a 0=3 1=0 -23303=1,0 4=1 5=1 | Convolution c 1 1 a o 0=4 1=1 6=4
        48*256 | Reorg s 1 1 in a 0=2 | Convolution c 1 1 a o 0=4 1=1 6=48
        48*256 | YoloV5Focus s 1 1 in a | Convolution c 1 1 a o 0=4 1=1 6=48
        36*1024+12*4096 | Convolution c 1 1 in o 0=12 1=1 6=36 | PixelShuffle s 1 1 o a 0=2 | Convolution d 1 1 a p 0=4 1=1 6=12
        12*1024 | MemoryData m 0 1 f 0=1 1=1 2=3 | BinaryOp b 2 1 in f x 0=2 | Convolution c 1 1 x o 0=4 1=1 6=12
        12*1024 | Split s 1 2 in a b | Pooling p 1 1 a g 0=1 4=1 | BinaryOp q 2 1 g b x 0=2 | Convolution c 1 1 x o 0=4 1=1 6=12
        12*1024 | Reshape r 1 1 in a 0=16 1=64 2=-1 | Convolution c 1 1 a o 0=4 1=1 6=12
        16*96*32 | Reshape r 1 1 in a 0=0 1=-1 | Convolution1D f 1 1 a y 0=16 1=1 6=1536
        30720 | Reshape r 1 1 in a 0=3072 1=1 2=1 | Squeeze s 1 1 a b -23303=2,0,1 | InnerProduct f 1 1 b y 0=10 2=30720
        8*27*1024 | MemoryData m 0 1 r 0=32 1=32 2=18 | DeformableConv2D d 2 1 in r o 0=8 1=3 4=1 6=216
        486*1024 | Reshape r 1 1 in v 0=8 1=8 11=16 2=3 | Convolution3D c 1 1 v o 0=6 1=3 4=1 6=486
        486*128 | Reshape r 1 1 in v 0=8 1=8 11=16 2=3 | Convolution3D c 1 1 v o 0=6 1=3 3=2 4=1 6=486
        81*1024 | Reshape r 1 1 in v 0=8 1=8 11=16 2=3 | ConvolutionDepthWise3D c 1 1 v o 0=3 1=3 4=1 7=3 6=81
        162*1024 | Reshape r 1 1 in v 0=8 1=8 11=16 2=3 | Deconvolution3D c 1 1 v o 0=2 1=3 3=2 4=1 6=162
        12*1024 | Interp u 1 1 in x 1=2.0 2=2.0 | Crop k 2 1 x in y 19="0,0" 20="1h,1w" 21="1,2" | Convolution c 1 1 y o 0=4 1=1 6=12
        12*2048 | Interp u 1 1 in y 0=2 9="*(0w,2),0h" | Convolution c 1 1 y o 0=4 1=1 6=12
        30720 | Reshape r 1 1 in a 6="*(0w,*(0h,0c))" | InnerProduct f 1 1 a y 0=10 2=30720
        12*1024 | MemoryData m 0 1 f 0=32 1=32 2=2 | rife.Warp w 2 1 in f x | Convolution c 1 1 x o 0=4 1=1 6=12
        12*1024 | Facts f 0 0 0=2 -23316=2,2,2 | Convolution c 1 1 in o 0=4 1=1 6=12
        """.split(separator: "\n").map(String.init)

    @Test("counts the multiply-accumulates of the shapes that they read", arguments: counts)
    func macs(row: String) throws {
        let sum = row.prefix { $0 != "|" }, layers = String(row.dropFirst(sum.count + 1))
        let products = sum.split(separator: "+").map { product in
            product.split { !$0.isNumber }.compactMap { Int($0) }.reduce(1, *)
        }
        let file = try Self.network(layers)
        #expect(file.network.macs == products.reduce(0, +) && file.unknown.isEmpty, "\(file.network.macs)")
    }

    static let operators: [(String, [Operator.Kind])] = [
        ("Softmax s 1 1 in y 0=0", [.softmax]), ("GELU g 1 1 in y", [.function]), ("Exp g 1 1 in y", [.function]),
        ("Interp i 1 1 in y 0=2 1=2.0 2=2.0", [.resize]), ("LayerNorm n 1 1 in y 0=32", [.layerNormalization]),
        ("GroupNorm n 1 1 in y 0=3 1=3", [.layerNormalization]), ("Cast c 1 1 in y 0=1 1=2", [.convert]),
        ("Deconvolution d 1 1 in y 0=8 1=2 3=2 6=96", [.transposedConvolution]), ("Permute p 1 1 in y 0=1", [.memoryMove]),
        ("Reduction r 1 1 in y 0=4 1=0 -23303=1,0 5=1", [.reduce]),
        ("Reduction r 1 1 in y 0=3 1=0 -23303=2,1,2 5=1", [.globalAveragePool]),
        ("Pooling p 1 1 in y 0=1 7=1 8=1", [.globalAveragePool]), ("Pooling p 1 1 in y 0=0 7=1 8=2", [.maxPool]),
        ("Scale s 1 1 in y 0=3", [.normalize]), ("Tile t 1 1 in y 0=1 1=2", [.memoryMove]),
        ("Split s 1 2 in a b | Eltwise e 2 1 a b y 0=1", [.elementwise]),
        ("Split s 1 2 in a b | MatMul m 2 1 a b y 0=1", [.batchedProduct]),
        ("Reshape r 1 1 in a 0=32 1=96 | InnerProduct f 1 1 a y 0=10 2=320", [.convolution]),
        ("Reshape r 1 1 in a 0=32 1=96 | MultiHeadAttention m 1 1 a y 0=32 1=4 2=1024", [
            .convolution, .convolution, .convolution, .batchedProduct, .softmax, .batchedProduct, .convolution,
        ]),
        ("Split s 1 3 in a b c | SDPA m 3 1 a b c y", [.batchedProduct, .softmax, .batchedProduct]),
        ("MemoryData m 0 1 r 0=32 1=32 2=18 | DeformableConv2D d 2 1 in r o 0=8 1=3 4=1 6=216", [.resize, .convolution]),
        ("MemoryData m 0 1 c 0=16 1=32 | Split s 1 2 c a b | RotaryEmbed d 3 1 in a b y", [.elementwise]),
        ("MemoryData m 0 1 g 0=2 1=7 2=6 | GridSample d 2 1 in g y 0=1", [.resize]),
        ("Reshape r 1 1 in v 0=8 1=8 11=16 2=3 | Pooling3D p 1 1 v y 0=0 1=2 2=2", [.maxPool]),
    ]

    @Test("is priced as what it is", arguments: operators)
    func kinds(layers: String, kinds: [Operator.Kind]) throws {
        let file = try Self.network(layers)
        #expect(file.network.layers.flatMap(\.operators).map(\.kind) == kinds && file.unknown.isEmpty)
    }

    @Test("has the trained values of normalisations, products and tables", arguments: [
        ("LayerNorm n 1 1 in y 0=32", 64), ("LayerNorm n 1 1 in y 0=1024", 2048), ("LayerNorm n 1 1 in y 0=32 2=0", 0),
        ("PReLU p 1 1 in y 0=3", 3), ("PReLU p 1 1 in y 0=1", 1), ("Bias b 1 1 in y 0=3", 3), ("ReLU r 1 1 in y 0=0.1", 0),
        ("RMSNorm n 1 1 in y 0=32", 32), ("GroupNorm n 1 1 in y 0=1 1=3", 6), ("InstanceNorm n 1 1 in y 0=3 2=0", 0),
        ("Reshape r 1 1 in a 0=32 1=96 | BatchNorm n 1 1 a y 0=96", 192),
        ("Reshape r 1 1 in a 0=32 1=96 | Gemm f 1 1 a y 3=1 5=1 6=1 8=10 9=32 10=4", 330),
        ("Reshape r 1 1 in a 0=32 1=96 | MultiHeadAttention m 1 1 a y 0=32 1=4 2=1024", 4224),
        ("Reshape r 1 1 in a 0=3072 | Embed e 1 1 a y 0=8 1=100 3=800", 800),
        ("Reshape r 1 1 in a 0=3072 | Embed e 1 1 a y 0=8 1=100 2=1 3=800", 808),
        // Positions and class tokens, each of which counts once; weights that are a blob; a number.
        ("MemoryData m 0 1 p 0=32 1=96 | Reshape r 1 1 in a 0=32 1=96 | BinaryOp b 2 1 a p y", 3072),
        ("MemoryData m 0 1 v 0=3072 | Reshape q 1 1 v p 0=32 1=96 | Reshape r 1 1 in a 0=32 1=96 | BinaryOp b 2 1 a p y", 3072),
        ("MemoryData m 0 1 m 0=32 1=32 2=3 | Split s 1 2 m p q | BinaryOp b 2 1 in p x | BinaryOp c 2 1 x q y", 3072),
        ("MemoryData m 0 1 c 0=32 1=1 | Reshape r 1 1 in a 0=32 1=96 | Concat k 2 1 c a y", 32),
        ("MemoryData m 0 1 w 0=1 1=1 2=4 11=3 | Convolution c 2 1 in w o 1=1 19=1", 12),
        ("MemoryData m 0 1 m 0=1 | BinaryOp b 2 1 in m y", 0),
    ])
    func parameters(layers: String, parameters: Int) throws {
        #expect(try Self.network(layers).network.parameters == parameters)
    }

    @Test("that cannot be is refused with the layer", arguments: [
        ("Permute p 1 1 in y 0=6", "order type 6"), ("Reshape r 1 1 in y 0=7 1=7", "makes 7x7 of a blob of 3x32x32"),
        ("Reshape r 1 1 in y 0=-1 1=-1", "makes a blob of"), ("Crop c 1 1 in y 3=2", "makes a blob of"),
        ("Slice s 1 2 in y z -23300=2,4,4 1=0", "takes 4 of 3"), ("Slice s 1 2 in y z -23300=2,1,2 1=3", "has an axis of 3"),
        ("Convolution c 1 1 in y 0=8 1=3 6=72", "has 72 weights"), ("InnerProduct f 1 1 in y 0=8 2=72", "has 72 weights"),
        ("MemoryData m 0 1 w 0=64 1=64 | BinaryOp b 2 1 in w y", "combines blobs of 3x32x32 and 64x64"),
        ("MemoryData m 0 1 w 0=7 1=7 | MatMul b 2 1 in w y", "multiplies blobs"), ("PixelShuffle s 1 1 in y 0=2", "spreads"),
        ("Tile t 1 1 in y 0=0 1=2000000000", "makes a blob of"), ("Interp i 1 1 in y 1=1e30 2=1e30", "makes a side of"),
        ("Pooling p 1 1 in y 7=1 8=-5", "output side of -5"), ("Softmax s 0 1 y", "reads nothing"),
        ("Convolution c 1 1 in y 0=8 1=3 6=144", "for the channels that it reads; the weights are those of 2"),
        ("Fold f 1 1 in y 1=3 20=5", "reads a blob of 3x32x32"), ("GridSample g 1 1 in y", "expected a map and its places"),
        ("Softmax s 1 1 in y 0=1", "expected 1=1"), ("Reduction r 1 1 in y 0=3 1=0 -23303=2,1,2", "expected 5=1"),
        ("LayerNorm n 1 1 in y 0=7", "normalises 7 values"), ("Deconvolution d 1 1 in y 0=8 1=1 4=99 6=24", "pads away"),
    ])
    func refused(layers: String, sentence: String) {
        #expect {
            try Self.network(layers)
        } throws: { "\($0)".contains("the layer ") && "\($0)".contains(sentence) }
    }

    // MARK: - A whole network

    /// What pnnx makes of a network with patches, three kinds of attention, a recurrent layer, cuts and resizing.
    private static let converted = """
        7767517
        61 73
        Input in0 0 1 in0
        Convolution conv_9 1 1 in0 1 0=32 1=8 11=8 12=1 13=8 14=0 2=1 3=8 4=0 5=1 6=6144
        Split splitncnn_0 1 2 1 2 3
        Deconvolution deconv_10 1 1 2 4 0=16 1=3 11=3 12=1 13=2 14=1 18=1 19=1 2=1 3=2 4=1 5=1 6=4608
        GroupNorm gn_11 1 1 4 5 0=4 1=16 2=1.000000e-5 3=1
        InstanceNorm in_12 1 1 5 6 0=16 1=1.000000e-5 2=1
        PReLU prelu_18 1 1 6 7 0=16
        Interp upsample_8 1 1 7 8 0=2 1=2.0 2=2.0 6=0
        PixelShuffle pixel_shuffle_6 1 1 8 9 0=2 1=0
        Padding pad_5 1 1 9 10 0=3 1=4 2=1 3=2 4=0 5=0.0 6=0
        Reduction mean_29 1 1 10 out1 0=3 1=0 -23303=2,1,2 4=0 5=1
        Reshape flatten_41 1 1 3 12 0=16 1=32
        Permute transpose_34 1 1 12 13 0=1
        MemoryData pnnx_fold_82 0 1 14 0=32 1=1
        Concat cat_0 2 1 14 13 15 0=0
        Split splitncnn_1 1 2 15 16 17
        LayerNorm ln_13 1 1 17 18 0=32 1=1.000000e-5 2=1
        Split splitncnn_2 1 2 18 19 20
        Gemm gemm_0 1 1 19 21 10=4 2=0 3=1 4=0 5=1 6=1 7=17 8=96 9=32
        Slice chunk_0 1 3 21 22 23 24 -23300=3,-233,-233,-233 1=1
        Reshape reshape_20 1 1 22 25 0=8 1=4 2=17
        Permute transpose_35 1 1 25 26 0=2
        Split splitncnn_3 1 2 26 27 28
        Reshape reshape_21 1 1 23 29 0=8 1=4 2=17
        Permute transpose_36 1 1 29 30 0=2
        Split splitncnn_4 1 2 30 31 32
        Reshape reshape_22 1 1 24 33 0=8 1=4 2=17
        Permute transpose_37 1 1 33 34 0=2
        Split splitncnn_5 1 2 34 35 36
        MatMul matmultransb_0 2 1 27 31 37 0=1
        BinaryOp mul_0 1 1 37 38 0=2 1=1 2=0.35
        Softmax softmax_7 1 1 38 39 0=2 1=1
        MatMul matmul_27 2 1 39 35 40
        Permute transpose_39 1 1 40 41 0=2
        Reshape reshape_23 1 1 41 42 0=32 1=17
        Gemm gemm_1 1 1 42 43 10=4 2=0 3=1 4=0 5=1 6=1 7=17 8=32 9=32
        SDPA sdpa_42 3 1 28 32 36 44 5=0
        Permute transpose_40 1 1 44 45 0=2
        Reshape reshape_24 1 1 45 46 0=32 1=17
        MultiHeadAttention attention_17 1 1 20 47 0=32 1=4 2=1024 3=32 4=32
        BinaryOp add_1 2 1 16 43 48 0=0
        BinaryOp add_2 2 1 48 46 49 0=0
        BinaryOp add_3 2 1 49 47 50 0=0
        Split splitncnn_6 1 2 50 51 52
        LayerNorm ln_14 1 1 52 53 0=32 1=1.000000e-5 2=1
        Gemm gemm_2 1 1 53 54 10=4 2=0 3=1 4=0 5=1 6=1 7=17 8=64 9=32
        GELU gelu_4 1 1 54 55
        Gemm gemm_3 1 1 55 56 10=4 2=0 3=1 4=0 5=1 6=1 7=17 8=32 9=64
        BinaryOp add_4 2 1 51 56 57 0=0
        LSTM lstm_16 1 1 57 58 0=16 1=4096 2=2 3=16
        Split splitncnn_7 1 3 58 59 60 61
        Reshape reshape_25 1 1 60 62 0=8 1=4 2=17
        Permute permute_19 1 1 62 63 0=2
        Crop slice_0 1 1 63 64 -23310=1,3 -23311=1,0 -23309=1,1
        Crop select_0 1 1 59 65 -23310=1,1 -23311=1,0 -23309=1,0
        Squeeze squeeze_32 1 1 65 66 -23303=1,0
        InnerProduct linear_15 1 1 66 out0 0=10 1=1 2=320
        Reduction sum_33 1 1 64 out2 0=0 1=1 4=0
        Slice slice_30 1 2 61 69 70 1=0 -23302=1,-2
        Concat concat_31 2 1 70 69 71 0=0
        Reduction max_28 1 1 71 out3 0=4 1=0 -23303=1,0 4=0 5=1
        """

    /// The bytes of the weights, the data type, and the layer; parameters after ncnn's own sources.
    static let integerLayers: [(Int, ValueType?, String)] = [
        (216, .int8, "Convolution c 1 1 in o 0=8 1=3 4=1 6=216 8=2"), (216, .int8, "Convolution c 1 1 in o 0=8 1=3 4=1 6=216 8=101"),
        (27, .int8, "ConvolutionDepthWise c 1 1 in o 0=3 1=3 4=1 6=27 7=3 8=1"),
        (30_720, .int8, "InnerProduct f 1 1 in y 0=10 2=30720 8=2"),
        (4 * 216, nil, "Convolution c 1 1 in o 0=8 1=3 4=1 6=216"),
        (320, .int8, "Reshape r 1 1 in a 0=32 1=96 | Gemm f 1 1 a y 3=1 5=1 6=0 8=10 9=32 18=2"),
        // The last product of attention, with 32 biases, and in a file of 2022.
        (1152, .int8, "Reshape r 1 1 in a 0=32 1=96 | MultiHeadAttention m 1 1 a y 0=32 1=4 2=1024 3=32 4=32 18=2"),
        (1152, .int8, "Reshape r 1 1 in a 0=32 1=96 | MultiHeadAttention m 1 1 a y 0=32 1=4 2=1024 3=1"),
        // Blocks of weights of four bits and of six, which are widened.
        (160, nil, "Reshape r 1 1 in a 0=32 1=96 | Gemm f 1 1 a y 3=1 5=1 6=0 8=10 9=32 18=400"),
        (240, nil, "Reshape r 1 1 in a 0=32 1=96 | Gemm f 1 1 a y 3=1 5=1 6=0 8=10 9=32 18=611"),
        (1280, nil, "Reshape r 1 1 in a 0=32 1=96 | Gemm f 1 1 a y 3=1 5=1 6=0 8=10 9=32"),
        // Tables of rows that the input chooses.
        (4 * 800, nil, "Reshape r 1 1 in a 0=3072 | Embed e 1 1 a y 0=8 1=100 3=800"),
        (800, nil, "Reshape r 1 1 in a 0=3072 | Embed e 1 1 a y 0=8 1=100 3=800 18=2"),
    ]

    @Test("of weights of integers has their data type and their bytes", arguments: integerLayers.indices)
    func integers(index: Int) throws {
        let (bytes, type, layers) = Self.integerLayers[index]
        let step = try #require(Self.network(layers).network.layers.last?.operators.last)
        #expect(step.valueType == type && step.weightBytes(of: type ?? .float32) == bytes, "\(layers)")
    }

    @Test("of a network that pnnx converted is that of its modules")
    func convertedNetwork() throws {
        let file = try NCNNParamFile(text: Self.converted, path: "net.param", free: FreeSides(input: [1, 3, 32, 32]))
        #expect(file.assumptions == [Graph.recurrenceAssumption])
        // 17 rows of 32 values: the class and 16 patches.
        let attention = 2 * 4 * 17 * 17 * 8, square = 17 * 32 * 32
        let maps = 16 * 32 * 3 * 64 + 16 * 9 * 32 * 16
        let blocks = 3 * square + attention + square + attention + 4 * square + attention + 2 * 17 * 32 * 64
        let rest = 2 * 17 * (32 * 64 + 16 * 64) + 320
        #expect(file.unknown.isEmpty && file.network.macs == maps + blocks + rest, "\(file.network.macs)")
        // The products of an LSTM in both directions, with inputs and with states, take one row after another.
        let recurrent = file.network.layers.flatMap(\.operators).filter { $0.timeSteps > 1 }
        #expect(recurrent.map(\.timeSteps) == [17, 17, 17, 17] && recurrent.allSatisfy { $0.macs > 0 })
        // The last layer is the largest value of each column.
        #expect(file.network.classes == 32)
    }

    // MARK: - Layers without a rule

    @Test("of a layer without a rule is traffic, and its shape is asked for only where another layer reads it")
    func unknown() throws {
        let conv = "Convolution c 1 1 b o 0=4 1=1 6=12"
        let alone = try Self.network("Split s 1 2 in a b | Mystery odd 1 1 a x | \(conv)")
        #expect(alone.unknown == ["Mystery": ["odd"]] && alone.network.macs == 12 * 1024)
        // It is the layer without a rule that is named, not the one that reads it.
        for layers in ["Mystery odd 1 1 in b | \(conv)", "Mystery odd 1 1 in a | Split s 1 1 a b | \(conv)"] {
            #expect {
                try Self.network(layers)
            } throws: { "\($0)".contains("line 4: the layer odd (Mystery)") && "\($0)".contains("c (Convolution)") }
        }
        let hinted = try Self.network("Mystery odd 1 1 in b -23330=4,3,16,8,3 | \(conv)")
        #expect(hinted.network.macs == 12 * 128 && hinted.unknown == ["Mystery": ["odd"]])
        let chain = try Self.network("Mystery odd 1 1 in a | YoloDetectionOutput out 1 1 a y")
        #expect(chain.unknown == ["Mystery": ["odd"], "YoloDetectionOutput": ["out"]])
    }

    @Test("that hangs on values of a run is not guessed")
    func expressions() throws {
        let reshape = #"Reshape r 1 1 in b 6="tanh(0w),-1""#
        #expect(try Self.network(reshape + " | ReLU q 1 1 in y").unknown == ["Reshape": ["r"]])
        #expect {
            try Self.network(reshape + " | ReLU q 1 1 b y")
        } throws: { "\($0)".contains("the layer r (Reshape) writes a blob whose shape is not known") }
        // A batch that becomes another side, a blob that is not there, too few values, and numbers that ncnn has no room for.
        for values in [#"12=0 13=1 6="0w,-1""#, #"6="3w,-1""#, #"6="*(0w)""#, #"6="*(2147483647,2),-1""#, #"6="/(0w,0),-1""#, #"6="")""#] {
            #expect(try Self.network("Reshape r 1 1 in b \(values)").unknown == ["Reshape": ["r"]], "\(values)")
        }
    }

    @Test("on regions that a run finds is that of one region, and it is said")
    func regions() throws {
        // The end of a Faster R-CNN that caffe2ncnn converted, whose second input has one side.
        let file = try Self.network(
            """
            Input im_info 0 1 im_info 0=3 1=-233 2=-233|Split s 1 2 in a b|Convolution c 1 1 a p 0=18 1=1 6=54|\
            Proposal proposal 2 1 p im_info rois|ROIPooling pool 2 1 b rois r 0=6 1=6 2=0.0625|\
            InnerProduct f 1 1 r y 0=10 2=1080
            """)
        #expect(file.network.macs == 54 * 1024 + 1080 && file.unknown == ["Proposal": ["proposal"]])
        #expect(file.choices == ["a run finds the regions that pool cut out: one region is priced"])
    }

    @Test("of attention counts the keys that earlier runs have kept, if their sides are known, and says if not")
    func caches() throws {
        // As in a decoder of a language model, with a mask; three heads of 32 queries, keys and values of 32.
        let text = """
            7767517
            5 9
            Input input 0 1 in 0=32 1=32 2=3
            Input mask 0 1 mask
            Input cache 0 2 keys values
            Split s 1 3 in a b c
            SDPA f 6 3 a b c mask keys values y k v 5=1 7=1
            """
        func read(_ named: [String: [Int]]) throws -> NCNNParamFile {
            try NCNNParamFile(text: text, path: "net.param", free: FreeSides(named: named))
        }
        let first = try read([:])
        #expect(first.network.macs == 2 * 3 * 32 * 32 * 32 && first.unknown.isEmpty)
        #expect(first.choices == ["f read what earlier runs have kept, whose sides no --input gives: none of it is priced"])
        let later = try read(["mask": [32, 42], "keys": [3, 10, 32], "values": [3, 10, 32]])
        #expect(later.network.macs == 2 * 3 * 32 * 42 * 32 && later.unknown.isEmpty && later.choices.isEmpty)
    }

    // MARK: - The image

    @Test("is that of an image whose sides are given from outside")
    func freeSides() throws {
        let text = "7767517\n2 2\nInput in0 0 1 in0\nConvolution c 1 1 in0 o 0=4 1=1 6=12\n"
        func read(_ free: FreeSides) throws -> NCNNParamFile { try NCNNParamFile(text: text, path: "net.param", free: free) }
        #expect(try read(FreeSides(input: [1, 3, 20, 10])).network.input == FeatureShape(height: 20, width: 10, channels: 3))
        #expect(try read(FreeSides(batch: 1, input: [3, 20, 10])).network.macs == 12 * 200)
        for (free, sentence) in [
            (FreeSides(), "--input 1x3x224x224 settles them"), (FreeSides(input: [2, 3, 20, 10]), "expected a batch of 1, found 2"),
            (FreeSides(batch: 4), "expected a batch of 1, found 4"), (FreeSides(input: [1, 1, 20, 10]), "has 12 weights"),
        ] {
            #expect {
                try read(free)
            } throws: { "\($0)".contains(sentence) }
        }
        // What the file gives stays.
        let given = text.replacing("1 in0\n", with: "1 in0 0=10 1=20 2=3\n", maxReplacements: 1)
        #expect(try NCNNParamFile(text: given, path: "net.param", free: FreeSides(input: [1, 3, 20, 10])).network.macs == 2400)
        #expect {
            try NCNNParamFile(text: given, path: "net.param", free: FreeSides(input: [1, 3, 20, 20]))
        } throws: { "\($0)".contains("has the sides 3x20x10, channels first; expected the same in --input, found 3x20x20") }
    }

    @Test("is one of several inputs, each with sides of its own")
    func severalInputs() throws {
        let text = """
            7767517
            7 7
            Input first 0 1 in0
            Input others 0 2 in1 in2
            InnerProduct a 1 1 in1 2 0=512 1=1 2=262144
            InnerProduct b 1 1 in0 3 0=512 1=1 2=131072
            BinaryOp add 2 1 3 2 4 0=0
            InnerProduct c 1 1 4 out0 0=6254 1=1 2=3202048
            Mystery m 1 1 in2 x
            """
        func read(_ named: [String: [Int]]) throws -> NCNNParamFile {
            try NCNNParamFile(text: text, path: "net.param", free: FreeSides(named: named))
        }
        // The last one, which only a layer without a rule reads, needs no sides.
        let file = try read(["in0": [256], "in1": [512]])
        #expect(file.network.macs == 262_144 + 131_072 + 3_202_048 && file.network.input.channels == 256)
        #expect(file.unknown == ["Mystery": ["m"]])
        for (named, sentence) in [
            (["in0": [256]], "line 4: the layer others (Input) gives no sides for in1, and a (InnerProduct) reads them; --input in1="),
            (["in0": [256], "in1": [512], "in9": [1]], "has no input in9, whose sides --input gives; expected one of in0, in1, in2"),
            (["in1": [512]], "the layer first (Input) gives no sides"), (["in0": [2, 1, 1, 256]], "expected a batch of 1, found 2"),
        ] {
            #expect {
                try read(named)
            } throws: { "\($0)".contains(sentence) }
        }
    }

    @Test("is read from files with the line ends of Windows")
    func lineEnds() throws {
        let text = "7767517\n2 2\nInput in 0 1 in 0=32 1=32 2=3\nConvolution c 1 1 in o 0=8 1=3 4=1 6=216\n"
        let other = try NCNNParamFile(text: text.replacing("\n", with: "\r\n"), path: "net.param")
        #expect(try other == NCNNParamFile(text: text, path: "net.param") && other.network.macs == 8 * 27 * 1024)
    }
}
