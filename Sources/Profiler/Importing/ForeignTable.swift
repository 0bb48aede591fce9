import Files

/// A table or a report that another program wrote, and that no importer reads, recognised by words that only it has.
struct ForeignTable {
    /// The formats that are read here.
    enum Format {
        case ofa, csv, report, nni, nnMeter, ncnn, liteRT, aiHub
    }

    /// What the file is, and what can be done with it.
    let sentence: String

    /// nil for a text that is none of those that are known here.
    ///
    /// - Parameter format: the one in which the text is about to be read.
    init?(_ text: String, besides format: Format) {
        // Such words stand near the start, and what is no table may be long.
        let start = Array(text.utf8.prefix(1 << 16))
        func holds(_ word: StaticString) -> Bool { start.withUnsafeBufferPointer { $0.holds(word) } }
        if let kind = FileKind(start: Array(start.prefix(FileKind.startLength))), kind != .empty {
            // First of all, because the page of a table holds the table's words.
            sentence = "this is \(kind)"
        } else if format != .aiHub, holds("performance_metrics"), holds("inference_time") || holds("primary_compute_unit") {
            sentence =
                "this is Qualcomm AI Hub's perf.yaml, the latencies of whole networks on several devices and runtimes, "
                + "without layers, which --format ai-hub reads"
        } else if format != .aiHub, holds("execution_summary"), holds("estimated_inference_time") {
            sentence = "this is the profile of one job of Qualcomm AI Hub, which --format ai-hub reads"
        } else if format != .liteRT, holds("latency_metrics") || holds("latencyMetrics") {
            sentence = "this is a result of LiteRT's benchmark_model for a whole network, which --format litert reads"
        } else if format != .nni, holds("op_name"), holds("op_latency") {
            sentence =
                "this is a table of NNI's ProxylessNAS, FBNet or SPOS, one Python dictionary a row, which --format nni reads "
                + "where its rows have complete shapes"
        } else if holds("_tflite21"), holds("\"graph\""), holds("inbounds") {
            sentence =
                "this is nn-Meter's list of networks, each a graph with its latencies and without a name that means something here; "
                + "of a network whose model you have, onepath estimate --onnx prices the layers"
        } else if holds("(nn-Meter)"), holds("predict latency for") {
            sentence =
                "this is what nn-Meter predicts for whole networks; expected measurements, such as those of its builder "
                + "(--format nn-meter)"
        } else if format != .nnMeter, holds("KERNEL_SIZE"), holds("latency") {
            sentence = "this is a table of kernels of nn-Meter, which --format nn-meter reads"
        } else if format != .nnMeter, holds("layerchoice_") || holds("stationary_block") {
            sentence =
                "this is a table of nn-Meter for NNI, whose layers have names but no shapes; a sheet (--format csv) with a "
                + "row for each block, whose shapes you know, is read"
        } else if format != .report, holds("Operator-wise Profiling Info") {
            sentence = "this is a report of TensorFlow Lite's benchmark_model, which --format tflite-benchmark reads"
        } else if holds("BENCHMARK RESULTS"), holds("Inference (avg):") {
            sentence =
                "this is what LiteRT's benchmark_model prints of a whole network, without its operators; a result in JSON "
                + "(--format litert) is read, and a sheet of whole networks by onepath device adapt"
        } else if format != .report, holds("Inference timings in us:") {
            sentence =
                "this is a report of TensorFlow Lite's benchmark_model without its operators, which --enable_op_profiling=true "
                + "prints for --format tflite-benchmark"
        } else if format != .csv, holds("subject,input_") || holds("subject;input_") {
            sentence = "this is a sheet of measurements, which --format csv reads"
        } else if format != .ofa, holds("expanded_conv-input:") {
            sentence = "this is a table of ProxylessNAS or Once-for-All, which --format ofa reads"
        } else if format != .ncnn, holds("loop_count ="), holds("num_threads =") {
            sentence = "this is what ncnn's benchncnn prints, which --format ncnn reads"
        } else {
            return nil
        }
    }

    func problem(path: String) -> FileError { .invalid(path: path, place: "", problem: sentence) }
}
