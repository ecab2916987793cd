import HTTPTypes
import Hummingbird

/// Where routes of the admin API are added, under one path. Each says which query parameters it takes, and any other is
/// refused: a filter with a slip in its name would be none, and nobody would notice.
struct Routes {
    typealias Handler<Answer> = @Sendable (Request, APIContext) async throws -> Answer

    private let base: RouterGroup<APIContext>

    init(_ base: RouterGroup<APIContext>) { self.base = base }

    func group(_ path: RouterPath) -> Routes { Routes(base.group(path)) }

    func get<Answer: ResponseGenerator>(
        _ path: RouterPath = "", query: [String] = [], use handler: @escaping Handler<Answer>
    ) {
        on(.get, path, query, handler)
    }

    func post<Answer: ResponseGenerator>(
        _ path: RouterPath = "", query: [String] = [], use handler: @escaping Handler<Answer>
    ) {
        on(.post, path, query, handler)
    }

    func put<Answer: ResponseGenerator>(
        _ path: RouterPath = "", query: [String] = [], use handler: @escaping Handler<Answer>
    ) {
        on(.put, path, query, handler)
    }

    func delete<Answer: ResponseGenerator>(
        _ path: RouterPath = "", query: [String] = [], use handler: @escaping Handler<Answer>
    ) {
        on(.delete, path, query, handler)
    }

    private func on<Answer: ResponseGenerator>(
        _ method: HTTPRequest.Method, _ path: RouterPath, _ query: [String], _ handler: @escaping Handler<Answer>
    ) {
        base.on(path, method: method) { request, context in
            try request.requireQuery(among: query)
            return try await handler(request, context)
        }
    }
}

extension Request {
    /// - Throws: `APIError` for a query parameter that is not among `known`.
    fileprivate func requireQuery(among known: [String]) throws {
        let names = uri.queryParameters.map { String($0.key) }
        guard let unknown = names.first(where: { !$0.isEmpty && !known.contains($0) }) else { return }
        throw APIError.invalidRequest(
            "unknown parameter \"\(unknown)\"",
            hint: known.isEmpty ? "None is known here." : "Known here: \(known.joined(separator: ", ")).")
    }
}
