import Foundation

/// A text that is read where it stands, each time it is needed: what is replaced there holds from the next request on.
package enum Secret: Sendable, Equatable {
    case environment(String)
    /// A path; line breaks at the end are no part of the secret.
    case file(String)
    /// For what is none, such as the name of a team in a header.
    case plain(String)

    /// - Throws: `SecretError` when it is not there.
    package func read() throws(SecretError) -> String {
        switch self {
        case .plain(let text): return text
        case .environment(let name):
            guard let value = ProcessInfo.processInfo.environment[name] else {
                throw SecretError(description: "the environment variable \(name) is not set")
            }
            return value
        case .file(let path):
            let text: String
            do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
                throw SecretError(description: "the file \(path) can't be read: \(error.localizedDescription)")
            }
            return text.trimmingCharacters(in: .newlines)
        }
    }
}

/// Where a secret is missing; never what it is.
package struct SecretError: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
}
