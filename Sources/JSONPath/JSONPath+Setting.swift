package import JSONModel

extension JSONPath {
    /// The document with `value` put at this Reference Path, as ASL's `ResultPath` does it: members that are missing
    /// on the way are created as objects, a value that is there is replaced, and `$` replaces the whole document.
    ///
    /// Nil when that can't be: a member of something that is no object, an element of something that is no array or
    /// outside it, or a path that is no Reference Path. The caller reports `States.ResultPathMatchFailure`.
    package func setting(_ value: JSONValue, in root: JSONValue) -> JSONValue? {
        guard isReference else { return nil }
        return Self.setting(value, along: query.segments[...], in: root)
    }

    /// Recurses once for each step; `PathLimits.segments` bounds that.
    private static func setting(_ value: JSONValue, along path: ArraySlice<PathSegment>, in target: JSONValue?)
        -> JSONValue?
    {
        guard let step = path.first else { return value }
        let rest = path.dropFirst()
        switch (step, target) {
        case (.name(let name, _), .object(var object)?):
            guard let member = setting(value, along: rest, in: object[name]) else { return nil }
            object[name] = member
            return .object(object)
        case (.name(let name, _), nil):
            guard let member = setting(value, along: rest, in: nil) else { return nil }
            return [name: member]
        case (.index(let index), .array(var elements)?):
            guard elements.indices.contains(index),
                let element = setting(value, along: rest, in: elements[index])
            else { return nil }
            elements[index] = element
            return .array(elements)
        default: return nil
        }
    }
}
