import TFLite

extension TFLiteModel {
    /// A model with one operator that no runtime has, "Fold", from 8×8 images to ten classes.
    static func withCustomOperator() -> TFLiteModel {
        var model = TFLiteModel(name: "custom")
        let image = model.add(TFLiteTensor("image", type: .float32, shape: [1, 8, 8, 3]))
        let answer = model.add(TFLiteTensor("answer", type: .float32, shape: [1, 10]))
        model.add(.custom("Fold"), inputs: [image], outputs: [answer])
        model.inputs = [image]
        model.outputs = [answer]
        return model
    }
}
