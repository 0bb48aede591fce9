import Architectures
import Files
import HardwareProfiles
import Testing
import TestSupport

@Suite("Calibration")
struct CalibrationTests {
    @Test("anew gives the parameters that a profile ships with")
    func repeatable() throws {
        var count = 0
        for device in try DeviceProfile.allShipped() {
            guard case .calibrated(let shipped) = device.parameters else { continue }
            let anew = try device.calibrated(operators: Architecture.operatorsOfReference)
            #expect(anew.basis == shipped.basis)
            #expect(abs(anew.meanError - shipped.meanError) < 1e-6 && abs(anew.worstError - shipped.worstError) < 1e-6)
            for name in CostParameters.Name.allCases {
                #expect(abs(anew.parameters[name] / shipped.parameters[name] - 1) < 1e-6, "\(device.name) \(name)")
            }
            count += 1
        }
        #expect(count == 5)
    }

    @Test("tells how far off its parameters are on what they were given, and what its blocks say besides comes nearer")
    func errors() throws {
        let device = try DeviceProfile.shipped("pixel1")
        func errors(of device: DeviceProfile) -> [Double] {
            let model = CostModel(device: device)
            return device.tables[0].entries.map { entry in
                abs(model.modelled(entry.block.operators(input: entry.input)).latencyMs / entry.latencyMs - 1)
            }
        }
        let alone = try DeviceProfile.copy(changing: ["parameters"]) { $0.removing("depthwise") }
        let corrected = errors(of: device)
        let errors = errors(of: alone)
        #expect(corrected.reduce(0, +) < 0.75 * errors.reduce(0, +))
        guard case .calibrated(let calibration) = device.parameters else {
            Issue.record("pixel1 is not calibrated")
            return
        }
        #expect(abs(calibration.meanError - errors.reduce(0, +) / 80) < 1e-6)
        #expect(abs(calibration.worstError - largest(of: errors)) < 1e-6)
        #expect(calibration.basis == "80 blocks")
        #expect(device.basisOfModel == "calibrated on 80 blocks: mean error 1.8 %, worst 5.5 %")
    }

    /// The Pixel 1 with parameters that are known, and in its table what the model says with them.
    private func made(_ factors: [String: Double]) throws -> (device: DeviceProfile, truth: CostParameters) {
        let known = try DeviceProfile.copy(changing: ["parameters"]) { parameters in
            parameters.removing("depthwise").changing(["values"]) { values in
                factors.reduce(values) { values, factor in
                    values.changing([factor.key][...]) { value in
                        if case .number(let number) = value { .number(number * factor.value) } else { value }
                    }
                }
            }
        }
        guard case .calibrated(let calibration) = known.parameters else { throw CancellationError() }
        let model = CostModel(device: known)
        let made = try DeviceProfile.copy(changing: ["tables", "0", "entries"]) { entries in
            .array(
                zip(entries.elements, known.tables[0].entries).map { element, entry in
                    let cost = model.modelled(entry.block.operators(input: entry.input))
                    #expect(cost.source == .modelled)
                    return element.changing(["latency_ms"]) { _ in .number(cost.latencyMs) }
                })
        }
        return (made, calibration.parameters)
    }

    @Test("explains what the model made, and finds the parameters that it shows")
    func findsTheTruth() throws {
        let (device, truth) = try made(
            ["product_efficiency": 0.7, "depthwise_efficiency": 1.2, "strided_depthwise_efficiency": 0.8])
        let found = try device.calibrated(operators: Architecture.operatorsOfReference)
        // Corrections of kernels, which are 0 here, are estimated beside the factors and take a little of what is theirs.
        #expect(found.worstError < 0.01, "worst \(found.worstError)")
        for name in [.productEfficiency, .depthwiseEfficiency, .stridedDepthwiseEfficiency] as [CostParameters.Name] {
            let ratio = found.parameters[name] / truth[name]
            #expect(abs(ratio - 1) < 0.02, "\(name) \(ratio)")
        }
    }

    @Test("of a device that is a third slower all over finds the model a third slower")
    func slower() throws {
        let device = try DeviceProfile.shipped("pixel1")
        let slow = try DeviceProfile.copy(changing: ["tables", "0", "entries"]) { entries in
            .array(entries.elements.enumerated().map { place, element in
                element.changing(["latency_ms"]) { _ in .number(device.tables[0].entries[place].latencyMs * 1.333) }
            })
        }
        let found = try slow.calibrated(operators: Architecture.operatorsOfReference)
        #expect(found.meanError < 0.025, "mean \(found.meanError)")
    }

    @Test("leaves out networks that were measured on other cores, and those that are odd")
    func fittedNetworks() throws {
        let shipped = try DeviceProfile.shipped("pixel1-xnnpack")
        let expected = try shipped.calibrated(operators: Architecture.operatorsOfReference)
        #expect(shipped.fittedNetworks.count == shipped.networks.count && !shipped.networks.isEmpty)
        for (field, value) in [("odd", JSON.bool(true)), ("cores", "little")] {
            let copy = try DeviceProfile(copy: DeviceProfile.document("pixel1-xnnpack").changing(["networks"]) { networks in
                guard case .array(let rows) = networks, case .object(let members) = rows[0] else { return networks }
                let slow = members.map { member -> JSON.Member in
                    guard case .number(let ms) = member.value, member.key == "latency_ms" else { return member }
                    return .init(key: member.key, value: .number(3 * ms))
                }
                return .array(rows + [.object(slow + [.init(key: field, value: value)])])
            })
            #expect(copy.networks.count == shipped.networks.count + 1 && copy.fittedNetworks.count == shipped.networks.count)
            let anew = try copy.calibrated(operators: Architecture.operatorsOfReference)
            #expect(anew.basis == expected.basis && anew.parameters == expected.parameters, "\(field)")
        }
    }

    @Test("without measurements is refused")
    func nothing() throws {
        for keys in [["tables"], ["tables", "0", "entries"]] {
            let empty = try DeviceProfile.copy(changing: keys) { _ in [] }
            #expect(
                DeviceProfile.refusal { try empty.calibrated(operators: Architecture.operatorsOfReference) }
                    == "/tables: expected at least one measured block or network to calibrate on, found none")
        }
    }

    @Test("on one block stays near what is usual")
    func oneBlock() throws {
        let one = try DeviceProfile.copy(changing: ["tables", "0", "entries"]) { .array([$0.elements[7]]) }
        let usual = CostModel(device: try .copy(changing: ["parameters"]) { _ in nil })
        let fitted = try one.calibrated(operators: Architecture.operatorsOfReference)
        #expect(fitted.basis == "1 block" && fitted.worstError < 0.02)
        let calibrated = CostModel(device: try .copy(changing: ["parameters"]) { _ in fitted.json })
        let other = Operator.fullyConnected(inputChannels: 1280, outputChannels: 1000, activation: .none)
        #expect(abs(calibrated.modelled([other]).latencyMs / usual.modelled([other]).latencyMs - 1) < 0.3)
    }

    @Test("is written as a profile has it")
    func json() throws {
        let device = try DeviceProfile.shipped("pixel1")
        guard case .calibrated(let calibration) = device.parameters else { throw CancellationError() }
        // A profile that says nothing is of float32.
        #expect(calibration.dataType == .float32 && calibration.json["data_type"] == "float32")
        #expect(calibration.json.removing("data_type") == (try DeviceProfile.document("pixel1"))["parameters"])
    }
}
