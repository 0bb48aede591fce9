import Architectures
import Files
import Testing
import TestSupport
import Training

@Suite struct ConvNetTests {
    @Test func trainsWhatASearchSpaceHoldsAndRefusesWhatTheEngineHasNot() throws {
        for path in try ShippedFiles.spaces() {
            let space = try SearchSpace(contentsOf: path)
            #expect(ConvNet.canTrain(space.largest) && ConvNet.canTrain(space.smallest))
        }
        let trainable = ["efficientnet-lite0", "mobilenet-v2", "proxylessnas-mobile", "single-path-nas"]
        for path in try ShippedFiles.references() {
            let architecture = try Architecture(contentsOf: path)
            #expect(ConvNet.canTrain(architecture) == trainable.contains(architecture.name), "\(path)")
        }
    }

    @Test(arguments: [
        (#""output_channels": 4}"#, #""output_channels": 4, "activation": "swish"}"#, "swish in the stem"),
        (#""output_channels": 6}"#, #""output_channels": 6, "activation": "swish"}"#, "swish in the head"),
        (
            #""output_channels": 6}"#, #""output_channels": 6, "pooled_channels": 7}"#,
            "two fully connected operators after the head"
        ),
        (#"{"output_channels": 6}"#, "null", "no head"),
        (#""se_ratio": 0.0"#, #""se_ratio": 0.5"#, "squeeze-excite in a.1"),
        (#""expand_convolution": true"#, #""expand_convolution": true, "activation": "hard_swish""#, "hard_swish in a.1"),
        (
            #""expand_convolution": true"#, #""expand_convolution": true, "projection_activation": "relu""#,
            "relu after the projection of a.1"
        ),
    ])
    func oneThingThatTheEngineHasNotIsEnough(old: String, new: String, found: String) throws {
        let space = try Spaces.space(
            "small", side: 8, stem: 4, stages: [Spaces.stage("a", channels: 5, stride: 2)], head: 6, classes: 2)
        #expect(ConvNet.canTrain(space.largest))
        let text = space.largest.json().text(pretty: false)
        let changed = text.replacing(old, with: new, maxReplacements: 1)
        #expect(changed != text)
        let architecture = try Architecture(json: JSONNode(JSON(parsing: changed, path: "x"), path: "x"))
        #expect(!ConvNet.canTrain(architecture))
        let error = try #require(#expect(throws: TrainingError.self) { try ConvNet.check(architecture) })
        #expect(error.description.hasSuffix(", found \(found)"), "\(error)")
    }
}
