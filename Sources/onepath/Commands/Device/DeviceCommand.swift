import ArgumentParser

struct DeviceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "device", abstract: "Makes a profile of a device that nobody measured, and makes it better.",
        discussion: """
            new makes one from facts, adapt from a few measurements besides, plan says which to measure next, check tells how \
            far a table is off. publish makes the profiles that come with the product from published lists.
            """,
        subcommands: [
            DeviceNewCommand.self, DeviceAdaptCommand.self, DevicePlanCommand.self, DeviceCheckCommand.self,
            DevicePublishCommand.self,
        ])
}
