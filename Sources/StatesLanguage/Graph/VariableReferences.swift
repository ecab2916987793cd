import JSONata

/// Which workflow variables each state reads (AWS, `DescribeStateMachine`, "variableReferences").
package struct VariableReferences: Sendable {
    /// By state, the names sorted; states that read none are missing.
    package private(set) var byState: [String: [String]] = [:]

    package init(_ machine: StateMachine) { visit(machine.scope) }

    private mutating func visit(_ scope: StateScope) {
        for name in scope.order {
            guard let state = scope.states[name] else { continue }
            let names = state.variables.subtracting(["states"])
            if !names.isEmpty { byState[name] = names.sorted() }
            switch state.kind {
            case .parallel(let branches): branches.forEach { visit($0) }
            case .map(let map): visit(map.processor)
            case .pass, .task, .choice, .wait, .succeed, .fail: break
            }
        }
    }
}

extension State {
    fileprivate var variables: Set<String> {
        var names = kind.variables
        for selection in [data.inputPath, data.outputPath] {
            if case .path(let path) = selection { names.formUnion(path.variables) }
        }
        for template in [data.parameters, data.resultSelector, data.arguments, data.output] {
            names.formUnion(template.variables)
        }
        for (_, template) in data.assign { names.formUnion(template.variables) }
        for catcher in catchers {
            names.formUnion(catcher.output.variables)
            for (_, template) in catcher.assign { names.formUnion(template.variables) }
        }
        return names
    }
}

extension StateKind {
    fileprivate var variables: Set<String> {
        switch self {
        case .pass, .succeed, .parallel: []
        case .task(let task): union([task.timeout, task.heartbeat, task.credentials])
        case .choice(let choice): choice.variables
        case .wait(.seconds(let template)), .wait(.timestamp(let template)): template.variables
        case .fail(let error, let cause): union([error, cause])
        case .map(let map): map.variables
        }
    }
}

extension MapDefinition {
    fileprivate var variables: Set<String> {
        union([
            items, itemSelector, maxConcurrency, toleratedFailureCount, toleratedFailurePercentage,
            itemReader?.arguments, itemReader?.maxItems, itemBatcher?.input, itemBatcher?.maxItems,
            itemBatcher?.maxBytes, resultWriter?.arguments,
        ]).union(union(itemReader?.config.map(\.value) ?? []))
    }
}

extension ChoiceDefinition {
    fileprivate var variables: Set<String> {
        rules.reduce(into: []) { names, rule in
            names.formUnion(rule.condition.variables)
            names.formUnion(rule.output.variables)
            for (_, template) in rule.assign { names.formUnion(template.variables) }
        }
    }
}

extension Condition {
    fileprivate var variables: Set<String> {
        switch self {
        case .and(let conditions), .or(let conditions):
            conditions.reduce(into: []) { $0.formUnion($1.variables) }
        case .not(let condition): condition.variables
        case .compare(let variable, let comparison):
            if case .path(let path) = comparison.operand {
                variable.variables.union(path.variables)
            } else {
                variable.variables
            }
        case .expression(let expression): expression.freeVariables
        case .literal: []
        }
    }
}

extension Template {
    fileprivate var variables: Set<String> {
        switch self {
        case .literal: []
        case .object(let members): members.reduce(into: []) { $0.formUnion($1.value.variables) }
        case .array(let elements): elements.reduce(into: []) { $0.formUnion($1.variables) }
        case .path(let path): path.variables
        case .intrinsic(let call): call.arguments.reduce(into: []) { $0.formUnion($1.variables) }
        case .expression(let expression): expression.freeVariables
        }
    }
}

extension Template? {
    fileprivate var variables: Set<String> { self?.variables ?? [] }
}

extension Path {
    fileprivate var variables: Set<String> { if case .variable(let name) = source { [name] } else { [] } }
}

private func union(_ templates: [Template?]) -> Set<String> {
    templates.reduce(into: []) { $0.formUnion($1.variables) }
}
