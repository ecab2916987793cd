/// What a Task's `Resource` names.
package struct Resource: Sendable, Hashable {
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

    package var text: String
    package var kind: Kind
    package var pattern: Pattern

    package init(text: String, kind: Kind, pattern: Pattern = .requestResponse) {
        self.text = text
        self.kind = kind
        self.pattern = pattern
    }
}
