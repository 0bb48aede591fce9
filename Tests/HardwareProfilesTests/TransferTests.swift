import Architectures
import Files
import Foundation
import HardwareProfiles
import Testing
import TestSupport

@Suite("What measured devices teach of others")
struct TransferTests {
    private static func operators(_ name: String) throws -> [Operator] {
        let path = "\(ShippedFiles.root)/devices/networks/\(name).json"
        if FileManager.default.fileExists(atPath: path) { return try OperatorList(contentsOf: path).operators }
        return try Architecture.reference(name).network.layers.flatMap(\.operators)
    }

    private static let known = ((try? ShippedFiles.networks()) ?? []).map {
        String($0.split(separator: "/").last?.dropLast(5) ?? "")
    }

    /// A few devices of several cores.
    private static func few() throws -> [DeviceProfile] {
        try [
            "khadas-vim3-ncnn", "rk3399-ncnn", "raspberrypi5-ncnn", "orangepi-4-lts-ncnn", "nanopi-r2s-ncnn", "snapdragon-660-ncnn",
        ].map(DeviceProfile.shipped)
    }

    @Test("a system of equations is solved, and its inverse is one")
    func system() {
        let count = 70
        var random = SeededRandom(seed: 1)
        let factor = (0..<count * count).map { _ in Double(random.integer(in: -100...100)) / 100 }
        var matrix = [Double](repeating: 0, count: count * count)
        for row in 0..<count {
            for column in 0..<count {
                matrix[column * count + row] = (0..<count).reduce(row == column ? 1 : 0) {
                    $0 + factor[row * count + $1] * factor[column * count + $1]
                }
            }
        }
        let system = SymmetricSystem(count: count, values: matrix)
        let inverse = system.inverse
        let right = (0..<count).map { Double($0 % 7) - 3 }
        let solution = system.solved(right)
        for row in 0..<count {
            let back = (0..<count).reduce(0) { $0 + matrix[$1 * count + row] * solution[$1] }
            #expect(abs(back - right[row]) < 1e-8)
            for column in 0..<count {
                let value = (0..<count).reduce(0) { $0 + matrix[$1 * count + row] * inverse[column * count + $1] }
                #expect(abs(value - (row == column ? 1 : 0)) < 1e-8)
            }
        }
    }

