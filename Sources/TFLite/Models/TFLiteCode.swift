/// A kind of operator, by the number that LiteRT's schema gives it.
public struct TFLiteCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int

    public init(rawValue: Int) { self.rawValue = rawValue }

    public static let add = TFLiteCode(rawValue: 0)
    public static let averagePool = TFLiteCode(rawValue: 1)
    public static let concatenation = TFLiteCode(rawValue: 2)
    public static let convolution = TFLiteCode(rawValue: 3)
    public static let depthwiseConvolution = TFLiteCode(rawValue: 4)
    public static let depthToSpace = TFLiteCode(rawValue: 5)
    public static let dequantize = TFLiteCode(rawValue: 6)
    public static let embeddingLookup = TFLiteCode(rawValue: 7)
    public static let floor = TFLiteCode(rawValue: 8)
    public static let fullyConnected = TFLiteCode(rawValue: 9)
    public static let normalizationOfLength = TFLiteCode(rawValue: 11)
    public static let localNormalization = TFLiteCode(rawValue: 13)
    public static let logistic = TFLiteCode(rawValue: 14)
    public static let longShortTermMemory = TFLiteCode(rawValue: 16)
    public static let maxPool = TFLiteCode(rawValue: 17)
    public static let multiply = TFLiteCode(rawValue: 18)
    public static let relu = TFLiteCode(rawValue: 19)
    public static let reluN1To1 = TFLiteCode(rawValue: 20)
    public static let relu6 = TFLiteCode(rawValue: 21)
    public static let reshape = TFLiteCode(rawValue: 22)
    public static let resizeBilinear = TFLiteCode(rawValue: 23)
    public static let recurrence = TFLiteCode(rawValue: 24)
    public static let softmax = TFLiteCode(rawValue: 25)
    public static let spaceToDepth = TFLiteCode(rawValue: 26)
    public static let filteredMemory = TFLiteCode(rawValue: 27)
    public static let tanh = TFLiteCode(rawValue: 28)
    public static let custom = TFLiteCode(rawValue: 32)
    public static let pad = TFLiteCode(rawValue: 34)
    public static let sequenceOfRecurrence = TFLiteCode(rawValue: 35)
    public static let gather = TFLiteCode(rawValue: 36)
    public static let batchToSpace = TFLiteCode(rawValue: 37)
    public static let spaceToBatch = TFLiteCode(rawValue: 38)
    public static let transpose = TFLiteCode(rawValue: 39)
    public static let mean = TFLiteCode(rawValue: 40)
    public static let subtract = TFLiteCode(rawValue: 41)
    public static let divide = TFLiteCode(rawValue: 42)
    public static let squeeze = TFLiteCode(rawValue: 43)
    public static let sequenceOfLongShortTermMemory = TFLiteCode(rawValue: 44)
    public static let stridedSlice = TFLiteCode(rawValue: 45)
    public static let sequencesOfRecurrence = TFLiteCode(rawValue: 46)
    public static let exponential = TFLiteCode(rawValue: 47)
    public static let greatest = TFLiteCode(rawValue: 48)
    public static let split = TFLiteCode(rawValue: 49)
    public static let logSoftmax = TFLiteCode(rawValue: 50)
    public static let sequencesOfLongShortTermMemory = TFLiteCode(rawValue: 52)
    public static let cast = TFLiteCode(rawValue: 53)
    public static let prelu = TFLiteCode(rawValue: 54)
    public static let maximum = TFLiteCode(rawValue: 55)
    public static let placeOfMaximum = TFLiteCode(rawValue: 56)
    public static let minimum = TFLiteCode(rawValue: 57)
    public static let less = TFLiteCode(rawValue: 58)
    public static let negate = TFLiteCode(rawValue: 59)
    public static let padValue = TFLiteCode(rawValue: 60)
    public static let greater = TFLiteCode(rawValue: 61)
    public static let greaterOrEqual = TFLiteCode(rawValue: 62)
    public static let lessOrEqual = TFLiteCode(rawValue: 63)
    public static let select = TFLiteCode(rawValue: 64)
    public static let slice = TFLiteCode(rawValue: 65)
    public static let sine = TFLiteCode(rawValue: 66)
    public static let transposedConvolution = TFLiteCode(rawValue: 67)
    public static let tile = TFLiteCode(rawValue: 69)
    public static let expandSides = TFLiteCode(rawValue: 70)
    public static let equal = TFLiteCode(rawValue: 71)
    public static let notEqual = TFLiteCode(rawValue: 72)
    public static let logarithm = TFLiteCode(rawValue: 73)
    public static let sum = TFLiteCode(rawValue: 74)
    public static let squareRoot = TFLiteCode(rawValue: 75)
    public static let reciprocalSquareRoot = TFLiteCode(rawValue: 76)
    public static let shape = TFLiteCode(rawValue: 77)
    public static let power = TFLiteCode(rawValue: 78)
    public static let placeOfMinimum = TFLiteCode(rawValue: 79)
    public static let fakeQuantize = TFLiteCode(rawValue: 80)
    public static let productOfSides = TFLiteCode(rawValue: 81)
    public static let maximumOfSides = TFLiteCode(rawValue: 82)
    public static let pack = TFLiteCode(rawValue: 83)
    public static let or = TFLiteCode(rawValue: 84)
    public static let oneHot = TFLiteCode(rawValue: 85)
    public static let and = TFLiteCode(rawValue: 86)
    public static let not = TFLiteCode(rawValue: 87)
    public static let unpack = TFLiteCode(rawValue: 88)
    public static let minimumOfSides = TFLiteCode(rawValue: 89)
    public static let flooredQuotient = TFLiteCode(rawValue: 90)
    public static let anyOfSides = TFLiteCode(rawValue: 91)
    public static let square = TFLiteCode(rawValue: 92)
    public static let zeros = TFLiteCode(rawValue: 93)
    public static let fill = TFLiteCode(rawValue: 94)
    public static let remainder = TFLiteCode(rawValue: 95)
    public static let resizeNearest = TFLiteCode(rawValue: 97)
    public static let leakyRelu = TFLiteCode(rawValue: 98)
    public static let squaredDifference = TFLiteCode(rawValue: 99)
    public static let mirrorPad = TFLiteCode(rawValue: 100)
    public static let absolute = TFLiteCode(rawValue: 101)
    public static let splitBySizes = TFLiteCode(rawValue: 102)
    public static let ceiling = TFLiteCode(rawValue: 104)
    public static let reverse = TFLiteCode(rawValue: 105)
    public static let sumOfAll = TFLiteCode(rawValue: 106)
    public static let gatherPlaces = TFLiteCode(rawValue: 107)
    public static let cosine = TFLiteCode(rawValue: 108)
    public static let rank = TFLiteCode(rawValue: 110)
    public static let elu = TFLiteCode(rawValue: 111)
    public static let reverseSequence = TFLiteCode(rawValue: 112)
    public static let matrixOfDiagonal = TFLiteCode(rawValue: 113)
    public static let quantize = TFLiteCode(rawValue: 114)
    public static let replaceDiagonal = TFLiteCode(rawValue: 115)
    public static let round = TFLiteCode(rawValue: 116)
    public static let hardSwish = TFLiteCode(rawValue: 117)
    public static let branch = TFLiteCode(rawValue: 118)
    public static let scatter = TFLiteCode(rawValue: 122)
    public static let selectOfBroadcast = TFLiteCode(rawValue: 123)
    public static let batchedProduct = TFLiteCode(rawValue: 126)
    public static let cumulativeSum = TFLiteCode(rawValue: 128)
    public static let broadcastTo = TFLiteCode(rawValue: 130)
    public static let volumeConvolution = TFLiteCode(rawValue: 132)
    public static let imaginaryPart = TFLiteCode(rawValue: 133)
    public static let realPart = TFLiteCode(rawValue: 134)
    public static let complexAbsolute = TFLiteCode(rawValue: 135)
    public static let allOfSides = TFLiteCode(rawValue: 140)
    public static let transposedVolumeConvolution = TFLiteCode(rawValue: 141)
    public static let readVariable = TFLiteCode(rawValue: 143)
    public static let assignVariable = TFLiteCode(rawValue: 144)
    public static let randomNormal = TFLiteCode(rawValue: 146)
    public static let randomUniform = TFLiteCode(rawValue: 148)
    public static let randomChoice = TFLiteCode(rawValue: 149)
    public static let gelu = TFLiteCode(rawValue: 150)
    public static let updateSlice = TFLiteCode(rawValue: 151)
    public static let relu0To1 = TFLiteCode(rawValue: 152)
    public static let angle = TFLiteCode(rawValue: 156)
    public static let sign = TFLiteCode(rawValue: 158)
    public static let bitCast = TFLiteCode(rawValue: 159)
    public static let exclusiveOr = TFLiteCode(rawValue: 160)
    public static let shiftRight = TFLiteCode(rawValue: 161)
    public static let dilate = TFLiteCode(rawValue: 203)
    public static let composite = TFLiteCode(rawValue: 206)

    /// LiteRT's name of the operator, "CONV_2D"; "operator 207" for one that it did not have when this was written.
    public var description: String {
        guard Self.names.indices.contains(rawValue) else { return "operator \(rawValue)" }
        return Self.names[rawValue]
    }

    /// By number.
    private static let names = """
        ADD AVERAGE_POOL_2D CONCATENATION CONV_2D DEPTHWISE_CONV_2D DEPTH_TO_SPACE DEQUANTIZE EMBEDDING_LOOKUP FLOOR \
        FULLY_CONNECTED HASHTABLE_LOOKUP L2_NORMALIZATION L2_POOL_2D LOCAL_RESPONSE_NORMALIZATION LOGISTIC LSH_PROJECTION \
        LSTM MAX_POOL_2D MUL RELU RELU_N1_TO_1 RELU6 RESHAPE RESIZE_BILINEAR RNN SOFTMAX SPACE_TO_DEPTH SVDF TANH \
        CONCAT_EMBEDDINGS SKIP_GRAM CALL CUSTOM EMBEDDING_LOOKUP_SPARSE PAD UNIDIRECTIONAL_SEQUENCE_RNN GATHER \
        BATCH_TO_SPACE_ND SPACE_TO_BATCH_ND TRANSPOSE MEAN SUB DIV SQUEEZE UNIDIRECTIONAL_SEQUENCE_LSTM STRIDED_SLICE \
        BIDIRECTIONAL_SEQUENCE_RNN EXP TOPK_V2 SPLIT LOG_SOFTMAX DELEGATE BIDIRECTIONAL_SEQUENCE_LSTM CAST PRELU MAXIMUM \
        ARG_MAX MINIMUM LESS NEG PADV2 GREATER GREATER_EQUAL LESS_EQUAL SELECT SLICE SIN TRANSPOSE_CONV SPARSE_TO_DENSE \
        TILE EXPAND_DIMS EQUAL NOT_EQUAL LOG SUM SQRT RSQRT SHAPE POW ARG_MIN FAKE_QUANT REDUCE_PROD REDUCE_MAX PACK \
        LOGICAL_OR ONE_HOT LOGICAL_AND LOGICAL_NOT UNPACK REDUCE_MIN FLOOR_DIV REDUCE_ANY SQUARE ZEROS_LIKE FILL FLOOR_MOD \
        RANGE RESIZE_NEAREST_NEIGHBOR LEAKY_RELU SQUARED_DIFFERENCE MIRROR_PAD ABS SPLIT_V UNIQUE CEIL REVERSE_V2 ADD_N \
        GATHER_ND COS WHERE RANK ELU REVERSE_SEQUENCE MATRIX_DIAG QUANTIZE MATRIX_SET_DIAG ROUND HARD_SWISH IF WHILE \
        NON_MAX_SUPPRESSION_V4 NON_MAX_SUPPRESSION_V5 SCATTER_ND SELECT_V2 DENSIFY SEGMENT_SUM BATCH_MATMUL \
        PLACEHOLDER_FOR_GREATER_OP_CODES CUMSUM CALL_ONCE BROADCAST_TO RFFT2D CONV_3D IMAG REAL COMPLEX_ABS HASHTABLE \
        HASHTABLE_FIND HASHTABLE_IMPORT HASHTABLE_SIZE REDUCE_ALL CONV_3D_TRANSPOSE VAR_HANDLE READ_VARIABLE \
        ASSIGN_VARIABLE BROADCAST_ARGS RANDOM_STANDARD_NORMAL BUCKETIZE RANDOM_UNIFORM MULTINOMIAL GELU \
        DYNAMIC_UPDATE_SLICE RELU_0_TO_1 UNSORTED_SEGMENT_PROD UNSORTED_SEGMENT_MAX UNSORTED_SEGMENT_SUM ATAN2 \
        UNSORTED_SEGMENT_MIN SIGN BITCAST BITWISE_XOR RIGHT_SHIFT STABLEHLO_LOGISTIC STABLEHLO_ADD STABLEHLO_DIVIDE \
        STABLEHLO_MULTIPLY STABLEHLO_MAXIMUM STABLEHLO_RESHAPE STABLEHLO_CLAMP STABLEHLO_CONCATENATE \
        STABLEHLO_BROADCAST_IN_DIM STABLEHLO_CONVOLUTION STABLEHLO_SLICE STABLEHLO_CUSTOM_CALL STABLEHLO_REDUCE \
        STABLEHLO_ABS STABLEHLO_AND STABLEHLO_COSINE STABLEHLO_EXPONENTIAL STABLEHLO_FLOOR STABLEHLO_LOG \
        STABLEHLO_MINIMUM STABLEHLO_NEGATE STABLEHLO_OR STABLEHLO_POWER STABLEHLO_REMAINDER STABLEHLO_RSQRT \
        STABLEHLO_SELECT STABLEHLO_SUBTRACT STABLEHLO_TANH STABLEHLO_SCATTER STABLEHLO_COMPARE STABLEHLO_CONVERT \
        STABLEHLO_DYNAMIC_SLICE STABLEHLO_DYNAMIC_UPDATE_SLICE STABLEHLO_PAD STABLEHLO_IOTA STABLEHLO_DOT_GENERAL \
        STABLEHLO_REDUCE_WINDOW STABLEHLO_SORT STABLEHLO_WHILE STABLEHLO_GATHER STABLEHLO_TRANSPOSE DILATE \
        STABLEHLO_RNG_BIT_GENERATOR REDUCE_WINDOW STABLEHLO_COMPOSITE STABLEHLO_SHIFT_LEFT STABLEHLO_CBRT \
        STABLEHLO_CASE
        """.split(separator: " ").map(String.init)
}
