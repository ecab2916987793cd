import JSONModel
package import StatesLanguage

/// What a workflow file's diagnostics are called, and those of files among others; `docs/yaml-reference.md` lists them.
/// Codes are stable, as those of `DiagnosticCode` are.
package enum WorkflowFinding: String, CaseIterable, Sendable {
    case notAnObject = "F101"
    case unknownField = "F102"
    case missingField = "F103"
    case wrongType = "F104"
    case invalidValue = "F105"
    case conflict = "F106"
    case invalidSchedule = "F107"
    case invalidPattern = "F108"
    case invalidTemplate = "F109"
    case invalidName = "F110"

    // Files among others
    case unknownStateMachine = "F111"
    case unreadableFile = "F112"
    case invalidFileName = "F113"
    case nameTwice = "F114"
    case unreadableFolder = "F115"

    // Warnings
    case constantExecutionName = "W901"
    case neverFires = "W902"

    package var severity: Diagnostic.Severity { rawValue.hasPrefix("W") ? .warning : .error }

    /// What the code stands for, in one line.
    package var meaning: String {
        switch self {
        case .notAnObject: "A workflow file is not a mapping."
        case .unknownField: "A workflow has no such field here."
        case .missingField: "A field that a workflow needs is missing."
        case .wrongType: "The value of a workflow's field has the wrong type."
        case .invalidValue: "The value is not one of those that a workflow's field takes."
        case .conflict: "Two fields of a workflow exclude each other."
        case .invalidSchedule: "The text is not a schedule, or its time is skipped by the clocks."
        case .invalidPattern: "The event pattern is not valid, or can't match."
        case .invalidTemplate: "The template of an input or a name is not valid, or has a key twice."
        case .invalidName: "The name of a workflow or state machine has characters that are not allowed."
        case .unknownStateMachine:
            "A workflow names a state machine that is not there; it is not started until it is."
        case .unreadableFile: "A file can't be read, or not as UTF-8 text."
        case .invalidFileName: "A file's name cannot be the name of a state machine."
        case .nameTwice:
            "Another file makes this state machine or workflow already. Of state machines, the file that the version in "
                + "force was read from holds, else the first that is valid; of workflows, the file that is called like it, "
                + "else the first."
        case .unreadableFolder: "A folder of definitions can't be read; what was loaded from it stays in force."
        case .constantExecutionName:
            "Every event gives the execution the same name, so that only the first starts one."
        case .neverFires: "The schedule has no time left at which it fires."
        }
    }
}

/// Collects what is found about one file.
final class WorkflowFindings {
    let document: SourceDocument
    private(set) var diagnostics: [Diagnostic] = []

    init(document: SourceDocument) { self.document = document }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    func report(
        _ code: WorkflowFinding, at pointer: String, _ message: String, hint: String? = nil, key: Bool = false
    ) {
        add(code.rawValue, code.severity, at: pointer, message, hint: hint, key: key)
    }

    /// What workflows have in common with state machines.
    func warn(_ code: DiagnosticCode, at pointer: String, _ message: String, hint: String? = nil) {
        add(code.rawValue, code.severity, at: pointer, message, hint: hint, key: false)
    }

    private func add(
        _ code: String, _ severity: Diagnostic.Severity, at pointer: String, _ message: String, hint: String?,
        key: Bool
    ) {
        let position = key ? document.keyPosition(of: pointer) : nil
        diagnostics.append(
            Diagnostic(
                code: code, severity: severity, message: message, hint: hint, pointer: pointer, file: document.file,
                position: position ?? nearestPosition(to: pointer)))
    }

    /// What has no place of its own is shown at the nearest object around it.
    private func nearestPosition(to pointer: String) -> SourcePosition? {
        var place = Substring(pointer)
        while true {
            if let position = document.position(of: String(place)) { return position }
            guard let slash = place.lastIndex(of: "/") else { return nil }
            place = place[..<slash]
        }
    }
}