    @Test("leaving a device out by the inverse is what the others say without it")
    func leavingOut() throws {
        let devices = try Self.few()
        let all = try TransferModel(devices, operators: Self.operators)
        let left = try #require(all.leavingOut().first { $0.device == "rk3399" })
        let others = try TransferModel(devices.filter { $0.hardware.name != "rk3399" }, operators: Self.operators)
        var fitted = others.fitted()
        let device = try DeviceProfile.shipped("rk3399-ncnn")
        let rows = try device.networks.map { network in
            fitted.row(of: network, try Self.operators(network.architecture), on: device)
        }
        let direct = fitted.prediction(of: rows)
        #expect(direct.mean.count == left.prediction.mean.count)
        for (one, other) in zip(direct.mean, left.prediction.mean) { #expect(abs(one - other) < 1e-6) }
        for (index, row) in rows.enumerated() {
            // The noise of an odd measurement is its own.
            let extra = all.observations[left.indices[index]].extra
            #expect(abs(direct.covariance[index][index] + extra - left.prediction.covariance[index][index]) < 1e-6)
            // A cost model is given what says of each known mobile network what is expected of it.
            guard ["mobilenet", "mobilenet_v2", "mnasnet"].contains(device.networks[index].architecture) else { continue }
            let other = all.observations[left.indices[index]].row
            let byFactors = fitted.learned.latencyMs(of: row, known: [row.network])
            let leftOut = left.learned.latencyMs(of: other, known: [other.network])
            #expect(abs(log(byFactors) - direct.mean[index]) < 1e-6)
            #expect(abs(log(leftOut) - left.prediction.mean[index]) < 1e-6)
        }
    }

    @Test("a measurement moves what is like it towards it, and makes it surer")
    func measuring() throws {
        let devices = try Self.few().filter { $0.hardware.name != "khadas-vim3" }
        let model = try TransferModel(devices, operators: Self.operators)
        var fitted = model.fitted()
        let device = try DeviceProfile.shipped("khadas-vim3-ncnn")
        let rows = try ["mobilenet_v2", "mnasnet", "vgg16"].map { name in
            let network = MeasuredNetwork(architecture: name, threads: 1, cores: "big", latencyMs: 1, source: "none")
            return fitted.row(of: network, try Self.operators(name), on: device)
        }
        let before = fitted.prediction(of: rows)
        let after = before.given([0], [before.mean[0] + 0.5])
        #expect(after.mean[0] > before.mean[0] + 0.3 && after.mean[1] > before.mean[1] + 0.2)
        for index in 0..<3 { #expect(after.deviation(index) <= before.deviation(index) + 1e-9) }
        #expect(after.deviation(1) < 0.7 * before.deviation(1))
        let chosen = MeasurementChoice.variance.choose(2, of: before.covariance)
        #expect(Set(chosen).count == 2)
        #expect(MeasurementChoice.volume.choose(3, of: before.covariance).count == 3)
        #expect(MeasurementChoice.distance.choose(3, of: before.covariance).sorted() == [0, 1, 2])
    }

    @Test("a network that nobody measured is told as it is expected")
    func unmeasured() throws {
        let devices = try Self.few().filter { $0.hardware.name != "khadas-vim3" }
        let name = "mobilenet_v3_small"
        #expect(!devices.contains { $0.networks.contains { $0.architecture == name } })
        let model = try TransferModel(devices, known: Self.known, operators: Self.operators)
        var fitted = model.fitted()
        let device = try DeviceProfile.shipped("khadas-vim3-ncnn")
        let rows = try Self.known.map { name in
            let network = MeasuredNetwork(architecture: name, threads: 1, cores: "big", latencyMs: 1, source: "none")
            return fitted.row(of: network, try Self.operators(name), on: device)
        }
        let place = try #require(Self.known.firstIndex(of: name))
        let told = fitted.learned.latencyMs(of: rows[place], known: rows.map(\.network))
        // Without its place among the known networks, the answer is 6 % off.
        #expect(abs(log(told) - fitted.prediction(of: [rows[place]]).mean[0]) < 0.01)
        var teaching = TransferModel.Teaching(model, known: Self.known)
        let json = try teaching.parameters(of: device, threads: [1], operators: Self.operators).json
        guard case .array(let entries)? = json["threads"] else {
            Issue.record("no threads")
            return
        }
        for name in Self.known { #expect(entries.first?["networks"]?[name] != nil, "\(name)") }
    }

    @Test("what some threads do in float, they do in int8 more than other numbers of threads")
    func setups() throws {
        let names = ["rk3399", "raspberrypi5", "orangepi-4-lts", "nanopi-r2s", "snapdragon-660"]
        let devices = try names.flatMap { try [DeviceProfile.shipped($0 + "-ncnn"), .shipped($0 + "-ncnn-int8")] }
        var fitted = try TransferModel(devices, for: .int8, operators: Self.operators).fitted()
        let float = try DeviceProfile.shipped("khadas-vim3-ncnn"), int8 = try DeviceProfile.shipped("khadas-vim3-ncnn-int8")
        let rows = try [(float, 4), (int8, 4), (int8, 1)].map { device, threads in
            let network = MeasuredNetwork(
                architecture: "mobilenet", threads: threads, cores: "big", latencyMs: 1, source: "none")
            return fitted.row(of: network, try Self.operators("mobilenet"), on: device)
        }
        let before = fitted.prediction(of: rows), after = before.given([0], [before.mean[0] + 0.5])
        let moves = rows.indices.map { after.mean[$0] - before.mean[$0] }
        // By an independent program: 0.42 and 0.30. If only the device counts, 0.32 and 0.30.
        #expect(moves[1] > 0.36 && moves[1] < 0.48 && moves[2] > 0.24 && moves[2] < 0.36, "\(moves)")
    }

    /// By an independent program, the mean of the changed configuration is off by 0.1 deviations as it is and without its
    /// mean changed, by 2.7 at twice the latency and by 5 at four times. A disagreement of 1.5 makes its networks 3.7
    /// deviations, none less than 1.
    @Test("a configuration that is far off is odd, and one that is off and at odds with itself", arguments: [
        (1.0, 1.0, false), (2.0, 1.0, false), (1.0, 1.5, false), (2.0, 1.5, true), (4.0, 1.0, true),
    ])
    func odd(factor: Double, disagreement: Double, isOdd: Bool) throws {
        var changed = 0
        let copy = try DeviceProfile.copy(of: "khadas-vim3-ncnn", changing: ["networks"]) { networks in
            guard case .array(let entries) = networks else { return networks }
            return .array(entries.map { entry in
                guard entry["threads"] == JSON.integer(4) else { return entry }
                changed += 1
                let own = changed.isMultiple(of: 2) ? disagreement : 1 / disagreement
                return entry.changing(["latency_ms"]) { latency in
                    switch latency {
                    case .number(let number): .number(number * factor * own)
                    case .integer(let number): .number(Double(number) * factor * own)
                    default: latency
                    }
                }
            })
        }
        let others = try Self.few().filter { $0.hardware.name != "khadas-vim3" }
        let first = others.reduce(0) { $0 + $1.networks.count }
        let odd = try TransferModel(others + [copy], operators: Self.operators).oddConfigurations().filter { $0 >= first }
        #expect(changed == 16 && odd.count == (isOdd ? 16 : 0), "\(odd)")
    }

    @Test("a device does not count itself among those that it was learned from")
    func teachers() throws {
        let devices = try Self.few(), one = try #require(devices.first)
        func basis(of teachers: [DeviceProfile]) throws -> String {
            var teaching = TransferModel.Teaching(try TransferModel(teachers, operators: Self.operators), known: Self.known)
            return try teaching.parameters(of: one, threads: [1], operators: Self.operators).basis
        }
        let own = "its facts, \(one.networks.count) measured networks and 5"
        #expect(try basis(of: devices) == "\(own) other devices")
        #expect(try basis(of: Array(devices.dropFirst())) == "\(own) devices")
    }

    @Test("all shipped devices: nearer than a guess from facts, much nearer from one network, and intervals that hold")
    func accuracy() throws {
        let devices = try DeviceProfile.allShipped().filter { !$0.networks.isEmpty && $0.runtime.name != .tflite }
        let accuracy = TransferAccuracy(
            try TransferModel(devices, known: Self.known, operators: Self.operators), known: Self.known)
        let figures = Dictionary(uniqueKeysWithValues: accuracy.figures.map { ($0.name, $0) })
        let facts = try #require(figures["ncnn, from facts alone"])
        #expect(facts.errors.count > 700 && facts.median < 0.155 && facts.share(within: 0.3) > 0.73)
        #expect(try #require(figures["  one measured, planned"]).mean < 0.08)
        #expect(try #require(figures["  three measured, planned"]).mean < 0.062)
        #expect(try #require(figures["XNNPACK, from facts"]).mean < 0.12)
        #expect(try #require(figures["XNNPACK, from one thread"]).mean < 0.12)
        #expect(accuracy.rankCorrelation > 0.9)
        #expect((0.85...0.96).contains(accuracy.coverage), "\(accuracy.coverage)")
    }

    @Test("int8 by the kernels that apps had before is nearer than a guess, from the device's float figures")
    func olderKernels() throws {
        let devices = try DeviceProfile.allShipped().filter { !$0.networks.isEmpty }
        let model = try TransferModel(devices, for: .int8, known: Self.known, operators: Self.operators)
        let accuracy = TransferAccuracy(model, olderInt8: model, known: Self.known)
        let figures = try #require(accuracy.figures.first { $0.name == "TFLite int8, from float" })
        #expect(figures.errors.count == 6 && figures.mean < 0.2)
    }

    @Test("more threads never make a network slower, a slower clock or memory never faster", arguments: [
        "khadas-vim3-ncnn", "raspberrypi4", "kunpeng-920-7260-ncnn", "snapdragon-8-gen-2-ncnn", "raspberrypi5-ncnn",
    ])
    func monotonous(name: String) throws {
        let device = try DeviceProfile.shipped(name)
        let network = try Architecture.reference("mobilenet-v2").network
        var before = Double.infinity
        for threads in 1...min(device.bigCores, 16) {
            let now = CostModel(device: device.running(threads: threads)).estimate(network)
            #expect(now.latencyMs <= before * 1.000001 && now.intervalMs().contains(now.latencyMs), "\(threads) threads")
            before = now.latencyMs
        }
        // A copy holds its hardware with energies.
        guard device.hardware.energy != nil else { return }
        let base = CostModel(device: device).estimate(network).latencyMs
        let place = ["hardware", "clusters", "0", "clock_ghz"]
        for keys in [place, ["hardware", "memory", "core_bandwidth_gb_s"]] {
            let worse = CostModel(device: try .copy(of: name, changing: keys) { $0.scaled(0.8) })
            #expect(worse.estimate(network).latencyMs > base, "\(keys)")
        }
    }

    @Test("no part is faster than the arithmetic of its core, on any shipped device")
    func arithmetic() throws {
        var count = 0
        for device in try DeviceProfile.allShipped() {
            guard case .array(let entries)? = device.transferred?.json["threads"] else { continue }
            for entry in entries {
                count += 1
                for (part, least) in [
                    ("gemm", 1.0), ("small_gemm", 1), ("convolution", 1), ("stem", 1), ("depthwise", 1), ("strided_depthwise", 1),
                    ("large_depthwise", 1), ("fully_connected", 1), ("grouped", 1),
                    // The largest tiles of Winograd have 64 products for 36 outputs; 36 for 16 are counted.
                    ("winograd", 0.7901),
                ] {
                    guard case .number(let factor)? = entry["factors"]?[part] else {
                        Issue.record("\(device.name) has no factor of \(part)")
                        continue
                    }
                    #expect(factor >= least, "\(device.name): \(part)")
                }
            }
        }
        #expect(count > 150, "\(count)")
    }

    @Test("an interval grows with the confidence")
    func intervals() throws {
        let estimate = CostModel(device: try .shipped("raspberrypi4"))
            .estimate(try Architecture.reference("mobilenet-v2").network)
        let narrow = estimate.intervalMs(confidence: 0.5), wide = estimate.intervalMs(confidence: 0.99)
        #expect(wide.lowerBound < narrow.lowerBound && narrow.upperBound < wide.upperBound)
        #expect(abs(NormalQuantile.twoSided(0.9) - 1.6449) < 1e-4)
        // Student's t for 4 degrees of freedom (tables: 2.132), and for many (1.645).
        #expect(abs(TableBias.student90(degrees: 4) - 2.132) < 2e-3)
        #expect(abs(TableBias.student90(degrees: 100_000) - 1.645) < 2e-3)
    }

    @Test("XNNPACK, which has no Winograd kernels, computes no dense window faster than its core multiplies")
    func denseWindows() throws {
        let device = try DeviceProfile.shipped("pixel4"), model = CostModel(device: device)
        #expect(device.runtime.name == .xnnpack && device.transferred != nil)
        let cluster = try #require(device.hardware.clusters.first { $0.name == device.runtime.cluster })
        let macsPerMs = cluster.fmaPerCycleF32.value * cluster.clockGHz.value * 1e6
        for (side, channels) in [(56, 64), (28, 128), (14, 256), (32, 3)] {
            func ms(_ kernel: Int) throws -> Double {
                let step = try #require(Operator(
                    .convolution, kernel: kernel, stride: 1, input: FeatureShape(height: side, width: side, channels: channels),
                    outputChannels: channels, activation: .relu))
                let cost = model.modelled([step])
                #expect(cost.latencyMs >= Double(step.macs) / macsPerMs, "\(kernel)x\(kernel) on \(side)x\(side)x\(channels)")
                return cost.latencyMs
            }
            #expect(try ms(1) < ms(3) && ms(3) < ms(5))
        }
    }
}
