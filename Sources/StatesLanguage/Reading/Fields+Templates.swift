import JSONModel
import JSONata

extension Fields {
    /// A payload template in the language of the state: JSONPath's keys that end in `.$`, JSONata's `{% … %}`.
    func template(_ name: String) -> Template? {
        guard let value = object[name] else { return nil }
        return template(value, at: place(name), field: name)
    }

    func template(_ value: JSONValue, at path: String, field: String) -> Template {
        switch language {
        case .jsonPath: jsonPathTemplate(value, at: path)
        case .jsonata: jsonataTemplate(value, at: path, field: field)
        }
    }

    /// `Assign`: variables by name.
    func assignments() -> [(name: String, value: Template)] {
        guard has("Assign") else { return [] }
        guard let nested = nested("Assign") else { return [] }
        checkVariableNames(nested)
        guard case .object(let members) = template(.object(nested.object), at: nested.path, field: "Assign") else {
            return members(of: nested.object)
        }
        return members.map { ($0.key, $0.value) }
    }

    private func members(of object: JSONObject) -> [(name: String, value: Template)] {
        object.map { ($0, .literal($1)) }
    }

    // MARK: JSONPath

    private func jsonPathTemplate(_ value: JSONValue, at path: String) -> Template {
        switch value {
        case .object(let object): jsonPathObject(object, at: path)
        case .array(let elements):
            folded(elements.enumerated().map { jsonPathTemplate($1, at: pointer(path, $0)) })
        case .string(let text): literal(text, at: path)
        default: .literal(value)
        }
    }

    private func jsonPathObject(_ object: JSONObject, at path: String) -> Template {
        var members: [(key: String, value: Template)] = []
        for (key, value) in object {
            let place = pointer(path, key)
            guard key.hasSuffix(".$") else {
                members.append((key, jsonPathTemplate(value, at: place)))
                continue
            }
            let name = String(key.dropLast(2))
            if object.contains(name) {
                findings.reportKey(
                    .conflictingKeys, at: place, "'\(key)' and '\(name)' would both become '\(name)'",
                    hint: "remove one of the two")
            }
            guard let text = value.stringValue else {
                findings.report(
                    .invalidPath, at: place,
                    "The value for the field '\(key)' must be a valid JSONPath or a valid "
                        + "intrinsic function call",
                    hint: "it is \(article(value.typeName)); drop the '.$' from the name to use the value as it is")
                continue
            }
            if let template = parse(text, at: place, field: key, calls: true) { members.append((name, template)) }
        }
        return folded(members)
    }

    /// A text that is kept as it is. One that looks like an expression is hardly meant so.
    private func literal(_ text: String, at path: String) -> Template {
        if let open = text.firstRange(of: "{%"), text[open.upperBound...].contains("%}") {
            findings.report(
                .unusedExpression, at: path, "The expression in this text is not evaluated",
                hint: language == .jsonata
                    ? "an expression is the whole text, such as \"{% 'Hello ' & $name %}\""
                    : "set 'QueryLanguage: JSONata' in this state, or use a name that ends in '.$'")
        }
        return .literal(.string(text))
    }

    // MARK: JSONata

    private func jsonataTemplate(_ value: JSONValue, at path: String, field: String) -> Template {
        switch value {
        case .string(let text): expression(text, at: path, field: field) ?? literal(text, at: path)
        case .object(let object):
            folded(object.map { ($0, jsonataTemplate($1, at: pointer(path, $0), field: field)) })
        case .array(let elements):
            folded(elements.enumerated().map { jsonataTemplate($1, at: pointer(path, $0), field: field) })
        default: .literal(value)
        }
    }

    /// The expression in `{% … %}`; nil for a text that is none. A text that has only one of the two marks at its end
    /// is an error (AWS, "Transforming data with JSONata": improperly opening or closing the expression).
    func expression(_ text: String, at path: String, field: String) -> Template? {
        let (opens, closes) = (text.hasPrefix("{%"), text.hasSuffix("%}"))
        guard opens || closes else { return nil }
        guard opens, closes, text.count >= 4 else {
            findings.report(
                .invalidJSONata, at: path,
                "The JSONata expression is not properly " + (opens ? "closed" : "opened"),
                hint: "an expression is the whole text, from '{%' to '%}'")
            return .literal(.string(text))
        }
        let inner = text.dropFirst(2).dropLast(2)
        let start = 2 + inner.prefix { $0.isWhitespace }.unicodeScalars.count
        let source = trimmed(inner)
        do {
            let expression = try JSONataExpression(parsing: source)
            checkReferences(of: expression, at: path, start: start)
            return .expression(expression)
        } catch {
            findings.report(
                .invalidJSONata, at: path, "The JSONata expression is not valid: \(error.code): \(error.message)",
                character: start + max(0, (error.position ?? 1) - 1))
            return .literal(.string(text))
        }
    }

    private func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0.isWhitespace }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }

    // MARK: Folding

    /// Parts without anything to compute become one literal, so that evaluating costs nothing.
    private func folded(_ members: [(key: String, value: Template)]) -> Template {
        var object = JSONObject()
        for (key, member) in members {
            guard case .literal(let value) = member else { return .object(members) }
            object[key] = value
        }
        return .literal(.object(object))
    }

    private func folded(_ elements: [Template]) -> Template {
        var array: [JSONValue] = []
        for element in elements {
            guard case .literal(let value) = element else { return .array(elements) }
            array.append(value)
        }
        return .literal(.array(array))
    }
}
