import JSONModel

extension StateReader {
    func task() -> TaskDefinition {
        let resource = Resource(parsing: fields.requiredString("Resource") ?? "")
        return TaskDefinition(
            resource: resource, timeout: seconds("TimeoutSeconds", in: 1...maximumSeconds),
            heartbeat: seconds("HeartbeatSeconds", in: 1...maximumSeconds), credentials: credentials())
    }

    private func credentials() -> Template? {
        guard let nested = fields.nested("Credentials") else { return nil }
        if !nested.has("RoleArn"), fields.language == .jsonata || !nested.has("RoleArn.$") {
            nested.missing("RoleArn")
        }
        _ = nested.string("RoleArn")
        return fields.template("Credentials")
    }

    // MARK: Retry and Catch

    func retriers() -> [Retrier] {
        fields.elements("Retry").map { entry in
            var retrier = Retrier(errorEquals: errorNames(entry))
            if let value = entry.integer("IntervalSeconds", in: 1...maximumSeconds) { retrier.intervalSeconds = value }
            if let value = entry.integer("MaxAttempts", in: 0...maximumSeconds) { retrier.maxAttempts = value }
            if let value = entry.number("BackoffRate", in: 1...Double.infinity) { retrier.backoffRate = value }
            retrier.maxDelaySeconds = entry.integer("MaxDelaySeconds", in: 1...31_622_400)
            retrier.jitter = entry.word("JitterStrategy", among: [Retrier.Jitter.none, .full]) ?? .none
            entry.comment()
            entry.checkNames(in: .retrier)
            return retrier
        }
    }

    func catchers() -> [Catcher] {
        fields.seeing("errorOutput").elements("Catch").map { entry in
            var catcher = Catcher(errorEquals: errorNames(entry), next: entry.requiredString("Next") ?? "")
            if fields.language == .jsonPath {
                catcher.resultPath = entry.resultPath()
            } else {
                catcher.output = entry.template("Output")
            }
            catcher.assign = entry.assignments()
            entry.comment()
            entry.checkNames(in: .catcher)
            return catcher
        }
    }

    private func errorNames(_ entry: Fields) -> [String] {
        guard entry.has("ErrorEquals") else {
            entry.missing("ErrorEquals", hint: "'[States.ALL]' stands for every error")
            return []
        }
        guard let names = entry.array("ErrorEquals") else { return [] }
        if names.isEmpty {
            entry.report(.emptyErrorEquals, "ErrorEquals", "'ErrorEquals' must name at least one error")
        }
        return names.enumerated().compactMap { index, value in
            if value.stringValue == nil {
                let path = pointer(entry.place("ErrorEquals"), index)
                fields.findings.report(
                    .wrongType, at: path, "'ErrorEquals' holds strings, not \(article(value.typeName))")
            }
            return value.stringValue
        }
    }
}
