import Architectures
import Foundation
import HardwareProfiles
import Testing
import TestSupport

@Suite("The margin of a space")
struct SpaceMarginTests {
    @Test("is that of no network where all is measured, and the model's where nothing is")
    func oneSource() throws {
        let space = try SearchSpace(contentsOf: ShippedFiles.space("single-path-mobile"))
        let measured = CostModel(device: try .shipped("pixel1"))
        #expect(measured.largestMargin(of: space, confidence: 0.9) == 1)
        let modelled = CostModel(device: try .shipped("pixel1-xnnpack"))
        let estimate = modelled.estimate(space.largest.network)
        #expect(estimate.layers.allSatisfy { $0.source == .modelled })
        let ratio = estimate.intervalMs(confidence: 0.9).upperBound / estimate.latencyMs
        #expect(ratio > 1 && abs(modelled.largestMargin(of: space, confidence: 0.9) - ratio) < 1e-9)
        #expect(modelled.largestMargin(of: space, confidence: 0.95) > ratio)
    }

    @Test("is at least that of every network where the largest one alone is measured")
    func mixed() throws {
        // The table has expansions of 3 and 6.
        let text = try String(contentsOfFile: ShippedFiles.space("single-path-mobile"), encoding: .utf8)
            .replacing("single-path-mobile", with: "others").replacing(#""expansions": [3, 6]"#, with: #""expansions": [2, 6]"#)
        let directory = try TemporaryDirectory()
        try text.write(toFile: directory.file("others.json"), atomically: true, encoding: .utf8)
        let space = try SearchSpace(contentsOf: directory.file("others.json"))
        let model = CostModel(device: try .shipped("pixel1"))
        func ratio(_ architecture: Architecture) -> Double {
            let estimate = model.estimate(architecture.network)
            return estimate.intervalMs(confidence: 0.9).upperBound / estimate.latencyMs
        }
        #expect(ratio(space.largest) == 1)
        let margin = model.largestMargin(of: space, confidence: 0.9)
        let found = space.randomArchitectures(300, seed: 5).map(ratio)
        let all = found + space.architecturesOfAllChoices.map(ratio)
        #expect(margin > 1.02 && all.allSatisfy { $0 <= margin * (1 + 1e-9) })
        // And no more than the widest layer has.
        let layers = space.architecturesOfAllChoices.flatMap { model.estimate($0.network).layers }
        let widest = layers.filter { $0.latencyMs > 0 }.compactMap { layer in
            layer.intervalMs.map { $0.upperBound / layer.latencyMs }
        }.max()
        #expect(margin < (widest ?? 1))
    }
}
