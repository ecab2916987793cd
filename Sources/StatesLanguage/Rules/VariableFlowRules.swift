import JSONModel
import JSONata

/// Every variable that a state reads has been assigned on every way that leads there (ASL, "Workflow Variables").
///
/// States of a Parallel's branches and of an inline Map see the variables around them; child executions of a distributed
/// Map see none, and nothing outside sees what is assigned inside.
struct VariableFlowRules {
    private let findings: Findings
    private let scopes: [String: DefinitionOutline.Scope]
    private let machineLanguage: QueryLanguage

    static func check(_ document: JSONValue, _ scopes: [DefinitionOutline.Scope], findings: Findings) {
        guard let outermost = scopes.first, outermost.path.isEmpty else { return }
        let rules = VariableFlowRules(
            findings: findings,
            scopes: Dictionary(scopes.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first }),
            machineLanguage: document["QueryLanguage"] == "JSONata" ? .jsonata : .jsonPath)
        rules.check(outermost, entry: Known(), around: [])
    }

    /// What is known of the variables at one point.
    private struct Known: Equatable {
        /// Assigned on every way to the point, and on at least one.
        var always: Set<String> = []
        var sometimes: Set<String> = []

        func assigning(_ names: Set<String>) -> Known {
            Known(always: always.union(names), sometimes: sometimes.union(names))
        }

        func joined(_ other: Known) -> Known {
            Known(always: always.intersection(other.always), sometimes: sometimes.union(other.sometimes))
        }
    }

    /// - Parameter around: variables of the scopes around this one, which it reads but can't assign.
    private func check(_ scope: DefinitionOutline.Scope, entry: Known, around: Set<String>) {
        let states = Dictionary(scope.states.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let known = flow(through: states, from: scope.startAt, entry: entry)
        for state in scope.states {
            guard let here = known[state.name] else { continue }
            report(state, here)
            if !around.isEmpty { reportShadowing(state, around) }
            for (path, isDistributed) in inner(state) {
                guard let inside = scopes[path] else { continue }
                let entry = isDistributed ? Known() : here
                check(inside, entry: entry, around: entry.sometimes)
            }
        }
    }

    /// What is known when each state is entered; a state that nothing leads to is missing.
    private func flow(
        through states: [String: DefinitionOutline.StateOutline], from start: String?, entry: Known
    ) -> [String: Known] {
        guard let start, states[start] != nil else { return [:] }
        var known = [start: entry]
        var waiting = [start]
        while let name = waiting.popLast() {
            guard let state = states[name], let here = known[name] else { continue }
            for (target, assigned) in ways(from: state) where states[target] != nil {
                let there = here.assigning(assigned)
                let joined = known[target].map { $0.joined(there) } ?? there
                if known[target] != joined {
                    known[target] = joined
                    waiting.append(target)
                }
            }
        }
        return known
    }

    /// The states that may follow, with what is assigned on the way.
    private func ways(from state: DefinitionOutline.StateOutline) -> [(target: String, assigned: Set<String>)] {
        var ways: [(String, Set<String>)] = []
        let own = names(in: .object(state.object), of: state)
        for field in ["Next", "Default"] {
            if let target = state.object[field]?.stringValue { ways.append((target, own)) }
        }
        for field in ["Choices", "Catch"] {
            for entry in state.object[field]?.arrayValue ?? [] {
                if let target = entry["Next"]?.stringValue { ways.append((target, names(in: entry, of: state))) }
            }
        }
        return ways
    }

    private func names(in object: JSONValue, of state: DefinitionOutline.StateOutline) -> Set<String> {
        Set((object["Assign"]?.objectValue?.keys ?? []).map { variable($0, of: state) })
    }

    private func variable(_ key: String, of state: DefinitionOutline.StateOutline) -> String {
        language(of: state) == .jsonPath && key.hasSuffix(".$") ? String(key.dropLast(2)) : key
    }

    private func language(of state: DefinitionOutline.StateOutline) -> QueryLanguage {
        state.object["QueryLanguage"]?.stringValue.flatMap(QueryLanguage.init(rawValue:)) ?? machineLanguage
    }

    /// Pointers of the scopes inside a state, and whether they are child executions.
    private func inner(_ state: DefinitionOutline.StateOutline) -> [(path: String, isDistributed: Bool)] {
        let branches = (state.object["Branches"]?.arrayValue ?? []).indices
            .map { (pointer(pointer(state.path, "Branches"), $0), false) }
        let processors = ["ItemProcessor", "Iterator"].compactMap { field -> (String, Bool)? in
            guard let processor = state.object[field] else { return nil }
            return (pointer(state.path, field), processor["ProcessorConfig"]?["Mode"] == "DISTRIBUTED")
        }
        return branches + processors
    }

    private func report(_ state: DefinitionOutline.StateOutline, _ known: Known) {
        var told: Set<String> = []
        for read in StateReads(state, language: language(of: state)).variables
        where !known.always.contains(read.name) && told.insert(read.place + "$" + read.name).inserted {
            if known.sometimes.contains(read.name) {
                findings.report(
                    .maybeUnassignedVariable, at: read.place,
                    "The variable '$\(read.name)' is not assigned on every way to '\(state.name)'",
                    hint: "assign it in every state, choice rule and catcher that leads here, or in the first state")
            } else {
                findings.report(
                    .unassignedVariable, at: read.place, "Nothing before '\(state.name)' assigns '$\(read.name)'",
                    hint: hint(for: read.name, known, language(of: state)))
            }
        }
    }

    /// A branch or an iteration has variables of its own; one that stands around it keeps its value. AWS takes this for a
    /// fault ("Passing data between states with variables", "Variable scope").
    private func reportShadowing(_ state: DefinitionOutline.StateOutline, _ around: Set<String>) {
        var places = [(JSONValue.object(state.object), state.path)]
        for field in ["Choices", "Catch"] {
            let entries = state.object[field]?.arrayValue ?? []
            places += entries.enumerated().map { ($1, pointer(pointer(state.path, field), $0)) }
        }
        for (object, path) in places {
            for key in object["Assign"]?.objectValue?.keys ?? [] where around.contains(variable(key, of: state)) {
                let name = variable(key, of: state)
                findings.reportKey(
                    .shadowedVariable, at: pointer(pointer(path, "Assign"), key),
                    "'$\(name)' is a variable of the states around this branch or iteration, and stays as it is there",
                    hint: "use another name here, and hand the value out in the state's output")
            }
        }
    }

    private func hint(for name: String, _ known: Known, _ language: QueryLanguage) -> String {
        if language == .jsonata, name == "eval" { return "Step Functions has no $eval; $parse reads a text as JSON" }
        let functions = language == .jsonata ? JSONataExpression.functionNames : []
        if let similar = closest(to: name, among: known.sometimes.sorted() + functions) {
            return "did you mean '$\(similar)'?"
        }
        return language == .jsonata
            ? "assign it with 'Assign' in a state before; it is no function of the library either"
            : "assign it with 'Assign' in a state before; a path into the input starts with '$.'"
    }
}
