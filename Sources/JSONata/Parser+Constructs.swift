// What has brackets.
extension Parser {
    mutating func block(at position: Int) throws(JSONataError) -> Draft {
        var expressions: [Draft] = []
        while !isAt(")") {
            expressions.append(try expression(0))
            guard isAt(";") else { break }
            try advance()
        }
        try expect(")", infix: true)
        return Draft(.block(expressions), at: position, over: expressions)
    }

    mutating func arrayConstructor(at position: Int) throws(JSONataError) -> Draft {
        var items: [Draft] = []
        if !isAt("]") {
            repeat {
                let item = try expression(0)
                let range = current.position
                if try take("..") {
                    let last = try expression(0)
                    items.append(Draft(.binary("..", item, last), at: range, over: [item, last]))
                } else {
                    items.append(item)
                }
            } while try take(",")
        }
        try expect("]", infix: true)
        return Draft(.array(items), at: position, over: items)
    }

    mutating func objectPairs() throws(JSONataError) -> [(Draft, Draft)] {
        var pairs: [(Draft, Draft)] = []
        if !isAt("}") {
            repeat {
                let key = try expression(0)
                try expect(":")
                pairs.append((key, try expression(0)))
            } while try take(",")
        }
        try expect("}", infix: true)
        return pairs
    }

    mutating func predicate(_ left: Draft, at position: Int) throws(JSONataError) -> Draft {
        if isAt("]") {
            var step = left
            while case .binary("[", let inner, _) = step.kind { step = inner }
            step.keepsArray = true
            try advance()
            return left
        }
        let filter = try expression(0)
        try expect("]", infix: true)
        return Draft(.binary("[", left, filter), at: position, over: [left, filter])
    }

    mutating func orderBy(_ left: Draft, at position: Int) throws(JSONataError) -> Draft {
        try expect("(")
        var terms: [(Draft, isDescending: Bool)] = []
        repeat {
            var isDescending = false
            if isAt("<") || isAt(">") {
                isDescending = isAt(">")
                try advance()
            }
            terms.append((try expression(0), isDescending))
        } while try take(",")
        try expect(")")
        return Draft(.sort(left, terms), at: position, over: [left] + terms.map(\.0))
    }

    mutating func condition(_ test: Draft, at position: Int) throws(JSONataError) -> Draft {
        let then = try expression(0)
        var otherwise: Draft?
        if try take(":") { otherwise = try expression(0) }
        return Draft(
            .condition(test, then, otherwise), at: position, over: [test, then] + (otherwise.map { [$0] } ?? []))
    }

    mutating func transform(at position: Int) throws(JSONataError) -> Draft {
        let pattern = try expression(0)
        try expect("|")
        let update = try expression(0)
        var deletion: Draft?
        if try take(",") { deletion = try expression(0) }
        try expect("|")
        return Draft(
            .transform(pattern, update, deletion), at: position,
            over: [pattern, update] + (deletion.map { [$0] } ?? []))
    }

    mutating func call(_ procedure: Draft, at position: Int) throws(JSONataError) -> Draft {
        var arguments: [Draft] = []
        var isPartial = false
        if !isAt(")") {
            repeat {
                if isAt("?") {
                    isPartial = true
                    arguments.append(Draft(.word("?"), at: current.position))
                    try advance()
                } else {
                    arguments.append(try expression(0))
                }
            } while try take(",")
        }
        try expect(")", infix: true)
        if case .name(let name) = procedure.kind, name == "function" || name == "\u{03BB}" {
            return try lambda(arguments, at: position)
        }
        return Draft(
            .call(procedure, arguments, isPartial: isPartial), at: position, over: [procedure] + arguments)
    }

    private mutating func lambda(_ arguments: [Draft], at position: Int) throws(JSONataError) -> Draft {
        var parameters: [String] = []
        for (place, argument) in arguments.enumerated() {
            guard case .variable(let name) = argument.kind else {
                throw .make(
                    "S0208", position: argument.position, token: argument.typeName, value: String(place + 1))
            }
            parameters.append(name)
        }
        let signature = isAt("<") ? try lambdaSignature() : nil
        try expect("{")
        let body = try expression(0)
        try expect("}")
        return Draft(.lambda(parameters, signature, body), at: position, over: [body])
    }

    private mutating func lambdaSignature() throws(JSONataError) -> Signature {
        let start = current.position
        var depth = 1
        var text = "<"
        while depth > 0, !isAt("{"), current.kind != .end {
            try advance()
            if isAt(">") { depth -= 1 }
            if isAt("<") { depth += 1 }
            text += current.text
        }
        try expect(">")
        do {
            return try Signature(parsing: text)
        } catch {
            throw .make(error.code, position: start + error.offset)
        }
    }
}
