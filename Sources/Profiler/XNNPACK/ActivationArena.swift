/// The places of the maps between a network's operators in one piece of memory. As in an inference runtime, two maps
/// that are needed at the same time do not overlap; others may share memory.
///
/// Maps are placed from the largest on, each at the lowest place that is free while it lives (Pisarchyk and Lee, 2020,
/// "Efficient Memory Management for Deep Neural Net Inference", arXiv:2001.03288, greedy by size).
package struct ActivationArena {
    /// A map, from the step that writes it to the last that reads it.
    package struct Map {
        package let size: Int
        package let steps: ClosedRange<Int>

        package init(size: Int, steps: ClosedRange<Int>) {
            self.size = size
            self.steps = steps
        }
    }

    /// The place of every map.
    package let offsets: [Int]
    /// The total size.
    package let size: Int

    /// Places `maps`, each at a multiple of `alignment`.
    package init(_ maps: [Map], alignment: Int) {
        var offsets = [Int](repeating: 0, count: maps.count)
        var size = 0
        var placed: [Int] = []
        for index in maps.indices.sorted(by: { (maps[$0].size, $1) > (maps[$1].size, $0) }) {
            let map = maps[index]
            let neighbours = placed.filter { maps[$0].steps.overlaps(map.steps) }.sorted { offsets[$0] < offsets[$1] }
            var offset = 0
            for neighbour in neighbours where offset + map.size > offsets[neighbour] {
                let end = offsets[neighbour] + maps[neighbour].size
                offset = max(offset, (end + alignment - 1) / alignment * alignment)
            }
            offsets[index] = offset
            size = max(size, offset + map.size)
            placed.append(index)
        }
        self.offsets = offsets
        self.size = size
    }
}
