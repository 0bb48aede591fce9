import Files
import Profiler
import Testing
import TestSupport

@Suite("Output of benchncnn, and published lists")
struct BenchncnnReportTests {
    private let text = """
        loop_count = 8
        num_threads = 4
        powersave = 2
        gpu_device = -1
                  squeezenet  min =    5.97  max =    6.10  avg =    6.02
             mobilenet_int8  min =    4.20  max =    4.60  avg =    4.31
        num_threads = 1
                  mobilenet  min =   14.41  max =   15.00  avg =   14.60
        """

    @Test("its networks are read with their threads and cores")
    func networks() throws {
        let report = try BenchncnnReport(text: text, path: "bench.txt")
        #expect(report.float.map(\.architecture) == ["squeezenet", "mobilenet"])
        #expect(report.float.map(\.threads) == [4, 1] && report.float.map(\.latencyMs) == [5.97, 14.41])
        #expect(report.int8.map(\.architecture) == ["mobilenet"])
        for (old, new) in [("num_threads = 4", "num_threads = x"), ("powersave = 2", "powersave = 7"), ("4\n", "\n")] {
            #expect(throws: FileError.self) { try BenchncnnReport(text: text.replacing(old, with: new), path: "x") }
        }
        #expect(throws: FileError.self) { try BenchncnnReport(text: "", path: "x") }
    }

    @Test("networks that ran on a GPU are none of a CPU's, and are listed")
    func gpu() throws {
        let onGPU = text.replacing("gpu_device = -1", with: "gpu_device = 0")
        // A run of an older version, which knows no GPU, follows.
        let onCPU = "\nloop_count = 4\nnum_threads = 2\nresnet18 min = 30 max = 31 avg = 30.5"
        let report = try BenchncnnReport(text: onGPU + onCPU, path: "x")
        #expect(report.float.map(\.architecture) == ["resnet18"] && report.int8 == [])
        #expect(report.unmatched.map(\.key) == ["squeezenet, 4 threads", "mobilenet_int8, 4 threads", "mobilenet, 1 threads"])
        #expect(report.unmatched.allSatisfy { $0.reason.hasPrefix("ran on GPU 0 with Vulkan") })
        let selection = report.selected(in: .float32, known: ["resnet18"], cores: 4)
        #expect(selection.networks.count == 1 && selection.unmatched.count == 3)
        let alone = try BenchncnnReport(text: onGPU, path: "x").selected(in: .float32, known: ["mobilenet"], cores: 4)
        #expect(alone.networks.isEmpty && alone.unmatched.count == 3)
    }

    @Test("a run with more threads than the profile has cores is none of it, and is listed")
    func threads() throws {
        let selection = try BenchncnnReport(text: text, path: "x").selected(
            in: .float32, known: ["squeezenet", "mobilenet"], cores: 2)
        #expect(selection.networks.map(\.architecture) == ["mobilenet"])
        #expect(selection.unmatched.map(\.key) == ["squeezenet, 4 threads", "mobilenet_int8, 4 threads"])
        #expect(selection.unmatched[0].reason == "ran with 4 threads, and the profile has 2 cores")
    }

    @Test("logs, mails and other systems may be around the lines", arguments: [
        ("> ", "\n"), ("> > ", "\r\n"), ("", "\r\n"), ("", "\r"), ("", "\r\r\n"), ("[12:30:01] ", "\n"),
        ("2024-01-31T12:30:01.123Z ", "\n"), ("01-31 23:59:59.000  1234  5678 I ncnn  : ", "\n"), ("\u{1B}[32m", "\u{1B}[0m\n"),
    ])
    func prefixes(prefix: String, end: String) throws {
        let lines = text.split(separator: "\n").map { prefix + $0 + end }.joined()
        let plain = try BenchncnnReport(text: text, path: "x"), report = try BenchncnnReport(text: lines, path: "x")
        #expect(report.float == plain.float && report.int8 == plain.int8 && report.unmatched.isEmpty)
    }

