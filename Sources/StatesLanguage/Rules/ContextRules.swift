import JSONModel
import JSONPath
import JSONata

/// What paths and expressions read of `$states` and the context object is there, and expressions read no input document,
/// since they have none (ASL, "$states", "The Context Object").
enum ContextRules {
    /// The members of the context object by the way that leads to them; what a way that is not here leads to is data.
    private static let members: [String: Set<String>] = [
        "": ["Execution", "Map", "State", "StateMachine", "Task"],
        "Execution": ["Id", "Input", "Name", "RedriveCount", "RedriveTime", "RoleArn", "StartTime"],
        "Map": ["Item"],
        "Map.Item": ["Index", "Key", "Source", "Value"],
        "State": ["EnteredTime", "Name", "RetryCount"],
        "StateMachine": ["Id", "Name"],
        "Task": ["Token"],
    ]
    private static let statesMembers: Set<String> = ["context", "errorOutput", "input", "result"]

    /// How many places of one expression are told.
    private static let places = 20

    static func check(
        _ state: DefinitionOutline.StateOutline, machineLanguage: QueryLanguage, findings: Findings
    ) {
        let own = state.object["QueryLanguage"]?.stringValue.flatMap(QueryLanguage.init(rawValue:))
        let reads = StateReads(state, language: own ?? machineLanguage)
        for read in reads.paths where read.path.source == .context {
            checkContext(names(in: read.path), "$$", state, at: read.place, 0, findings)
        }
        for read in reads.expressions {
            for reference in StatesReferences.found(in: read.expression.text).prefix(places) {
                check(reference, state, at: read.place, read.start + reference.offset, findings)
            }
            for document in read.expression.documentReads.prefix(places) {
                report(document, at: read.place, read.start, findings)
            }
        }
    }

    // MARK: The context object

    /// The names that a path begins with.
    private static func names(in path: Path) -> [String] {
        var names: [String] = []
        var rest = path.path.text.dropFirst()
        while rest.first == "." {
            let name = rest.dropFirst().prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
            rest = rest.dropFirst(1 + name.count)
            // A function, a wildcard, or all below.
            guard !name.isEmpty, rest.first != "(" else { break }
            names.append(String(name))
        }
        return names
    }

    private static func checkContext(
        _ names: [String], _ root: String, _ state: DefinitionOutline.StateOutline, at place: String,
        _ character: Int, _ findings: Findings
    ) {
        var way = ""
        for name in names {
            guard let known = members[way] else { break }
            let whole = way.isEmpty ? name : "\(way).\(name)"
            guard known.contains(name) else {
                let parent = way.isEmpty ? root : "\(root).\(way)"
                findings.report(
                    .unknownContextMember, at: place, "'\(root).\(whole)' is never there",
                    hint: hint(name, among: known, of: parent), character: character)
                return
            }
            way = whole
        }
        guard names.first == "Task", !mayHaveToken(state) else { return }
        findings.report(
            .unknownContextMember, at: place, "'\(root).Task' is there only in a task that waits for its token",
            hint: "let the resource end with '.waitForTaskToken'", character: character)
    }

    /// A Choice may ask whether there is one, and in a definition that AWS took a `.sync` task passes one on.
    private static func mayHaveToken(_ state: DefinitionOutline.StateOutline) -> Bool {
        guard state.type == .task, let text = state.object["Resource"]?.stringValue else {
            return state.type == .choice || state.type == .task || state.type == nil
        }
        let resource = Resource(parsing: text)
        switch resource.kind {
        case .activity, .unknown: return true
        case .lambda, .integration: return resource.pattern != .requestResponse || text.contains("${")
        }
    }

    private static func hint(_ name: String, among known: Set<String>, of parent: String) -> String {
        if let similar = closest(to: name, among: known.sorted()) { return "did you mean '\(parent).\(similar)'?" }
        return "'\(parent)' has " + known.sorted().joined(separator: ", ")
    }

    // MARK: Expressions

    private static func check(
        _ reference: StatesReferences.Reference, _ state: DefinitionOutline.StateOutline, at place: String,
        _ character: Int, _ findings: Findings
    ) {
        guard let first = reference.members.first else { return }
        if first == "context" {
            let rest = Array(reference.members.dropFirst())
            return checkContext(rest, "$states.context", state, at: place, character, findings)
        }
        guard !statesMembers.contains(first) else { return }
        findings.report(
            .unknownContextMember, at: place, "'$states.\(first)' is never there",
            hint: hint(first, among: statesMembers, of: "$states"), character: character)
    }

    private static func report(_ read: DocumentRead, at place: String, _ start: Int, _ findings: Findings) {
        let character = start + max(0, read.position - read.name.unicodeScalars.count)
        if read.isCalled {
            let isKnown = JSONataExpression.functionNames.contains(read.name)
            return findings.report(
                .noInputDocument, at: place, "'\(read.name)' is the name of a field, which is no function",
                hint: isKnown ? "did you mean '$\(read.name)'?" : "a function's name begins with '$'",
                character: character)
        }
        let isField = !read.name.hasPrefix("$") && !read.name.hasPrefix("*")
        findings.report(
            .noInputDocument, at: place,
            "'\(read.name)' reads the input document, and an expression has none: it gives nothing",
            hint: isField
                ? "write '$states.input.\(read.name)' for the input, '\"\(read.name)\"' for the text, "
                    + "'$\(read.name)' for a variable"
                : "the state's input is '$states.input'",
            character: character)
    }
}
