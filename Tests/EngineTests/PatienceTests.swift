import Engine
import Testing

@Suite("Patience of waiting threads")
struct PatienceTests {
    private let start = ContinuousClock.now

    @Test("a thread that keeps its core polls for long, one that loses it often does not")
    func learning() {
        var patience = Patience()
        #expect(patience.looks == Patience.least)
        patience.learn(preemptions: 1000, at: start)
        #expect(patience.looks == Patience.least, "nothing is known from one count")
        // 30 a second.
        patience.learn(preemptions: 1006, at: start + .milliseconds(200))
        #expect(patience.looks == Patience.most)
        // 120 a second.
        patience.learn(preemptions: 1018, at: start + .milliseconds(300))
        #expect(patience.looks == Patience.least)
        patience.learn(preemptions: 1018, at: start + .milliseconds(400))
        #expect(patience.looks == Patience.most)
        // The count of another thread, which calls the pool instead.
        patience.learn(preemptions: 3, at: start + .milliseconds(500))
        #expect(patience.looks == Patience.most)
    }

    @Test("looks until it is so, and no longer than it is worth")
    func polling() {
        var patience = Patience()
        var looked = 0
        #expect(patience.poll { looked += 1; return looked == 100 })
        #expect(looked == 100)
        looked = 0
        #expect(!patience.poll { looked += 1; return false })
        #expect(looked == Patience.least + 1)
        // Known to keep its core; the kernel is not asked again within this test.
        patience.learn(preemptions: 0, at: .now + .seconds(3600))
        patience.learn(preemptions: 0, at: .now + .seconds(7200))
        looked = 0
        #expect(!patience.poll { looked += 1; return false })
        #expect(looked == Patience.most + 1)
        looked = 0
        #expect(patience.poll { looked += 1; return looked == Patience.most })
        #expect(looked == Patience.most)
    }
}
