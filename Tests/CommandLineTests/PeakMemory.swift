import Foundation
import Glibc

/// The built program, run for what memory it takes.
enum PeakMemory {
    /// The exit status, and the most memory that was resident, in bytes.
    static func of(_ arguments: [String]) -> (status: Int32, bytes: Int) {
        let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("onepath").path
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for stream in [STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_WRONLY, 0)
        }
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process = pid_t()
        guard posix_spawn(&process, path, &actions, nil, &words, environ) == 0 else { return (-1, 0) }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0, errno == EINTR {}
        return (status & 0x7f == 0 ? (status >> 8) & 0xff : -1, 1024 * Int(usage.ru_maxrss))
    }
}
