package import StatesLanguage

/// What is wrong with files of definitions that none of them shows by itself: their names, and what they say of each
/// other.
package enum DefinitionFindings {
    /// A state machine or workflow, and the file that it stands in.
    package struct Entry: Sendable {
        package let name: String
        package let file: String
        /// Where the file says the name; its start for a name that the file itself has.
        package let position: SourcePosition

        package init(name: String, file: String, position: SourcePosition? = nil) {
            self.name = name
            self.file = file
            self.position = position ?? SourcePosition(line: 1, column: 1)
        }
    }

    /// Nil for a file whose name makes a valid one for its state machine.
    package static func misnamed(_ machine: Entry) -> Diagnostic? {
        do {
            try ExecutionNames.validate(machine.name)
            return nil
        } catch {
            return diagnostic(
                .invalidFileName,
                "'\(machine.name)', after the file's name, cannot be the name of a state machine: \(error)",
                hint: "Rename the file.", machine)
        }
    }

    /// The files that are not in force, since one before makes the state machine. In the order of `machines`.
    package static func doubled(stateMachines machines: [Entry]) -> [Diagnostic] {
        let owners = Dictionary(machines.map { ($0.name, $0.file) }, uniquingKeysWith: { first, _ in first })
        return machines.compactMap { doubled("state machine", $0, owners) }
    }

    /// The files that are not in force, since another makes the workflow. In the order of `workflows`.
    package static func doubled(workflows: [Entry]) -> [Diagnostic] {
        let owners = owners(of: workflows)
        return workflows.compactMap { doubled("workflow", $0, owners) }
    }

    /// The file that each workflow is bound by. Of several with one name, such as a copy that somebody keeps beside it, it
    /// is the file that is called like the workflow, else the first.
    package static func owners(of workflows: [Entry]) -> [String: String] {
        workflows.reduce(into: [:]) { owners, entry in
            if owners[entry.name] == nil || DefinitionPath(entry.file).base == entry.name {
                owners[entry.name] = entry.file
            }
        }
    }

    /// A workflow whose state machine is not among the names.
    package static func unbound(
        _ workflow: Workflow, file: String, position: SourcePosition? = nil, known: some Sequence<String>
    ) -> Diagnostic {
        let name = workflow.stateMachine
        return diagnostic(
            .unknownStateMachine,
            "workflow '\(workflow.name)' names the state machine '\(name)', which is not there",
            hint: closest(to: name, among: known).map { "Did you mean '\($0)'?" }
                ?? "Add \(name).asl.yaml to the state machines, or mend the name.",
            Entry(name: name, file: file, position: position), pointer: "/stateMachine")
    }

    /// A file, or what it needs, that can't be read.
    /// - Parameter message: says which, and why.
    package static func unreadable(_ file: String, _ message: String, hint: String? = nil) -> Diagnostic {
        diagnostic(.unreadableFile, message, hint: hint, Entry(name: "", file: file))
    }

    /// A file that holds no text, or more than a definition may have.
    package static func unreadable(_ file: String, _ fault: TextFile.Fault) -> Diagnostic {
        switch fault {
        case .unreadable(let reason):
            unreadable(
                file, "the file can't be read: \(reason)",
                hint: "Put a file there that the daemon's user may read, or take the name out of the folder.")
        case .notUTF8: unreadable(file, "the file can't be read: \(fault)", hint: "Save it as UTF-8.")
        case .tooLarge: tooLarge(file)
        }
    }

    /// A file that has more bytes than are read.
    package static func tooLarge(_ file: String) -> Diagnostic {
        Diagnostic(
            code: DiagnosticCode.documentLimit.rawValue, severity: .error,
            message: "the file has more than \(TextFile.limit) bytes, the most that a definition may have",
            hint: "Take it out of the folder if it is no definition; a long one is split into several.", pointer: "",
            file: file, position: SourcePosition(line: 1, column: 1))
    }

    /// A folder of definitions that can't be read.
    package static func unreadableFolder(_ path: String, _ reason: String) -> Diagnostic {
        var finding = diagnostic(
            .unreadableFolder, "the folder can't be read: \(reason)",
            hint: "Name it with --state-machines or --workflows, and make it readable for the daemon's user.",
            Entry(name: "", file: path))
        finding.position = nil
        return finding
    }

    private static func doubled(_ what: String, _ entry: Entry, _ owners: [String: String]) -> Diagnostic? {
        owners[entry.name].flatMap { $0 == entry.file ? nil : doubled(what, entry, owner: $0) }
    }

    /// A file that is not in force, since the owner makes the state machine or workflow (`what`) of that name.
    package static func doubled(_ what: String, _ entry: Entry, owner: String) -> Diagnostic {
        diagnostic(
            .nameTwice, "the \(what) '\(entry.name)' is that of \(owner), too, which is in force",
            hint: "Remove one of the two, move it out of the folder, or give it another name.", entry)
    }

    private static func diagnostic(
        _ code: WorkflowFinding, _ message: String, hint: String?, _ entry: Entry, pointer: String = ""
    ) -> Diagnostic {
        Diagnostic(
            code: code.rawValue, severity: code.severity, message: message, hint: hint, pointer: pointer,
            file: entry.file, position: entry.position)
    }
}
