import Files
import Testing

@Suite struct NearestTextTests {
    @Test(arguments: [
        ("serch", "search"), ("stpe", "step"), ("pixle1", "pixel1"), ("mesure", "measure"), ("--spac", "--space"),
    ])
    func findsWhatIsNear(typed: String, meant: String) {
        #expect(NearestText.nearest(to: typed, among: ["train", meant, "evaluate"]) == meant)
    }

    @Test func findsNothingThatIsFar() {
        #expect(NearestText.nearest(to: "xyz", among: ["search", "train"]) == nil)
        #expect(NearestText.question(on: "xyz", among: ["search", "train"]) == nil)
        #expect(NearestText.question(on: "a", among: ["b"]) == nil)
        #expect(NearestText.nearest(to: "a", among: []) == nil)
    }

    @Test func asksForTwoThatAreAsNearAsEachOther() {
        #expect(NearestText.question(on: "pixel7", among: ["pixel1", "pixel2", "pixel3"]) == "did you mean pixel1 or pixel2?")
        #expect(NearestText.question(on: "pixel", among: ["pixel12", "pixel1"]) == "did you mean pixel1?")
    }
}
