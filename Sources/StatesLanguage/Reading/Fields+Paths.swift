import JSONModel
import JSONPath

extension Fields {
    /// A path, or an intrinsic function where `calls` allows it.
    func pathOrCall(_ name: String, calls: Bool = true) -> Template? {
        guard let text = string(name) else { return nil }
        return parse(text, at: place(name), field: name, calls: calls)
    }

    /// A path of any kind: it may select several values.
    func path(_ name: String) -> Path? {
        guard case .path(let path)? = pathOrCall(name, calls: false) else { return nil }
        return path
    }

    /// A Reference Path: it names exactly one place.
    func referencePath(_ name: String) -> Path? {
        guard let path = path(name) else { return nil }
        guard path.path.isReference else {
            report(
                .notReferencePath, name, "'\(path.text)' is not a Reference Path",
                hint: "'\(name)' takes names and indexes only, no wildcards, slices, filters or functions")
            return nil
        }
        return path
    }

    /// `InputPath` and `OutputPath`.
    func selection(_ name: String) -> PathSelection {
        guard let value = object[name] else { return .root }
        if value.isNull { return .discard }
        guard let path = path(name) else { return .root }
        return path.source == .input && path.path.isRoot ? .root : .path(path)
    }

    /// `ResultPath`: a Reference Path into the input, or null.
    func resultPath(_ name: String = "ResultPath") -> ResultPath {
        guard let value = object[name] else { return .root }
        if value.isNull { return .discard }
        guard let path = referencePath(name) else { return .root }
        guard path.source == .input else {
            report(
                .notReferencePath, name, "'\(name)' must point into the state's input, so it starts with '$.'",
                hint: path.source == .context ? nil : "use Assign to set a variable")
            return .root
        }
        return path.path.isRoot ? .root : .path(path.path)
    }

    /// Parses a path or a call and reports what is wrong with it.
    func parse(_ text: String, at path: String, field: String, calls: Bool) -> Template? {
        do {
            if calls, !text.hasPrefix("$") {
                let call = try IntrinsicCall(parsing: text)
                if case .fault(let call, let why) = call.outcome {
                    findings.report(
                        .alwaysFails, at: path, "'\(call)' fails every time: \(why)",
                        hint: "the arguments that are written here decide that")
                }
                return .intrinsic(call)
            }
            return .path(try Path(parsing: text))
        } catch {
            let isCall = calls && text.hasPrefix("States.")
            let kinds = calls ? "a valid JSONPath or a valid intrinsic function call" : "a valid JSONPath"
            findings.report(
                isCall ? .invalidIntrinsic : .invalidPath, at: path,
                "The value for the field '\(field)' must be \(kinds)", hint: error.message,
                character: error.offset)
            return nil
        }
    }
}
