import HardwareProfiles

extension DeviceProfile {
    /// What is known of the device, for people, at most `TextTable.columns` wide.
    var text: String {
        var table = TextTable([("", .left), ("", .cut)], titled: false)
        table.add(["device", name])
        table.add(["chip", hardware.chip + (hardware.processNm.map { ", \($0.value.significant(2)) nm" } ?? "")])
        for cluster in hardware.clusters {
            table.add([
                "cluster " + cluster.name,
                "\(cluster.cores.value) × \(cluster.core) @ \(cluster.clockGHz.value.significant(3)) GHz, "
                    + "\(cluster.vectorBits.value)-bit vectors",
            ])
            table.add([
                "  caches",
                "L1 \(cluster.l1KiB.value.grouped) KiB, L2 \(cluster.l2KiB.value.grouped) KiB"
                    + (cluster.l2Shared.value ? " shared by the cluster" : " a core"),
            ])
        }
        let caches = [("L3", hardware.l3KiB), ("system cache", hardware.systemCacheKiB)].compactMap { name, size in
            size.map { "\(name) \($0.value.grouped) KiB" }
        }
        if !caches.isEmpty { table.add(["shared caches", caches.joined(separator: ", ")]) }
        let memory = hardware.memory
        table.add([
            "memory",
            "\(memory.kind), \(memory.bandwidthGBPerSecond.value.significant(3)) GB/s, "
                + "\(memory.coreBandwidthGBPerSecond.value.significant(3)) GB/s by one core",
        ])
        table.add(["energy", hardware.energy == nil ? "not known" : "modelled from published figures"])
        table.add(["runtime", "\(runtime.name.rawValue), \(runtime.dataType.rawValue)"])
        table.add([
            "threads", "\(runtime.threads) on cluster \(runtime.cluster) (--device-threads: up to \(bigCores))",
        ])
        for measured in tables {
            let counts = [
                ("blocks", measured.entries.count), ("operators", measured.operators.count),
                ("groups of layers", measured.groups.count),
            ].filter { $0.1 > 0 }.map { "\($0.0): \($0.1.grouped)" }
            table.add(["measured", ((measured.space.map { [$0] } ?? []) + counts).joined(separator: ", ")])
        }
        if !networks.isEmpty { table.add(["measured", "whole networks: \(networks.count)"]) }
        if !isMeasured { table.add(["measured", "nothing"]) }
        let sentences = [description, "Model: \(basisOfModel)."].map { $0.wrapped(columns: TextTable.columns) }
        return table.text + "\n" + sentences.joined(separator: "\n") + "\n"
    }
}

extension Core {
    /// What is known of the core, for people, at most `TextTable.columns` wide.
    var text: String {
        var table = TextTable([("", .left), ("", .right), ("", .cut)], titled: false)
        table.add(["core", title, "\(designer), \(instructionSet), family \(family)"])
        // Beside the names, of which the longest is that of the bytes, and the values.
        let room = TextTable.columns - "L1 bytes a cycle".count - max(title.terminalWidth, 7) - 4
        func add(_ name: String, _ value: String, _ source: String) {
            for (index, line) in source.wrapped(columns: room).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
                table.add((index == 0 ? [name, value] : ["", ""]) + [String(line)])
            }
        }
        add("order of issue", inOrder.value ? "in" : "out", inOrder.source)
        add("issue width", "\(issueWidth.value)", issueWidth.source)
        add("vector units", "\(vectorUnits.value)", vectorUnits.source)
        add("vector bits", "\(vectorBits.value)", vectorBits.source)
        for (name, figure) in [
            ("float32 a cycle", fmaPerCycleF32), ("float16 a cycle", fmaPerCycleF16), ("int8 a cycle", fmaPerCycleInt8),
        ] {
            add(name, figure.value.significant(3), figure.source)
        }
        add("L1 KiB", l1KiB.value.grouped, l1KiB.source)
        add("L1 bytes a cycle", l1BytesPerCycle.value.significant(3), l1BytesPerCycle.source)
        add("L2 KiB", l2KiB.value.grouped, l2KiB.source)
        add("L2 shared", l2Shared.value ? "yes" : "no", l2Shared.source)
        add("L2 bytes a cycle", l2BytesPerCycle.value.significant(3), l2BytesPerCycle.source)
        return table.text
    }
}
