package import JSONModel

extension AWSClient {
    /// More pages than any list has; a service that goes on past it repeats itself.
    private static let maximumPages = 10_000

    /// Calls an action that lists, page after page, and returns what all pages hold under `key`.
    ///
    /// Follows `IsTruncated` and `Marker`, or `NextToken` where an action pages with that. A page may be empty and
    /// still not be the last. Throws `Client.UnreadableAnswer` when the service sends the same marker twice in a row.
    package func callAllPages(
        _ service: String, _ action: String, _ parameters: JSONObject, collecting key: String
    ) async throws(AWSError) -> [JSONValue] {
        var parameters = parameters
        var collected: [JSONValue] = []
        for _ in 0..<Self.maximumPages {
            let page = try await call(service, action, parameters)
            collected += page[key]?.arrayValue ?? []
            guard let (name, marker) = Self.nextPage(page) else { return collected }
            guard parameters[name] != marker else { break }
            parameters[name] = marker
        }
        throw AWSError(
            code: "Client.UnreadableAnswer", message: "The list does not end: its marker repeats itself.", status: nil,
            service: service, action: action)
    }

    /// The parameter that asks for the page after this one; nil after the last.
    private static func nextPage(_ page: JSONValue) -> (name: String, marker: JSONValue)? {
        if let marker = page["NextToken"], marker != "", !marker.isNull { return ("NextToken", marker) }
        guard page["IsTruncated"] == true, let marker = page["Marker"], marker != "" else { return nil }
        return ("Marker", marker)
    }
}
