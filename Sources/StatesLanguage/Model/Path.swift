package import JSONPath

/// A path of the States Language: a JSONPath with the place that it starts from.
package struct Path: Sendable, Hashable {
    package enum Source: Sendable, Hashable {
        /// `$…`
        case input
        /// `$$…`, the context object.
        case context
        /// `$name…`, a workflow variable.
        case variable(String)
    }

    package var source: Source
    /// Relative to the source: always begins with a single `$`.
    package var path: JSONPath
    /// As it was written.
    package var text: String

    package init(source: Source, path: JSONPath, text: String) {
        self.source = source
        self.path = path
        self.text = text
    }
}

/// `InputPath` or `OutputPath`: a path, or null, which stands for an empty object.
package enum PathSelection: Sendable, Hashable {
    case root
    case path(Path)
    case discard
}

/// `ResultPath`: where the result goes in the input; null drops the result.
package enum ResultPath: Sendable, Hashable {
    /// `$`: the result replaces the input.
    case root
    case path(JSONPath)
    case discard
}
