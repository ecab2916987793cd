package import JSONModel
package import JSONata

/// A payload template or any other field whose value is computed: literal parts, paths, intrinsic functions and
/// JSONata expressions, in either query language.
package indirect enum Template: Sendable {
    case literal(JSONValue)
    case object([(key: String, value: Template)])
    case array([Template])
    case path(Path)
    case intrinsic(IntrinsicCall)
    case expression(JSONataExpression)
}

/// A call such as `States.Format('{}', $.name)` (ASL, "Intrinsic Functions").
package struct IntrinsicCall: Sendable {
    package var name: String
    package var arguments: [Template]
    /// As it was written, for messages.
    package var text: String

    package init(name: String, arguments: [Template], text: String) {
        self.name = name
        self.arguments = arguments
        self.text = text
    }
}
