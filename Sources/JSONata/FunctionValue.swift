/// A function as a value. A class: two functions are equal only when they are one.
final class FunctionValue {
    enum Kind {
        case native(NativeFunction)
        case lambda(Lambda)
        /// A native function of which some arguments are fixed; nil stands for `?`.
        case partial(FunctionValue, [Value?])
        case regex(Regex)
        case transform(Transform)
        /// The `next` member of a match.
        case nextMatch(Regex, text: Utf16Text, from: Int)
        /// A call in tail position that is still to be made.
        case tailCall(Call, input: Value, frame: Frame)
    }

    struct Lambda {
        let parameters: [String]
        let signature: Signature?
        let body: Node
        let input: Value
    }

    struct Transform {
        let pattern: Node
        let update: Node
        let deletion: Node?
        let position: Int?
    }

    /// A regular expression with the place where it was written.
    struct Regex {
        let program: RegexProgram
        let source: String
        let position: Int?
    }

    private(set) var kind: Kind
    /// What a lambda or transform closes over.
    private(set) var frame: Frame?

    init(_ kind: Kind, frame: Frame? = nil) {
        self.kind = kind
        self.frame = frame
    }

    /// How many arguments it takes; functions like `$map` supply no more than that.
    var arity: Int {
        switch kind {
        case .native(let function): function.arity
        case .lambda(let lambda): lambda.parameters.count
        case .partial(_, let arguments): arguments.count { $0 == nil }
        case .regex: 2
        case .transform: 1
        case .nextMatch, .tailCall: 0
        }
    }

    /// The library's name for it, for errors when it was not called by a name.
    var nativeName: String? { if case .native(let function) = kind { function.name } else { nil } }

    var signature: Signature? {
        switch kind {
        case .native(let function): function.signature
        case .lambda(let lambda): lambda.signature
        case .transform: .transform
        default: nil
        }
    }

    /// Lets go of everything captured, at the end of an evaluation: a function that calls itself is held by the frame
    /// that it holds, and a long chain of captures must not be freed recursively.
    func release() {
        frame?.release()
        frame = nil
        kind = .nextMatch(.spent, text: .empty, from: 0)
    }
}

extension FunctionValue.Regex {
    static let spent = FunctionValue.Regex(program: .empty, source: "", position: nil)
}

/// One function of the library.
struct NativeFunction: Sendable {
    typealias Body = @Sendable (Evaluator, [Value]) throws(JSONataError) -> Value

    let name: String
    let signature: Signature?
    let arity: Int
    let body: Body

    /// How much longer than a mere look it takes to work on a text, byte by byte.
    var textWeight: Int { Self.heavy[name] ?? 1 }

    private static let heavy: [String: Int] = [
        "hash": 8, "base64encode": 8, "base64decode": 8, "encodeUrl": 8, "encodeUrlComponent": 8, "decodeUrl": 8,
        "decodeUrlComponent": 8, "trim": 8, "split": 8, "parse": 8, "number": 8, "formatNumber": 32,
        "toMillis": 64, "fromMillis": 64, "parseInteger": 64, "formatInteger": 64,
    ]
}
