package import Hummingbird
import Engine
import Logging
import HTTPTypes
package import WallTime

/// Turns what a route throws into the API's error shape, and logs what is Steward's own fault.
package struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    private let now: @Sendable () -> Instant
    private let storeTrouble = LogLimiter()

    /// - Parameter now: tells the daemon's time, by which repeated lines are left out of the log.
    package init(now: @escaping @Sendable () -> Instant) { self.now = now }

    package func handle(
        _ request: Request, context: Context, next: @concurrent (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let answer = APIError(error)
            if answer.status.code >= 500,
                !(error is StoreError) || storeTrouble.admit(at: now()) != nil
            {
                context.logger.error(
                    "request failed",
                    metadata: [
                        "method": "\(request.method)", "path": "\(request.uri.path)", "error": "\(error)",
                    ])
            }
            var response = JSONAnswer(answer.json, status: answer.status).response(from: request, context: context)
            if answer.status == .serviceUnavailable || answer.status == .tooManyRequests {
                response.headers[.retryAfter] = "2"
            }
            return response
        }
    }
}
