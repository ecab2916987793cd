import Engine
import Foundation
import JSONModel
import StatesLanguage
import WallTime

/// The files and folders of one command line, each looked at by itself, and then among the others.
enum LintedFiles {
    private struct Path {
        let path: String
        /// Found in a folder, rather than named itself.
        let isOfFolder: Bool
        /// The same for two ways to write it.
        var location: String { URL(filePath: path).standardizedFileURL.path }
        var directory: String { DefinitionPath(location).directory }
    }

    /// - Parameter arguments: files, `-`, and folders, which stand for all that is in them and below: `*.yaml`, `*.yml`,
    ///   `*.json`, by name. What is named twice is looked at once.
    static func read(_ arguments: [String], type: StateMachineType, now: Instant) -> [LintedFile] {
        var seen: Set<String> = []
        var paths: [Path] = []
        var files: [LintedFile] = []
        for argument in arguments {
            do {
                for path in try expanded(argument) where seen.insert(path.location).inserted {
                    paths.append(path)
                    files.append(look(at: path, type: type, now: now))
                }
            } catch {
                paths.append(Path(path: argument, isOfFolder: false))
                files.append(LintedFile.unreadable(argument, error))
            }
        }
        for finding in findings(among: zip(paths, files).filter { DefinitionPath($0.0.path).isLoaded }) {
            guard let place = files.firstIndex(where: { $0.name == finding.file }) else { continue }
            files[place].diagnostics.append(finding)
        }
        return files
    }

    /// Who names a pipe wants what comes out of it; one that lies in a folder would be waited for, and nobody writes it.
    private static func look(at path: Path, type: StateMachineType, now: Instant) -> LintedFile {
        if path.isOfFolder, let kind = Files.kind(path.path), kind != S_IFREG {
            return LintedFile.unreadable(path.path, Files.unreadable(path.path, TextFile.kind(kind)))
        }
        return LintedFile.read(path.path, type: type, now: now)
    }

    private static func expanded(_ argument: String) throws(Failure) -> [Path] {
        guard argument != "-", Files.kind(argument) == S_IFDIR else {
            return [Path(path: argument, isOfFolder: false)]
        }
        let names = FileManager.default.enumerator(atPath: argument)?.compactMap { $0 as? String } ?? []
        let found = names.filter { name in
            !name.split(separator: "/").contains { $0.hasPrefix(".") }
                && ["yaml", "yml", "json"].contains(URL(filePath: name).pathExtension)
        }
        guard !found.isEmpty else {
            throw Failure(.error, "\(argument) holds no YAML or JSON file", hint: "Name a folder that does, or files.")
        }
        let start = argument.hasSuffix("/") ? argument : argument + "/"
        return found.sorted().map { Path(path: start + $0, isOfFolder: true) }
    }

    private static func findings(among files: [(Path, LintedFile)]) -> [Diagnostic] {
        let machines = files.filter { $0.1.kind == .stateMachine }
        let workflows = files.filter { $0.1.workflow?.workflow != nil }
        return misnamed(machines) + doubled(machines, workflows) + unbound(workflows, machines)
    }

    /// Of the files that a daemon is given: a definition for AWS, which is named by itself, is called as it likes.
    private static func misnamed(_ machines: [(Path, LintedFile)]) -> [Diagnostic] {
        machines.filter { $0.0.isOfFolder || DefinitionPath($0.0.directory).fileName == "state-machines" }
            .compactMap { DefinitionFindings.misnamed(entry($0.1)) }
    }

    /// Within one folder, since another may be that of another daemon.
    private static func doubled(
        _ machines: [(Path, LintedFile)], _ workflows: [(Path, LintedFile)]
    ) -> [Diagnostic] {
        byFolder(machines).flatMap { DefinitionFindings.doubled(stateMachines: $0.map(entry)) }
            + byFolder(workflows).flatMap { DefinitionFindings.doubled(workflows: $0.map(entry)) }
    }

    /// A state machine may be in a file that is not given, unless a folder of them is.
    private static func unbound(
        _ workflows: [(Path, LintedFile)], _ machines: [(Path, LintedFile)]
    ) -> [Diagnostic] {
        guard machines.contains(where: { $0.0.isOfFolder }) else { return [] }
        let known = Set(machines.map { entry($0.1).name })
        return workflows.compactMap { _, file in
            guard let reading = file.workflow, let workflow = reading.workflow, !known.contains(workflow.stateMachine)
            else { return nil }
            return DefinitionFindings.unbound(
                workflow, file: file.name, position: reading.document?.position(of: "/stateMachine"),
                known: known.sorted())
        }
    }

    /// In the order in which the daemon reads them.
    private static func byFolder(_ files: [(Path, LintedFile)]) -> [[LintedFile]] {
        Dictionary(grouping: files) { $0.0.directory }.sorted { $0.key < $1.key }
            .map { $0.value.map(\.1).sorted { $0.name < $1.name } }
    }

    private static func entry(_ file: LintedFile) -> DefinitionFindings.Entry {
        guard let reading = file.workflow, let workflow = reading.workflow else {
            return DefinitionFindings.Entry(name: DefinitionPath(file.name).stateMachineName, file: file.name)
        }
        return DefinitionFindings.Entry(
            name: workflow.name, file: file.name, position: reading.document?.position(of: "/name"))
    }
}
