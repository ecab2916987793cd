package import Hummingbird
import Engine
import Logging
import HTTPTypes
import WallTime

/// Turns what a route throws into the API's error shape, and logs what is Steward's own fault.
package struct ErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    private let storeTrouble = LogLimiter()

    package init() {}

    package func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            let answer = APIError(error)
            if answer.status.code >= 500,
                !(error is StoreError) || storeTrouble.admit(at: WallClock.system.now()) != nil
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