    @Test("lines that a page joined, or put into a table, are as many as before")
    func joinedLines() throws {
        let plain = try BenchncnnReport(text: text, path: "x")
        let joined = text.split(separator: "\n").joined(separator: " ")
        let table = text.replacing(" min", with: " | min").replacing(" max", with: " | max")
            .split(separator: "\n").map { "| \($0) |\n" }.joined()
        for other in [joined, "./benchncnn 8 4 2 -1 " + joined, table] {
            let report = try BenchncnnReport(text: other, path: "x")
            #expect(report.float == plain.float && report.int8 == plain.int8 && report.unmatched.isEmpty, "\(other)")
        }
        // The last one breaks off.
        for end in ["max =   15.00  avg =   14.60", "=   14.41  max =   15.00  avg =   14.60"] {
            let cut = try BenchncnnReport(text: joined.replacing(end, with: ""), path: "x")
            #expect(cut.float.count == 1 && cut.unmatched.map(\.key) == ["mobilenet, 1 threads"])
        }
    }

    @Test("lines are counted as editors count them, whatever ends each")
    func mixedEnds() throws {
        // One end each: a line feed, a carriage return, both, and both after a carriage return that is too many.
        let text = "a\nb\rc\r\nd\r\r\n\n\r\nnum_threads=many"
        let problem = invalidPlace { try BenchncnnReport(text: text, path: "x") }
        #expect(problem?.sentence == "x: line 7: expected a number of threads from 1 to 1024, found many")
    }

    @Test("a latency that is none is listed with what is there", arguments: ["-1", "0.00", "-nan", "inf", "5.9x", "5,97", "5.97ms"])
    func latencies(cell: String) throws {
        let report = try BenchncnnReport(text: text.replacing("5.97", with: cell), path: "x")
        #expect(report.float.map(\.architecture) == ["mobilenet"] && report.int8.count == 1)
        #expect(report.unmatched.map(\.description) == ["squeezenet, 4 threads: expected a latency above 0, found \(cell)"])
    }

