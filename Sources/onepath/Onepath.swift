import ArgumentParser
import Datasets
import Engine
import Exporter
// Its stdout is a variable, which is not set anywhere here.
@preconcurrency import Glibc
import Files
import Profiler
import Quantization
import Runs
import SupernetSearch
import Training

/// The command line: parses, calls, prints.
@main
struct Onepath: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Finds the most accurate ConvNet that a given phone can run in a given time.",
        discussion: """
            Spaces, devices and architectures are given by a name that `onepath show` lists, or by the path of a file; an \
            architecture also by the folder of the run that found or trained it.
            """,
        version: version,
        subcommands: [
            SearchCommand.self, SweepCommand.self, TrainCommand.self, EvaluateCommand.self, ClassifyCommand.self,
            EstimateCommand.self, ExportCommand.self, DataCommand.self, DeviceCommand.self, CalibrateCommand.self,
            ProfileCommand.self, MeasureCommand.self, ShowCommand.self, LogitsCommand.self, BenchmarkCommand.self,
        ])

    static func main() {
        // Where files may not grow any more, writing is to fail like on a full disk, not to end the program.
        signal(SIGXFSZ, SIG_IGN)
        var command: any ParsableCommand
        do {
            command = try parseAsRoot()
        } catch {
            let wasHelpful = exitCode(for: error).isSuccess, arguments = Array(CommandLine.arguments.dropFirst())
            if !wasHelpful, let meant = Mistyping.error(in: arguments, of: self) { exit(withError: meant) }
            if !wasHelpful, let number = MistypedNumber(error, in: arguments, of: self) {
                writeError(number.message(for: error) + "\n")
                Glibc.exit(EX_USAGE)
            }
            exit(withError: error)
        }
        do {
            try ExecutionContext.checkKernelSet()
            try command.run()
            try flushOutput()
        } catch {
            guard let status = exitStatus(of: error) else { exit(withError: error) }
            let sentence = (error as? ConfigurationError).map(RunOptions.sentence(of:)) ?? "\(error)"
            writeError("onepath: \(sentence)\n")
            Glibc.exit(status)
        }
    }

    /// Brings out what was printed.
    ///
    /// - Throws: `FileError.cannotWrite` where some of it could not be, as to a full disk.
    private static func flushOutput() throws {
        errno = 0
        if fflush(stdout) != 0 || ferror(stdout) != 0 {
            let reason = errno == 0 ? "a part of it was lost" : lastSystemError()
            throw FileError.cannotWrite(path: "standard output", reason: reason)
        }
    }

    /// The status of the program where an input is damaged.
    static let badInput = EX_DATAERR

    /// nil for what the argument parser reports itself: wrong usage, and calls for help.
    static func exitStatus(of error: any Error) -> Int32? {
        switch error {
        case let error as FileError:
            switch error {
            case .missing, .unreadable: EX_NOINPUT
            case .invalid: EX_DATAERR
            case .cannotWrite: EX_CANTCREAT
            }
        case is ValidationError: EX_USAGE
        case is DatasetError: EX_USAGE
        case is ConfigurationError: EX_USAGE
        case is TargetError: EX_USAGE
        case is KernelSetError: EX_USAGE
        case let error as TrainingError:
            switch error {
            case .imagesDoNotFit, .cannotTrain, .diverged: EX_DATAERR
            }
        case let error as ProfilingError:
            switch error {
            case .cannotPin: EX_USAGE
            case .rejected, .unsteady, .refused: EX_DATAERR
            case .unavailable: EX_UNAVAILABLE
            }
        case let error as RemoteError:
            switch error {
            case .noProgram, .noDevice, .unknownDevice, .unauthorised, .disconnected, .unreachable, .late, .screenOff:
                EX_NOINPUT
            case .severalDevices, .noProcessors: EX_USAGE
            case .noSpace, .cannotCopy: EX_CANTCREAT
            case .wrongABI, .cannotRun, .noLatency: EX_DATAERR
            }
        case is TimmError: EX_DATAERR
        case is QuantizationError: EX_DATAERR
        case is Interruption: 130
        default: nil
        }
    }
}

/// Writes to standard error, where progress and errors go.
func writeError(_ text: String) {
    let bytes = Array(text.utf8)
    _ = write(STDERR_FILENO, bytes, bytes.count)
}
