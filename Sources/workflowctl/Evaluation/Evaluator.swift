import JSONModel
import JSONPath
import JSONata
import StatesLanguage
import WallTime

/// Answers the requests of `workflowctl eval` in one language.
///
/// A request is a JSON object with `expr`, `data` and `bindings`, or `definition` and `input`; an answer has `result`,
/// `undefined: true`, or `error` with `code` and `message`, and for a state machine `status`.
protocol Evaluator: Sendable {
    /// How long an answer may take before its thread is given up.
    func patience(with request: JSONObject) -> Duration
    func answer(_ request: JSONObject) -> JSONObject
}

/// Codes of errors that are not the language's own.
enum EvaluationCode {
    /// The request is not JSON, or a member is missing or has the wrong type.
    static let invalidRequest = "InvalidRequest"
    /// A line, or the depth of its JSON, is beyond the limits.
    static let tooLarge = "RequestTooLarge"
    static let invalidPath = "InvalidPath"
    static let pathNotFound = "PathNotFound"
    static let pathFailed = "PathFailed"
    static let timeLimit = "TimeLimit"
}

extension JSONObject {
    static func failure(_ code: String, _ message: String, position: Int? = nil, token: String? = nil) -> JSONObject {
        var error: JSONObject = ["code": .string(code), "message": .string(message)]
        error["position"] = position.map { .int(Int64($0)) }
        error["token"] = token.map { .string($0) }
        return ["error": .object(error)]
    }

    static func wrong(_ member: String, _ problem: String) -> JSONObject {
        failure(EvaluationCode.invalidRequest, "'\(member)' \(problem)")
    }

    /// What is wrong with the members that every request may have; nil when nothing is.
    var fault: JSONObject? {
        for name in ["timelimit", "depth"] {
            guard let value = self[name], !value.isNull else { continue }
            guard let number = value.doubleValue, number >= 1 else { return .wrong(name, "must be a number from 1 on") }
        }
        if let bindings = self["bindings"], !bindings.isNull, bindings.objectValue == nil {
            return .wrong("bindings", "must be an object")
        }
        return nil
    }

    /// The request's own limit of time, at most ten minutes.
    var timeLimit: Duration? {
        guard let milliseconds = self["timelimit"]?.doubleValue else { return nil }
        return .milliseconds(Int64(Swift.min(milliseconds, 600_000)))
    }
}

extension JSONObject {
    fileprivate var dictionary: [String: JSONValue] { Dictionary(map { ($0, $1) }, uniquingKeysWith: { $1 }) }
}

struct JSONataEvaluator: Evaluator {
    /// Between the end of the time that the evaluator is told of and the end of patience with it.
    private static let grace = Duration.seconds(20)
    private static let standardTimeLimit = Duration.seconds(5)

    func patience(with request: JSONObject) -> Duration {
        (request.timeLimit ?? Self.standardTimeLimit) + Self.grace
    }

    func answer(_ request: JSONObject) -> JSONObject {
        guard let text = request["expr"]?.stringValue else { return .wrong("expr", "is required, a string") }
        let bindings = request["bindings"]?.objectValue?.dictionary ?? [:]
        do {
            let expression = try JSONataExpression(parsing: text)
            let value = try expression.evaluate(
                input: request["data"], bindings: bindings, environment: environment(request))
            return value.map { ["result": $0] } ?? ["undefined": true]
        } catch {
            return .failure(error.code, error.message, position: error.position, token: error.token)
        }
    }

    private func environment(_ request: JSONObject) -> JSONataEnvironment {
        let clock = WallClock.system
        var limits = JSONataLimits.standard
        if let depth = request["depth"]?.doubleValue { limits.depth = Int(min(depth, 1_000_000)) }
        let span = (request.timeLimit ?? Self.standardTimeLimit).wholeMilliseconds
        let end = clock.monotonicNanoseconds() + UInt64(span) * 1_000_000
        return JSONataEnvironment(
            now: clock.now().milliseconds, randomSeed: .random(in: .min ... .max), limits: limits,
            isPastDeadline: { clock.monotonicNanoseconds() > end })
    }
}

/// JSONPath, and with `bindings` everything that a path of the States Language may be: variables, intrinsic functions.
struct JSONPathEvaluator: Evaluator {
    func patience(with request: JSONObject) -> Duration { request.timeLimit ?? .seconds(30) }

    func answer(_ request: JSONObject) -> JSONObject {
        guard let text = request["expr"]?.stringValue else { return .wrong("expr", "is required, a string") }
        let data = request["data"] ?? .null
        let variables = request["bindings"]?.objectValue?.dictionary ?? [:]
        if text.hasPrefix("States.") || !variables.isEmpty { return template(text, data, variables) }
        do {
            return ["result": try JSONPath(parsing: text).evaluate(on: data)]
        } catch let error as JSONPathSyntaxError {
            return .failure(EvaluationCode.invalidPath, error.message, position: error.offset)
        } catch JSONPathEvaluationError.notFound(let path) {
            return .failure(EvaluationCode.pathNotFound, "the path \(path) leads nowhere in this document")
        } catch {
            return .failure(EvaluationCode.pathFailed, "\(error)")
        }
    }

    private func template(_ text: String, _ data: JSONValue, _ variables: [String: JSONValue]) -> JSONObject {
        let scope = EvaluationScope(
            input: data, context: variables["$"] ?? .null, variables: variables,
            now: WallClock.system.now().milliseconds, seed: .random(in: .min ... .max))
        do {
            let isCall = text.hasPrefix("States.")
            let template: Template = isCall ? .intrinsic(try .init(parsing: text)) : .path(try .init(parsing: text))
            return ["result": try template.evaluate(in: scope)]
        } catch let error as PathSyntaxError {
            return .failure(EvaluationCode.invalidPath, error.message, position: error.offset)
        } catch let error as EvaluationError {
            return .failure(error.error, error.cause)
        } catch {
            return .failure(EvaluationCode.pathFailed, "\(error)")
        }
    }
}