    @Test("networks of int8 have two spellings, and a second latency of a network is listed")
    func repeated() throws {
        let old = try BenchncnnReport(text: text.replacing("mobilenet_int8", with: "mobilenet-int8"), path: "x")
        let unknown = try BenchncnnReport(text: text, path: "x").selected(in: .float32, known: ["a", "b"], cores: 4).unmatched.map(\.reason)
        #expect(unknown == ["no network of this name; known: a, b", "no network of this name", "is int8, and the profile is float32"])
        #expect(old.int8.map(\.architecture) == ["mobilenet"] && old.int8.map(\.latencyMs) == [4.2])
        let again = "\nmobilenet min = 15.5 max = 16 avg = 15.75\nnum_threads = 2\nmobilenet min = 7.5 max = 8 avg = 7.75"
        let report = try BenchncnnReport(text: text + again, path: "x")
        #expect(report.float.map(\.latencyMs) == [5.97, 14.41, 7.5])
        #expect(
            report.unmatched.map(\.description) == [
                "mobilenet, 1 threads: a second latency of this network with as many threads, 15.5 ms"
            ])
    }

    @Test("any log may be around whole lines", arguments: ["bench-1  | ", "2024-05-06 07:08:09,123 - INFO - "])
    func otherPrefixes(prefix: String) throws {
        let report = try BenchncnnReport(text: text.split(separator: "\n").map { prefix + $0 + "\n" }.joined(), path: "x")
        #expect(report.float.map(\.threads) == [4, 1] && report.float.map(\.latencyMs) == [5.97, 14.41])
        #expect(report.int8.map(\.latencyMs) == [4.2] && report.unmatched == [])
    }

    @Test("equal signs need no spaces")
    func equalSigns() throws {
        let text = "loop_count=8\nnum_threads= 2\npowersave =0\nresnet18 min=3.5 max =4 avg= 3.75"
        let network = try #require(BenchncnnReport(text: text, path: "x").float.first)
        #expect(network.architecture == "resnet18" && network.threads == 2 && network.latencyMs == 3.5)
    }

    @Test("a line that breaks off is listed, and another file is named for what it is")
    func broken() throws {
        for end in [" mobilenet min", " mobilenet min =", " mobilenet min = 1"] {
            let report = try BenchncnnReport(text: text + "\n" + end, path: "x")
            #expect(report.float.count == 2 && report.unmatched.map(\.key) == ["mobilenet, 1 threads"], "\(end)")
        }
        let page = invalidPlace { try BenchncnnReport(text: "\u{FEFF}<!DOCTYPE html><html>loop_count</html>", path: "x") }
        #expect(page?.sentence == "x: this is a web page or XML, perhaps the page of a file instead of the file")
        let other = invalidPlace { try OFATable(text: text, path: "x") }
        #expect(other?.sentence == "x: this is what ncnn's benchncnn prints, which --format ncnn reads")
    }

    @Test("a list of many devices is read by device and data type")
    func list() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("list.csv")
        try AtomicFile.write(
            """
            # A comment, with commas
            device,run,threads,powersave,loops,network,min_ms,max_ms,avg_ms
            "A board, with (4 x 1 GHz)",1,4,0,8,mobilenet,10,11,10.5
            "A board, with (4 x 1 GHz)",1,4,0,8,regnety_400m,12,13,12.5
            "A board, with (4 x 1 GHz)",1,4,0,8,mobilenet_int8,5,6,5.5
            Other,1,1,2,8,mobilenet,20,21,20.5

            """, to: path)
        let list = try PublishedLatencies(contentsOf: path)
        #expect(list.devices.map(\.name) == ["A board, with (4 x 1 GHz)", "A board, with (4 x 1 GHz)", "Other"])
        #expect(list.devices.map(\.dataType) == [.float32, .int8, .float32])
        #expect(list.devices.map(\.networks.count) == [2, 1, 1])
        try AtomicFile.write("device,run,threads,powersave,network,min_ms\nX,1,4,0,mobilenet,zero\n", to: path)
        #expect(throws: FileError.self) { try PublishedLatencies(contentsOf: path) }
    }

    @Test("a sheet may hold whole networks, blocks and operators")
    func sheet() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("sheet.csv")
        try AtomicFile.write(
            """
            network,threads,subject,input_height,input_width,input_channels,output_channels,kernel,stride,activation,latency_ms
            mobilenet-v2,2,,,,,,,,,31.5
            ,,add,14,14,96,96,1,1,none,0.05
            mnasnet-a1,,,,,,,,,,40

            """, to: path)
        let sheet = try DeviceMeasurementSheet(contentsOf: path)
        #expect(sheet.networks.map(\.network) == ["mobilenet-v2", "mnasnet-a1"] && sheet.networks.map(\.threads) == [2, 1])
        #expect(sheet.table.measurements.count == 1)
        // As a spreadsheet program saves it.
        try AtomicFile.write("Network;Threads;Latency [ms]\r\nmobilenet-v2;2;31,5\r\n;;\r\n", to: path)
        #expect(try DeviceMeasurementSheet(contentsOf: path).networks.map(\.latencyMs) == [31.5])
        // A person's own columns are no matter where only networks are measured.
        try AtomicFile.write("network,latency_ms,Remark\nmobilenet-v2,31.5,warm\n", to: path)
        #expect(try DeviceMeasurementSheet(contentsOf: path).networks.map(\.latencyMs) == [31.5])
        // What the sheet says of itself counts.
        try AtomicFile.write(
            "network,precision,batch,delegate,device,latency_ms\nmobilenet-v2,FP32,1,XNNPACK,Pixel 4,31.5\nmnasnet-a1,,,,pixel 4,40\n",
            to: path)
        #expect(try DeviceMeasurementSheet(contentsOf: path).networks.map(\.dataType) == [.float32, nil])
        for (columns, cells, says) in [
            ("cores", "prime", "line 2: expected all, big or little in cores, found prime"),
            ("batch_size", "8", "line 2: expected the latency of one image, found a batch of 8"),
            ("delegate", "gpu", "line 2: expected a run on the CPU, found one on gpu"),
            ("Data type", "float16", "line 2: expected float32 or int8, as profiles are, found float16"),
            (
                "device", "Pixel 4\nmnasnet-a1,40,Pixel 6",
                "line 3: expected the measurements of one device, found Pixel 6, and Pixel 4 on line 2"
            ),
        ] {
            try AtomicFile.write("network,latency_ms,\(columns)\nmobilenet-v2,31.5,\(cells)\n", to: path)
            #expect(invalidPlace { try DeviceMeasurementSheet(contentsOf: path) }?.sentence == "\(path): \(says)")
        }
        // What a person writes by hand for a device is refused as a whole.
        for text in [
            "network,latency_ms\nmobilenet-v2,fast\n", "network,latency_ms\nmobilenet-v2,3,4\n", "network\nmobilenet-v2\n",
            "network,threads,latency_ms\nmobilenet-v2,x,3\n", "network,subject,latency_ms\n,ad,3\n",
            "network,remark,latency_ms\n,warm,3\n",
        ] {
            try AtomicFile.write(text, to: path)
            #expect(throws: FileError.self, "\(text)") { try DeviceMeasurementSheet(contentsOf: path) }
        }
    }

    @Test("columns of a sheet have the names of benchmark programs too; others are ignored, and the sheet says which")
    func columnNames() throws {
        let directory = try TemporaryDirectory(), path = directory.file("sheet.csv")
        try AtomicFile.write("network,num_threads,dtype,room,,latency_ms\nmobilenet-v2,4,int8,cold,,31.5\n", to: path)
        let sheet = try DeviceMeasurementSheet(contentsOf: path)
        #expect(sheet.networks.map(\.threads) == [4] && sheet.networks.map(\.dataType) == [.int8])
        #expect(sheet.table.notes == ["the column room is not known here, and is ignored"])
        try AtomicFile.write("network,,latency_ms\nmobilenet-v2,hot,31.5\n", to: path)
        #expect(try DeviceMeasurementSheet(contentsOf: path).table.notes == ["column 2 has no name, and is ignored"])
        // Two names of one column say the same, or the row is refused.
        func found(_ columns: String, _ cells: String) throws -> [DeviceMeasurementSheet.NetworkRow] {
            try AtomicFile.write("network,\(columns),latency_ms\nmobilenet-v2,\(cells),31.5\n", to: path)
            return try DeviceMeasurementSheet(contentsOf: path).networks
        }
        #expect(try found("accelerator,delegate", "cpu,xnnpack").count == 1)
        #expect(try found("threads,num_threads", "4,4").map(\.threads) == [4])
        #expect(try found("threads,num_threads", ",4").map(\.threads) == [4])
        #expect(throws: FileError.self) { try found("accelerator,delegate", "cpu,gpu") }
        #expect(throws: FileError.self) { try found("threads,num_threads", "1,4") }
        // Blocks and operators have the same notes.
        let parts = "subject,input_height,input_width,input_channels,output_channels,kernel,stride,activation,latency_ms"
        try AtomicFile.write("\(parts),CPU threads,data type,cores\nadd,14,14,96,96,1,1,none,0.05,2,float32,big\n", to: path)
        let other = try DeviceMeasurementSheet(contentsOf: path)
        #expect(other.parts.map(\.threads) == [2] && other.parts.map(\.dataType) == [.float32])
        #expect(other.parts.map(\.cores) == ["big"] && other.parts.map(\.line) == [2] && other.table.measurements.count == 1)
        try AtomicFile.write("\(parts),delegate\nadd,14,14,96,96,1,1,none,0.05,gpu\n", to: path)
        #expect(throws: FileError.self) { try DeviceMeasurementSheet(contentsOf: path) }
    }
}
