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
        // What the system tells of a process that has ended counts the memory of the one that started it too.
        var peak = 0
        while waitpid(process, &status, WNOHANG) == 0 {
            peak = max(peak, resident(of: process))
            usleep(2000)
        }
        return (status & 0x7f == 0 ? (status >> 8) & 0xff : -1, peak)
    }

    /// The most memory that was resident of a running process so far, in bytes; 0 once it has ended, and as long as
    /// it is not yet the built program.
    ///
    /// The call that starts a process may return a moment before the new process leaves the memory of this one.
    /// Its name changes after its memory does, so a state with the new name tells of the new memory.
    private static func resident(of process: pid_t) -> Int {
        let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n")
        guard lines.contains("Name:\tonepath") else { return 0 }
        for line in lines where line.hasPrefix("VmHWM:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { 1024 * $0 } ?? 0
        }
        return 0
    }
}
