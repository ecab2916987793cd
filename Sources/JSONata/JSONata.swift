package import JSONModel

// A minimal declaration of this target's API, so that StatesLanguage compiles until the implementation is merged.

package struct JSONataError: Error, Equatable, Sendable {
    package let code: String
    package let message: String
    package var position: Int?
    package var token: String?

    package init(code: String, message: String, position: Int? = nil, token: String? = nil) {
        self.code = code
        self.message = message
        self.position = position
        self.token = token
    }
}

package struct JSONataEnvironment: Sendable {
    package var now: Int64
    package var randomSeed: UInt64

    package init(now: Int64, randomSeed: UInt64) {
        self.now = now
        self.randomSeed = randomSeed
    }
}

package struct JSONataExpression: Sendable {
    package let text: String
    package var freeVariables: Set<String> { [] }

    package init(parsing text: String) throws(JSONataError) { self.text = text }

    package func evaluate(
        input: JSONValue?, bindings: [String: JSONValue], environment: JSONataEnvironment
    ) throws(JSONataError) -> JSONValue? {
        throw JSONataError(code: "U1001", message: "JSONata is not part of this build")
    }
}
