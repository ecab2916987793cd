import StatesLanguage

// The context object costs more to make than most fields cost to evaluate, so it is made only where it is looked at.

extension Path {
    var usesContext: Bool { source == .context }
}

extension Template {
    var usesContext: Bool {
        switch self {
        case .literal: false
        case .object(let members): members.contains { $0.value.usesContext }
        case .array(let elements): elements.contains(where: \.usesContext)
        case .path(let path): path.usesContext
        case .intrinsic(let call): call.arguments.contains(where: \.usesContext)
        case .expression: true
        }
    }
}

extension Condition {
    var usesContext: Bool {
        switch self {
        case .and(let conditions), .or(let conditions): conditions.contains(where: \.usesContext)
        case .not(let condition): condition.usesContext
        case .compare(let variable, let comparison): variable.usesContext || comparison.operand.usesContext
        case .expression: true
        case .literal: false
        }
    }
}

extension Comparison.Operand {
    fileprivate var usesContext: Bool { if case .path(let path) = self { path.usesContext } else { false } }
}
