import Budgets

/// Row numbers of what every use names: labels and principals. Bounded, since names come from outside.
struct KnownNumbers {
    private static let limit = 10_000

    private(set) var labels: [String: Int64] = [:]
    private(set) var principals: [PrincipalID: Int64] = [:]

    mutating func note(label: String, _ number: Int64) {
        if labels.count >= Self.limit { labels = [:] }
        labels[label] = number
    }

    mutating func note(principal: PrincipalID, _ number: Int64) {
        if principals.count >= Self.limit { principals = [:] }
        principals[principal] = number
    }
}
