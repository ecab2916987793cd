/// What a Task's `Resource` names.
///
/// A class, since it never changes and every task carries it along.
package final class Resource: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// `activity:NAME` or an activity ARN.
        case activity(name: String)
        /// A bare Lambda function ARN.
        case lambda(functionARN: String)
        /// `arn:aws:states:::SERVICE:ACTION` with its pattern, such as `sns:publish`; `aws-sdk:iam:getUser` has service
        /// `aws-sdk:iam`.
        case integration(service: String, action: String)
        /// Anything else; the linter rejects it.
        case unknown
    }

    /// How the task ends (the ARN's suffix).
    package enum Pattern: String, Sendable, Hashable {
        case requestResponse = ""
        case sync = ".sync"
        case sync2 = ".sync:2"
        case waitForTaskToken = ".waitForTaskToken"
    }

    package let text: String
    package let kind: Kind
    package let pattern: Pattern

    package init(text: String, kind: Kind, pattern: Pattern = .requestResponse) {
        self.text = text
        self.kind = kind
        self.pattern = pattern
    }

    package static func == (left: Resource, right: Resource) -> Bool {
        left === right || (left.text == right.text && left.kind == right.kind && left.pattern == right.pattern)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}
