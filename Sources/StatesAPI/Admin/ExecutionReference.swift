import Engine
import HTTPTypes
import JSONModel

/// How people name an execution: its name, `MACHINE:NAME`, its ARN, a unique beginning of its name, `@latest`,
/// `@latest-failed` or `@N`.
struct ExecutionReference: Sendable, Equatable {
    enum Form: Sendable, Equatable {
        case position(Int)
        case latestFailed
        case qualified(stateMachine: String, name: String)
        case name(String)
    }

    let text: String
    let form: Form

    init(_ text: String) throws {
        self.text = text
        if text.hasPrefix("@") {
            form = try Self.relative(text)
        } else if text.hasPrefix("arn:") {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 8, parts[5] == "execution" else {
                throw APIError.invalidRequest(
                    "\"\(text)\" is not the ARN of an execution",
                    hint: "It looks like arn:aws:states:REGION:ACCOUNT:execution:MACHINE:NAME.")
            }
            form = .qualified(stateMachine: String(parts[6]), name: String(parts[7]))
        } else if let colon = text.firstIndex(of: ":") {
            form = .qualified(stateMachine: String(text[..<colon]), name: String(text[text.index(after: colon)...]))
        } else {
            form = .name(text)
        }
    }

    private static func relative(_ text: String) throws -> Form {
        if text == "@latest" { return .position(1) }
        if text == "@latest-failed" { return .latestFailed }
        guard let position = Int(text.dropFirst()), (1...1000).contains(position) else {
            throw APIError.invalidRequest(
                "\"\(text)\" names no execution", hint: "Use @latest, @latest-failed, or @N from @1 to @1000.")
        }
        return .position(position)
    }

    /// Finds the execution, or the iteration of a distributed Map that an ARN names.
    /// - Throws: `APIError` with `NoSuchExecution`, or `Ambiguous` when a beginning fits several.
    func find<Transaction>(in transaction: Transaction, _ core: EngineCore<Transaction>) throws -> FoundReference {
        if case .qualified(let label, let name) = form,
            let iteration = try core.iteration(named: name, labelled: label, in: transaction)
        {
            return .iteration(iteration)
        }
        return .execution(try resolve(in: transaction))
    }

    private func resolve(in transaction: some ExecutionTransaction) throws -> ExecutionRecord {
        switch form {
        case .position(let position):
            let page = try transaction.executions(ExecutionQuery(limit: position))
            guard page.executions.count == position, let found = page.executions.last else { throw notFound }
            return found
        case .latestFailed:
            let query = ExecutionQuery(statuses: [.failed, .timedOut, .aborted], limit: 1)
            guard let found = try transaction.executions(query).executions.first else { throw notFound }
            return found
        case .qualified(let stateMachine, let name):
            guard let found = try transaction.execution(named: name, of: stateMachine) else { throw notFound }
            return found
        case .name(let name): return try resolve(beginning: name, in: transaction)
        }
    }

    private func resolve(beginning name: String, in transaction: some ExecutionTransaction) throws -> ExecutionRecord {
        let found = try transaction.executions(ExecutionQuery(namePrefix: name, limit: 20)).executions
        let exact = found.filter { $0.name == name }
        let fitting = exact.isEmpty ? found : exact
        guard let first = fitting.first else { throw notFound }
        guard fitting.count == 1 else {
            let examples = fitting.prefix(3).map { "\($0.stateMachine):\($0.name)" }.joined(separator: ", ")
            throw APIError(
                .conflict, "Ambiguous", "\"\(text)\" fits several executions, such as \(examples)",
                hint: "Give more of the name, or MACHINE:NAME.")
        }
        return first
    }

    private var notFound: APIError {
        APIError(
            .notFound, "NoSuchExecution", "there is no execution \"\(text)\"",
            hint: "workflowctl run list shows what there is.")
    }
}

/// What a reference leads to.
enum FoundReference {
    case execution(ExecutionRecord)
    case iteration(MapIteration)
}
