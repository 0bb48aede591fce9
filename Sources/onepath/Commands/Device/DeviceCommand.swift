import ArgumentParser

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "Makes a profile of a device that nobody measured, and makes it better.",
        discussion: """
            new makes one from facts. plan says which networks to measure next, and adapt improves the profile by what was \
            measured. check compares a table of latencies with whole networks. publish makes the profiles that come with \
            the product from published lists.
            """,
        subcommands: [
            DeviceNewCommand.self, DeviceAdaptCommand.self, DevicePlanCommand.self, DeviceCheckCommand.self,
            DevicePublishCommand.self,
        ])
}
