import Files
import HardwareProfiles

extension DeviceProfile {
    /// How the latencies of networks of one space on this device are known: how many of their layers were measured, how far
    /// off the model is, and what was assumed.
    func basis(of estimates: [CostEstimate]) -> String {
        // What is assumed of one network of a space is assumed of all.
        let assumed = (estimates.first?.gaps.assumptions ?? []).map { " \($0.capitalisedFirst)." }.joined()
        let measured = estimates.map(\.measuredLayers), all = estimates.map(\.layerCount)
        if measured == all { return "Latency: all \(all.span) layers measured.\(assumed)" }
        let model: String
        switch parameters {
        case .calibrated(let calibration):
            model = "calibrated on \(calibration.basis), off by \(calibration.meanError.percent) on average, "
                + "\(calibration.worstError.percent) at worst"
        case .standIn(let profile, _):
            let errors = CostModelAccuracy.ofUnmeasuredDevices
            model = "with parameters of \(profile), off by \(errors.mean.percent) on average, \(errors.worst.percent) at "
                + "worst, where nothing was measured"
        case .transferred(let parameters): model = "learned from \(parameters.basis)"
        case .usual: model = "with usual parameters of \(runtime.name.rawValue), of unknown error"
        }
        let known = measured.allSatisfy { $0 == 0 }
            ? "not measured on this device: modelled"
            : "\(measured.span) of \(all.span) layers measured, the others modelled"
        let far = CostEstimate.extrapolation(in: estimates).map { " \($0)." } ?? ""
        return "Latency \(known), \(model).\(far)\(assumed)"
    }
}

extension Double {
    /// A share, for people: "15 %", "1.8 %".
    fileprivate var percent: String { "\((100 * self).fixed(self < 0.1 ? 1 : 0)) %" }
}

extension Int {
    /// "1 thread", "4 threads".
    var threads: String { counted("thread") }
}
