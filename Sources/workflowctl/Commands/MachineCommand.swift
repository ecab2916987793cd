import ArgumentParser
import Foundation
import JSONModel
import StatesLanguage

/// `workflowctl machine …`
struct MachineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine",
        abstract: "State machines: list, look at, apply a file, draw.",
        discussion: "Example: workflowctl machine graph suspension --format svg > suspension.svg",
        subcommands: [MachineList.self, MachineGet.self, MachineApply.self, MachineGraph.self])

    static let fields = [
        Column("Name", key: "name"), Column("Version", key: "version"), Column("ARN", key: "arn"),
        Column("Created") { Moments.both($0["createdAt"]) }, Column("Updated") { Moments.both($0["updatedAt"]) },
        Column("File", key: "file"), Column("Hash", key: "hash"), Column("Source", key: "source"),
    ]

    static func name(_ machine: JSONValue) -> String { machine["name"]?.display ?? "" }

    static func path(_ name: String) -> String { "/api/v1/state-machines/\(AdminClient.segment(name))" }
}

struct MachineList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the state machines.", discussion: "Example: workflowctl machine list")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        output.printer.list(
            try await server.client().get("/api/v1/state-machines"), key: "stateMachines",
            columns: [
                Column("Name", key: "name"), Column("Version", key: "version"),
                Column("Updated") { Moments.relative($0["updatedAt"]) }, Column("File", key: "file"),
            ], name: MachineCommand.name)
    }
}

struct MachineGet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Show one state machine with its source.",
        discussion: "Example: workflowctl machine get suspension")

    @Argument(help: "The state machine.") var name: String
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let answer = try await server.client().get(MachineCommand.path(name))
        output.printer.item(answer, fields: MachineCommand.fields, name: MachineCommand.name)
    }
}

struct MachineGraph: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph", abstract: "Draw a state machine.",
        discussion: """
            svg needs Graphviz's dot on PATH. A file is drawn without a daemon.

            Example: workflowctl machine graph state-machines/suspension.asl.yaml --format mermaid
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case dot, mermaid, svg }

    @Argument(help: "A state machine, or a file.", completion: .file()) var machine: String
    @Option(help: "dot, mermaid or svg.") var format = Format.mermaid
    @OptionGroup var server: ServerOptions

    func run() async throws {
        let source: String
        var file: String?
        if FileManager.default.fileExists(atPath: machine) {
            source = String(decoding: try Files.read(machine), as: UTF8.self)
            file = machine
        } else {
            source = try await server.client().get(MachineCommand.path(machine))["source"]?.stringValue ?? ""
        }
        let reading = StateMachineReader.read(source, file: file)
        guard let machine = reading.machine else {
            throw Failure(.findings, "\(file ?? machine) has errors", hint: "workflowctl lint names them.")
        }
        let graph = StateMachineGraph(machine)
        switch format {
        case .dot: StandardOutput.text(graph.dot)
        case .mermaid: StandardOutput.text(graph.mermaid)
        case .svg: try Self.draw(graph.dot)
        }
    }

    /// By way of a file: a pipe that nobody reads, as where there is no dot, ends the writer by a signal.
    private static func draw(_ dot: String) throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "steward-\(UUID().uuidString).dot")
        try Data(dot.utf8).write(to: file)
        // What is left in the directory for temporary files does no harm.
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["dot", "-Tsvg", file.path]
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(.error, "dot could not draw it", hint: "Install Graphviz: apt-get install graphviz.")
        }
    }
}
