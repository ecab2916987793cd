import ArgumentParser
import Dispatch

/// Waits for the command on the main thread: with an asynchronous `main` that thread ends, and valgrind with it.
@main
enum Main {
    static func main() {
        let end = DispatchSemaphore(value: 0)
        Task.detached {
            await Enginebench.main()
            end.signal()
        }
        end.wait()
    }
}

/// Measures the engine on the real store, in process: what it can do when no client and no network slow it down.
/// No release ships it; `scripts/bench.py` runs it. Each command prints one line of JSON.
struct Enginebench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enginebench", abstract: "Measures the engine on the real store, in process.",
        subcommands: [Chain.self, Waiting.self, Timers.self, Growth.self, Ledger.self])
}

/// Where a measurement keeps its database.
struct Place: ParsableArguments {
    @Option(help: "Data directory; made when missing.")
    var directory: String
}
