import Files
import Foundation
import HardwareProfiles
import Profiler
import Testing
import TestSupport

@Suite("Published lists of latencies")
struct PublishedTableTests {
    private func read<T>(_ text: String, _ read: (String) throws -> T) throws -> T {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/list.csv"
        try AtomicFile.write(text, to: path)
        return try withExtendedLifetime(directory) { try read(path) }
    }

    @Test("of scaled networks, with comments, further columns and columns in any order")
    func networks() throws {
        let text = """
            # a comment, with commas
            latency_ms,device,threads,data_type,network,width,resolution,source
            6.4,pixel1,1,float32,mobilenet-v2,0.5,96,A
            44,pixel1,1,int8,mobilenet-v3-large,1.0,224,A

            """
        let rows = try read(text) { try PublishedNetworks(contentsOf: $0).rows }
        #expect(rows.count == 2 && rows[1].dataType == .int8 && rows[0].threads == 1)
        #expect(rows[0].network == "mobilenet-v2" && rows[0].width == 0.5 && rows[0].resolution == 96 && rows[0].latencyMs == 6.4)
        for (found, with) in [("6.4,", "-6.4,"), (",96,", ",x,"), ("int8", "int4"), ("network,", "net,"), (",A\n44", ",A,B\n44")] {
            let damaged = text.replacingOccurrences(of: found, with: with)
            #expect(damaged != text)
            #expect(throws: FileError.self) { try read(damaged) { try PublishedNetworks(contentsOf: $0) } }
        }
    }

    @Test("of FBNet's space, and the operators of its choices")
    func fbnet() throws {
        let text = """
            # a comment
            architecture,one,two
            0123456780123456780123,10.5,56
            8888888888888888888888,1.5,2

            """
        let list = try read(text) { try FBNetLatencies(contentsOf: $0) }
        #expect(list.devices == ["one", "two"] && list.networks[0].prefix(9) == [0, 1, 2, 3, 4, 5, 6, 7, 8])
        #expect(list.latenciesMs == [[10.5, 1.5], [56, 2]])
        for (found, with) in [("012345678012345678012", "9"), ("10.5", "0"), (",two", "")] {
            #expect(throws: FileError.self) {
                try read(text.replacingOccurrences(of: found, with: with)) { try FBNetLatencies(contentsOf: $0) }
            }
        }
        let operators = FBNetLatencies.operators
        #expect(operators.count == 22 && operators.allSatisfy { $0.count == 9 && $0[8].isEmpty })
        #expect(operators[0][7].map(\.output.channels).first == 96 && operators[21][0].last?.output.channels == 352)
        #expect(operators[0][1][0].groups == 2 && operators[0][4][1].kernel == 5)
    }
}
