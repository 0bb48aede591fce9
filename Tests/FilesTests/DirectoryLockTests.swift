import Files
import Testing
import TestSupport

@Suite struct DirectoryLockTests {
    @Test func isHeldByOneUntilItGoes() throws {
        let directory = try TemporaryDirectory()
        var lock: DirectoryLock? = try DirectoryLock(directory.path)
        #expect(
            errorMessage { try DirectoryLock(directory.path) }
                == "cannot write \(directory.path): another program is at work in it")
        withExtendedLifetime(lock) {}
        lock = nil
        _ = try DirectoryLock(directory.path)
    }

    @Test func needsADirectory() throws {
        let directory = try TemporaryDirectory()
        let absent = directory.file("absent")
        #expect(errorMessage { try DirectoryLock(absent) } == "cannot write \(absent): No such file or directory")
    }
}
