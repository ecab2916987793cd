/// First guesses that are understood: other names of a noun, and kubectl's order of verb and noun.
enum CommandWords {
    static let nouns: [String: [String]] = [
        "run": ["runs", "execution", "executions", "exec", "wf"],
        "machine": ["machines", "sm", "state-machine", "state-machines", "dag", "definition"],
        "dlq": ["dead-letter", "dead-letters", "deadletter", "deadletters"],
        "schedule": ["schedules", "cron"],
        "budget": ["budgets"],
        "price": ["prices", "pricing"],
        "key": ["keys", "token", "tokens"],
        "principal": ["principals", "user", "users"],
        "team": ["teams", "group", "groups"],
        "policy": ["policies"],
        "audit": ["audits"],
        "notify": ["notification", "notifications", "channel", "channels"],
        "settings": ["setting", "config", "configuration"],
        "retention": [],
        "db": ["database", "schema"],
    ]

    static let verbs: [String: [String]] = [
        "run": ["list", "get", "start", "stop", "history", "why", "redrive"],
        "machine": ["list", "get", "apply", "graph"],
        "dlq": ["list", "get", "redrive", "discard"],
        "schedule": ["list", "pause", "resume", "trigger"],
        "price": ["list", "show", "set", "accept", "withdraw", "name", "sync", "reprice"],
        "budget": ["list", "get", "set", "remove", "plan", "apply", "status", "top", "forecast", "simulate"],
        "key": ["create", "list", "revoke"],
        "principal": [
            "create", "get", "list", "create-key", "tag", "import", "delete", "accept-loss", "runtimes", "block",
            "unblock", "protect", "unprotect",
        ],
        "team": ["create", "get", "list", "members", "delete"],
        "policy": ["create", "get", "list", "attach", "detach", "delete"],
        "audit": ["list", "verify", "export"],
        "notify": ["list", "outbox", "test", "mute", "unmute"],
        "settings": ["show", "reload"],
        "retention": ["show", "run"],
        "db": ["migrate"],
    ]

    static let alone = [
        "lint", "eval", "test", "ingest", "usage", "status", "doctor", "radar", "backup", "restore", "completion",
        "version", "help",
    ]

    private static let verbAliases = [
        "ls": "list", "ps": "list", "describe": "get", "show": "get", "events": "history", "cancel": "stop",
        "terminate": "stop", "retry": "redrive",
    ]

    /// The words in the order and with the names that the parser knows; what it does not understand stays.
    static func normalised(_ arguments: [String]) -> [String] {
        guard let first = arguments.first else { return arguments }
        var words = arguments
        if first == "ps" || first == "ls" { words = ["run", "list"] + words.dropFirst() }
        if words.count > 1, noun(words[0]) == nil, let noun = noun(words[1]), isVerb(words[0], of: noun) {
            words.swapAt(0, 1)
            // kubectl's `get runs` lists, `get run NAME` shows one.
            if words[1] == "get", words.count == 2 || words[2].hasPrefix("-") { words[1] = "list" }
        }
        guard let noun = noun(words[0]) else { return words }
        words[0] = noun
        if words.count > 1, let verb = verbAliases[words[1]], isVerb(verb, of: noun) { words[1] = verb }
        return words
    }

    /// The nearest command to one that is not known; nil when nothing is near.
    static func suggestion(for arguments: [String]) -> String? {
        guard let first = arguments.first, !first.hasPrefix("-"), !alone.contains(first) else { return nil }
        guard let noun = noun(first) else { return nearest(to: first, in: Array(nouns.keys) + alone) }
        guard arguments.count > 1, let verbs = verbs[noun], !verbs.contains(arguments[1]) else { return nil }
        return nearest(to: arguments[1], in: verbs).map { "\(noun) \($0)" }
    }

    private static func noun(_ word: String) -> String? {
        nouns[word] != nil ? word : nouns.first { $0.value.contains(word) }?.key
    }

    private static func isVerb(_ word: String, of noun: String) -> Bool {
        verbs[noun]?.contains(verbAliases[word] ?? word) ?? false
    }

    private static func nearest(to word: String, in candidates: [String]) -> String? {
        candidates.map { ($0, distance(word, $0)) }.filter { $0.1 <= 2 }.min { $0 < $1 }?.0
    }

    /// Levenshtein's distance.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (place, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = place + 1
            for (column, other) in right.enumerated() {
                let above = row[column + 1]
                row[column + 1] = character == other ? diagonal : 1 + min(diagonal, above, row[column])
                diagonal = above
            }
        }
        return row[right.count]
    }
}

private func < (left: (String, Int), right: (String, Int)) -> Bool { (left.1, left.0) < (right.1, right.0) }
