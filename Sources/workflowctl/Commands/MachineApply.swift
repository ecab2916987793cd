import ArgumentParser
import Engine
import JSONModel
import StatesLanguage

struct MachineApply: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Load state machines from files into the daemon.",
        discussion: """
            suspension.asl.yaml becomes the state machine "suspension", or the next version of it; runs that are under \
            way finish on the version that they began with. All files are checked first: where one has an error, none \
            is applied (exit code 9).

            Example: workflowctl machine apply state-machines/suspension.asl.yaml
            """)

    @Argument(help: "YAML or JSON files, or - for stdin, with --name.", completion: .file()) var files: [String]
    @Option(help: "The name, for a single file.") var name: String?
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard name == nil || files.count == 1 else { throw ValidationError("--name goes with one file only.") }
        guard name != nil || !files.contains("-") else {
            throw ValidationError("What comes from stdin has no file's name: name the state machine with --name.")
        }
    }

    func run() async throws {
        let definitions = try checked()
        let client = try server.client()
        for (place, definition) in definitions.enumerated() {
            do {
                let answer = try await client.put(
                    MachineCommand.path(definition.name),
                    ["source": .string(definition.source), "file": .string(definition.file)])
                output.printer.item(answer, fields: MachineCommand.fields.dropLast(), name: MachineCommand.name)
            } catch let failure as Failure where definitions.count > 1 {
                let left = definitions[place...].map(\.file).joined(separator: ", ")
                throw Failure(
                    failure.exit, "\(definition.file): \(failure.message)", hint: failure.hint,
                    details: failure.details + ["Not applied: \(left)"])
            }
        }
    }

    private struct Definition {
        let name: String
        let file: String
        let source: String
    }

    /// All files, each looked at as the daemon will.
    /// - Throws: `Failure` that names every fault of every file.
    private func checked() throws -> [Definition] {
        var definitions: [Definition] = []
        var faults: [String] = []
        var exit = Exit.findings
        for file in files {
            do {
                let definition = try definition(file)
                if let first = definitions.first(where: { $0.name == definition.name }) {
                    faults.append("\(file): would be the state machine '\(definition.name)', as \(first.file) would")
                }
                definitions.append(definition)
            } catch let failure as Failure {
                exit = failure.exit == .findings ? exit : failure.exit
                faults += [failure.message] + failure.details
            }
        }
        guard faults.isEmpty else {
            throw Failure(
                exit, "nothing was applied, since not all is valid", hint: "Mend it and apply the files again.",
                details: faults)
        }
        return definitions
    }

    private func definition(_ file: String) throws -> Definition {
        guard let bytes = try Files.definition(file) else {
            throw Failure(.findings, "\(file) has more bytes than the \(TextFile.limit) that a definition may have")
        }
        guard let source = String(validating: bytes, as: UTF8.self) else {
            throw Failure(.findings, "\(file) is not valid UTF-8")
        }
        let name = name ?? DefinitionPath(file).stateMachineName
        var errors = StateMachineReader.read(source, file: file).diagnostics.filter { $0.severity == .error }
        if self.name == nil, let fault = DefinitionFindings.misnamed(.init(name: name, file: file)) {
            errors.append(fault)
        }
        guard errors.isEmpty else {
            let text = Printer.printable(errors, source: source, color: false)
            throw Failure(
                .findings, "\(file) has \(errors.count) error(s):",
                details: text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init))
        }
        return Definition(name: name, file: file, source: source)
    }
}
