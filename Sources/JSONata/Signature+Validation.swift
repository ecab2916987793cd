extension Signature {
    /// The arguments as the function wants them.
    /// - Throws: `T0410` when they don't fit, `T0411` when the context doesn't, `T0412` for a wrong element type.
    func validate(_ arguments: [Value], context: Value) throws(JSONataError) -> [Value] {
        let symbols = arguments.map(\.type)
        guard let counts = match(symbols) else { throw mismatch(arguments, symbols) }
        var validated: [Value] = []
        validated.reserveCapacity(arguments.count)
        var place = 0
        for (parameter, count) in zip(parameters, counts) {
            if count == 0 {
                validated.append(try substitute(for: parameter, context: context, at: &place, in: arguments))
                continue
            }
            // An optional parameter in the middle that matched nothing has moved the place on all the same, as in the
            // reference: there may be no argument left.
            let first = arguments.element(place)
            for _ in 0..<count {
                // The reference hands the first of several repeated arguments over again and again, unless they are
                // arrays; version 2.0.6 is what Step Functions runs.
                let argument = parameter.type == "a" ? arguments.element(place) : first
                validated.append(
                    parameter.type == "a"
                        ? try arrayArgument(argument, parameter, count: count, at: place) : argument)
                place += 1
            }
        }
        return validated
    }

    private func substitute(
        for parameter: Parameter, context: Value, at place: inout Int, in arguments: [Value]
    ) throws(JSONataError) -> Value {
        if parameter.takesContext {
            guard parameter.fits.contains(context.type) else {
                throw .make("T0411", about: context, index: place + 1)
            }
            return context
        }
        defer { place += 1 }
        return place < arguments.count ? arguments[place] : .undefined
    }

    private func arrayArgument(
        _ argument: Value, _ parameter: Parameter, count: Int, at place: Int
    ) throws(JSONataError) -> Value {
        if case .undefined = argument { return .undefined }
        guard case .array(let array) = argument else {
            if let subtype = parameter.subtype,
                count != 1 || subtype.count != 1 || argument.type != TypeSet(letters: subtype)
            {
                throw wrongElement(subtype, at: place)
            }
            return .array(ArrayValue([argument]))
        }
        if let subtype = parameter.subtype, !array.isEmpty, !array.isRange || subtype.first != "n" {
            let wanted = TypeSet(letters: subtype.prefix(1))
            for element in 0..<array.count where array[element].type != wanted {
                throw wrongElement(subtype, at: place)
            }
        }
        return argument
    }

    private func wrongElement(_ subtype: String, at place: Int) -> JSONataError {
        let plurals = [
            "a": "arrays", "b": "booleans", "f": "functions", "n": "numbers", "o": "objects", "s": "strings",
        ]
        return .make("T0412", value: "\"\(plurals[subtype] ?? subtype)\"", index: place + 1)
    }

    // MARK: - Matching

    /// How many arguments each parameter takes, greedy with backtracking as a regular expression would; nil when they
    /// do not fit.
    private func match(_ symbols: [TypeSet]) -> [Int]? {
        var counts = Array(repeating: 0, count: parameters.count)
        return match(symbols, from: 0, parameter: 0, &counts) ? counts : nil
    }

    private func match(_ symbols: [TypeSet], from place: Int, parameter index: Int, _ counts: inout [Int]) -> Bool {
        guard index < parameters.count else { return place == symbols.count }
        let parameter = parameters[index]
        var longest = 0
        let most = parameter.isRepeated ? symbols.count - place : 1
        while longest < most, place + longest < symbols.count,
            parameter.fits.contains(symbols[place + longest])
        {
            longest += 1
        }
        let least = parameter.isOptional ? 0 : 1
        while longest >= least {
            counts[index] = longest
            if match(symbols, from: place + longest, parameter: index + 1, &counts) { return true }
            longest -= 1
        }
        return false
    }

    /// Points at the first argument that no way of matching reaches.
    private func mismatch(_ arguments: [Value], _ symbols: [TypeSet]) -> JSONataError {
        var goodTo = 0
        for count in 0..<parameters.count {
            let part = Signature(prefix: count + 1, of: self)
            guard let reached = part.longestPrefix(symbols) else { break }
            goodTo = reached
        }
        let value = goodTo < arguments.count ? arguments[goodTo] : .undefined
        return .make("T0410", about: value, index: goodTo + 1)
    }

    private func longestPrefix(_ symbols: [TypeSet]) -> Int? {
        (0...symbols.count).reversed().first { match(Array(symbols[..<$0])) != nil }
    }
}

extension Signature {
    private init(prefix count: Int, of other: Signature) {
        self = other
        keepFirst(count)
    }
}

extension Value {
    /// The type as a signature sees it.
    var type: TypeSet {
        switch self {
        case .undefined, .tuples: .missing
        case .null: .null
        case .bool: .boolean
        case .number, .exact: .number
        case .string: .string
        case .array: .array
        case .object: .object
        case .function: .function
        }
    }
}
