/// Why a document does not give the items of a Map.
enum ItemFault: Error, Equatable {
    /// AWS's own words: workflows may compare them, so nothing is added.
    case verbatim(String)
    /// Something in a line, counted from 1.
    case malformed(line: Int, String)
    case refused(String)

    static let duplicateHeaders = ItemFault.verbatim("CSV headers cannot contain duplicates.")
    static let notIterable = ItemFault.verbatim("Attempting to map over non-iterable node.")

    /// The fault as the cause of a failure.
    /// - Parameter document: where the document is.
    func cause(in document: String) -> String {
        switch self {
        case .verbatim(let text): text
        case .malformed(let line, let text): "\(document), line \(line): \(text)"
        case .refused(let text): "\(document): \(text)"
        }
    }
}

/// A number of bytes for people.
func byteText(_ bytes: Int) -> String {
    bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes) bytes"
}
