import ArgumentParser
import JSONModel

struct Eval: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Evaluate an expression, a path or a whole state machine without a daemon.",
        discussion: """
            jsonata evaluates EXPR on --data ($) with --bindings as variables; jsonpath evaluates a path, or an intrinsic \
            function; asl runs the state machine in the file EXPR, which may have no tasks, on --data in virtual time.

            With --stdin requests come as JSON Lines, one answer a line: {"id", "expr", "data", "bindings", "timelimit" \
            (ms), "depth"} gives {"id", "result"}, {"id", "undefined": true} or {"id", "error": {"code", "message"}}; \
            for asl {"id", "definition", "input"} gives {"id", "status", "output"} or {"id", "status", "error", \
            "cause"}, and status INVALID with diagnostics for a definition that lint refuses.

            Example: workflowctl eval --language jsonata '$sum(prices)' --data '{"prices": [1, 2, 3]}'
            """)

    enum Language: String, ExpressibleByArgument, CaseIterable { case jsonata, jsonpath, asl }

    @Option(help: "jsonata, jsonpath or asl.") var language: Language
    @Argument(help: "An expression; for asl a file with a state machine.", completion: .file())
    var expression: String?
    @Option(help: "JSON, a file that holds it, or - for stdin: the document, or the input.", completion: .file())
    var data: String?
    @Option(help: "Variables as a JSON object, or a file that holds one.", completion: .file())
    var bindings: String?
    @Flag(help: "Read requests from stdin, one JSON object a line.") var stdin = false

    func validate() throws {
        if stdin {
            guard expression == nil, data == nil, bindings == nil else {
                throw ValidationError(
                    "With --stdin everything comes in the requests: leave out EXPR, --data, --bindings.")
            }
        } else if expression == nil {
            throw ValidationError("Give an expression, or --stdin. \(language == .asl ? "For asl: a file." : "")")
        }
        if language == .asl, bindings != nil { throw ValidationError("--bindings goes with jsonata and jsonpath.") }
    }

    func run() throws {
        if stdin {
            var lines = EvaluationLines(evaluator: evaluator)
            return try lines.run()
        }
        guard let answer = EvaluationThread.answer(try request(), with: evaluator) else {
            throw Failure(.timeout, "no result within the time limit")
        }
        try EvaluationAnswer(answer, file: language == .asl ? expression : nil).show()
    }

    private var evaluator: any Evaluator {
        switch language {
        case .jsonata: JSONataEvaluator()
        case .jsonpath: JSONPathEvaluator()
        case .asl: StateMachineEvaluator(file: expression)
        }
    }

    private func request() throws -> JSONObject {
        var request = JSONObject()
        let text = expression ?? ""
        let document = try data.map(JSONArgument.read)
        if language == .asl {
            guard let source = String(validating: try Files.read(text), as: UTF8.self) else {
                throw Failure(.findings, "\(text) is not valid UTF-8", hint: "Save it as UTF-8.")
            }
            request["definition"] = .string(source)
            request["input"] = document
        } else {
            request["expr"] = .string(Self.withoutMarks(text))
            request["data"] = document
            request["bindings"] = try bindings.map(JSONArgument.read)
        }
        return request
    }

    /// In a definition an expression stands in `{% %}`; it may be pasted with them.
    private static func withoutMarks(_ text: String) -> String {
        guard text.hasPrefix("{%"), text.hasSuffix("%}"), text.count >= 4 else { return text }
        return String(text.dropFirst(2).dropLast(2))
    }
}

/// One answer, for people: the result on stdout, everything else on stderr.
struct EvaluationAnswer {
    private let answer: JSONObject
    private let file: String?

    init(_ answer: JSONObject, file: String?) {
        self.answer = answer
        self.file = file
    }

    func show() throws {
        if let result = answer["result"] ?? answer["output"] { return StandardOutput.json(result) }
        if answer["undefined"] != nil { return StandardError.line("undefined") }
        if let error = answer["error"], let code = error["code"]?.stringValue {
            throw Failure(.error, "\(code): \(error["message"]?.stringValue ?? "")\(place(error))")
        }
        try failed()
    }

    private func place(_ error: JSONValue) -> String {
        error["position"]?.intValue.map { " (at character \($0))" } ?? ""
    }

    private func failed() throws {
        let error = answer["error"]?.stringValue ?? "no error name"
        let cause = answer["cause"]?.stringValue.map { ": \($0)" } ?? ""
        switch answer["status"]?.stringValue {
        case "FAILED": throw Failure(.runFailed, "the run failed with \(error)\(cause)")
        case "TIMED_OUT": throw Failure(.runTimedOut, "the run timed out: \(error)\(cause)")
        case "ABORTED": throw Failure(.runAborted, "the run was aborted: \(error)\(cause)")
        case "INVALID":
            let findings = answer["diagnostics"]?.arrayValue ?? []
            throw Failure(
                .findings, "\(file ?? "the definition") has errors", hint: "workflowctl lint shows where.",
                details: findings.map { "\($0["code"]?.display ?? "") \($0["message"]?.display ?? "")" })
        default: throw Failure(.error, "\(error)\(cause)")
        }
    }
}
