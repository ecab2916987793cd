import JSONModel
import JSONPath
import WallTime

/// Reads one state. Fields that all types share are here, those of the larger types in their own files.
struct StateReader {
    let name: String
    let type: StateType
    let fields: Fields
    let machineLanguage: QueryLanguage

    func state() -> State {
        let (kind, data) = (kind(), data())
        let handlesErrors = [.task, .parallel, .map].contains(type)
        let state = State(
            name: name, comment: fields.comment(), queryLanguage: fields.language, kind: kind,
            transition: [.choice, .succeed, .fail].contains(type) ? nil : transition(), data: data,
            retriers: handlesErrors ? retriers() : [], catchers: handlesErrors ? catchers() : [])
        fields.checkNames(in: .state(type))
        return state
    }

    private func kind() -> StateKind {
        switch type {
        case .pass: .pass(result: fields["Result"])
        case .task: .task(task())
        case .choice: .choice(choice())
        case .wait: .wait(wait())
        case .succeed: .succeed
        case .fail: .fail(error: text("Error"), cause: text("Cause"))
        case .parallel: .parallel(branches: branches())
        case .map: .map(map())
        }
    }

    // MARK: Shared by all types

    /// Fields that the type does not have are reported by name, so they are not read here.
    private func data() -> DataFlow {
        var data = DataFlow()
        let allowed = FieldTable.names(in: .state(type), language: fields.language)
        let has = { (name: String) in allowed.contains(name) && fields.has(name) }
        if has("InputPath") { data.inputPath = fields.selection("InputPath") }
        if has("OutputPath") { data.outputPath = fields.selection("OutputPath") }
        if has("Parameters"), type != .map { data.parameters = payload("Parameters") }
        if has("ResultSelector") { data.resultSelector = payload("ResultSelector") }
        if has("ResultPath") { data.resultPath = fields.resultPath() }
        if has("Arguments") { data.arguments = arguments() }
        let after = [.task, .parallel, .map].contains(type) ? fields.seeing("result") : fields
        if has("Output") { data.output = after.template("Output") }
        if has("Assign") { data.assign = after.assignments() }
        return data
    }

    /// `Parameters` and `ResultSelector` may be any JSON on AWS; a bare path is a text there, which is hardly meant.
    private func payload(_ name: String) -> Template? { fields.template(name) }

    /// `Arguments` is an object or an expression that makes one.
    private func arguments() -> Template? {
        guard let template = fields.template("Arguments") else { return nil }
        if case .literal(let value) = template, value.objectValue == nil {
            fields.wrongType("Arguments", expected: "an object or a JSONata expression")
        }
        return template
    }

    /// A state with `End: false` is not terminal (ASL, "Transitions"), so that it has a `Next` like others.
    private func transition() -> Transition? {
        if fields["End"] != false { fields.exclusive("Next", "End") }
        if fields.has("Next") {
            if fields["End"]?.boolValue == nil, fields.has("End") { fields.wrongType("End", expected: "a boolean") }
            return fields.string("Next").map { .next($0) }
        }
        guard let end = fields["End"] else {
            fields.findings.reportKey(
                .missingTransition, at: fields.path, "The state '\(name)' has neither 'Next' nor 'End'",
                hint: "add 'End: true', or 'Next' with the name of the state that follows")
            return nil
        }
        guard let ends = end.boolValue else {
            fields.wrongType("End", expected: "a boolean")
            return nil
        }
        if !ends {
            fields.report(
                .missingTransition, "End", "A state with 'End: false' needs 'Next'",
                hint: "write 'End: true' if the state is the last one")
        }
        return .end
    }

    // MARK: Wait and Fail

    private func wait() -> WaitDefinition {
        let names = ["Seconds", "SecondsPath", "Timestamp", "TimestampPath"].filter(fields.has)
        fields.exclusive("Seconds", "SecondsPath", "Timestamp", "TimestampPath")
        guard let name = names.first else {
            fields.missing("Seconds", hint: "a Wait has one of Seconds, SecondsPath, Timestamp and TimestampPath")
            return .seconds(.literal(0))
        }
        let seconds = seconds("Seconds", in: 0...maximumSeconds)
        let timestamp = timestamp()
        return name.hasPrefix("Seconds") ? .seconds(seconds ?? .literal(0)) : .timestamp(timestamp ?? .literal(.null))
    }

    private func timestamp() -> Template? {
        let path = fields.language == .jsonPath ? path("TimestampPath") : nil
        guard fields.has("Timestamp") else { return path }
        guard let text = fields.string("Timestamp") else { return nil }
        if fields.language == .jsonata,
            let template = fields.expression(text, at: fields.place("Timestamp"), field: "Timestamp")
        {
            return template
        }
        return fields.isTimestamp(text, "Timestamp") ? .literal(.string(text)) : nil
    }

    /// `Error` and `Cause`: a text, an expression, or a path or call in the field that ends in `Path`.
    private func text(_ name: String) -> Template? {
        if fields.language == .jsonPath {
            fields.exclusive(name, name + "Path")
            let path = textPath(name + "Path")
            if !fields.has(name) { return path }
        }
        guard let text = fields.string(name) else { return nil }
        if fields.language == .jsonata { return fields.template(.string(text), at: fields.place(name), field: name) }
        return .literal(.string(text))
    }

    private func textPath(_ name: String) -> Template? {
        guard let template = fields.pathOrCall(name) else { return nil }
        if case .intrinsic(let call) = template,
            IntrinsicFunction(rawValue: call.name)?.canReturnString == false
        {
            fields.report(.invalidIntrinsic, name, "\(call.name) does not return a string, which '\(name)' needs")
        }
        if case .path(let path) = template, !path.path.isDefinite {
            fields.report(
                .alwaysFails, name, "'\(name)' needs a text, and '\(path.text)' always gives an array",
                hint: "name one place without wildcards, slices and filters, or use States.JsonToString")
        }
        return template
    }

    // MARK: Numbers that may be computed

    /// `name` as a number, as an expression in JSONata, or as `namePath` in JSONPath.
    func seconds(_ name: String, in range: ClosedRange<Int64>) -> Template? {
        number(name) { fields.integer(name, in: range).map { .int(Int64($0)) } }
    }

    func number(_ name: String, literal: () -> JSONValue?) -> Template? {
        if fields.language == .jsonPath {
            if type != .wait { fields.exclusive(name, name + "Path") }
            let path = path(name + "Path")
            if !fields.has(name) { return path }
        } else if let text = fields[name]?.stringValue,
            let template = fields.expression(text, at: fields.place(name), field: name)
        {
            return template
        }
        return fields.has(name) ? literal().map { .literal($0) } : nil
    }

    func path(_ name: String) -> Template? { fields.referencePath(name).map { .path($0) } }
}

extension Fields {
    /// RFC 3339 with an uppercase T and Z (ASL, "Timestamps"); anything else is reported.
    func isTimestamp(_ text: String, _ name: String) -> Bool {
        if Instant(iso8601: text) != nil, !text.contains("t"), !text.contains("z") { return true }
        report(
            .invalidTimestamp, name, "String does not match RFC3339 timestamp",
            hint: "write it as 2026-11-20T02:00:00Z or 2026-11-20T02:00:00+01:00")
        return false
    }
}
