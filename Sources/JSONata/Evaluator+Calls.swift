// Calling functions, applying them with `~>`, and fixing some of their arguments.
extension Evaluator {
    /// Evaluates a call; `applied` is what `~>` puts before the written arguments.
    func evaluateCall(
        _ call: Call, _ input: Value, _ frame: Frame, applied: Value? = nil
    ) throws(JSONataError) -> Value {
        let procedure = try evaluate(call.procedure, input, frame)
        try rejectForgottenDollar(call, procedure, frame, "T1005")
        var arguments: [Value] = applied.map { [$0] } ?? []
        arguments.reserveCapacity(arguments.count + call.arguments.count)
        for argument in call.arguments { arguments.append(try evaluate(argument, input, frame)) }
        do throws(JSONataError) {
            guard case .function(let function) = procedure else { throw JSONataError.make("T1006") }
            return try apply(function, arguments, context: input, position: call.position, name: call.name)
        } catch {
            var error = error.naming(call.name)
            if error.position == nil { error.position = call.position }
            throw error
        }
    }

    private func rejectForgottenDollar(
        _ call: Call, _ procedure: Value, _ frame: Frame, _ code: String
    ) throws(JSONataError) {
        guard case .undefined = procedure, let name = call.fieldName else { return }
        guard frame.lookup(name).map({ !$0.isUndefined }) ?? (Library.functions[name] != nil) else { return }
        throw .make(code, position: call.position, token: name)
    }

    func evaluateApply(
        _ left: Node, _ right: Node, _ node: Node, _ input: Value, _ frame: Frame
    ) throws(JSONataError) -> Value {
        let argument = try evaluate(left, input, frame)
        if case .call(let call) = right.kind { return try evaluateCall(call, input, frame, applied: argument) }
        let value = try evaluate(right, input, frame)
        guard case .function(let function) = value else {
            throw .make("T2006", about: value, position: node.position)
        }
        guard case .function = argument else { return try apply(function, [argument], context: .null) }
        let composed = Frame(parent: nil)
        composed.bind("f", argument)
        composed.bind("g", value)
        let lambda = FunctionValue.Lambda(
            parameters: ["x"], signature: nil, body: Library.compositionBody, input: .null)
        return try self.function(.lambda(lambda), frame: composed)
    }

    /// Calls a function with arguments that are already evaluated.
    /// - Parameter context: what stands in for a missing argument when the signature allows it.
    func apply(
        _ function: FunctionValue, _ arguments: [Value], context: Value, position: Int? = nil, name: String? = nil
    ) throws(JSONataError) -> Value {
        // A function of the library that calls back gets here without a new level of evaluation.
        try enterCall()
        defer { leaveCall() }
        var result = try applyOnce(function, arguments, context, position, name)
        while case .function(let next) = result, case .tailCall(let call, let input, let frame) = next.kind {
            try charge()
            let procedure = try evaluate(call.procedure, input, frame)
            var evaluated: [Value] = []
            for argument in call.arguments { evaluated.append(try evaluate(argument, input, frame)) }
            try rejectForgottenDollar(call, procedure, frame, "T1005")
            guard case .function(let target) = procedure else {
                throw .make("T1006", position: call.position, token: call.name)
            }
            // Its context is that of whoever called: the reference does not change it in its loop.
            result = try applyOnce(target, evaluated, context, call.position, call.name)
        }
        return result
    }

    private func applyOnce(
        _ function: FunctionValue, _ arguments: [Value], _ context: Value, _ position: Int?, _ name: String?
    ) throws(JSONataError) -> Value {
        do throws(JSONataError) {
            let validated = try function.signature?.validate(arguments, context: context) ?? arguments
            return try invoke(function, validated)
        } catch {
            var error = error.naming(name ?? function.nativeName)
            error.position = position ?? error.position
            throw error
        }
    }

    private func invoke(_ function: FunctionValue, _ arguments: [Value]) throws(JSONataError) -> Value {
        switch function.kind {
        case .native(let native):
            for case .string(let text) in arguments where text.utf8.count > 64 {
                try chargeText(text.utf8.count * native.textWeight)
            }
            return try native.body(self, arguments)
        case .lambda(let lambda):
            try chargeMemory(64 + 32 * lambda.parameters.count)
            var values = arguments
            if values.count > lambda.parameters.count { values.removeLast(values.count - lambda.parameters.count) }
            while values.count < lambda.parameters.count { values.append(.undefined) }
            let frame = Frame(parent: function.frame, names: lambda.parameters, values: values)
            return try evaluate(lambda.body, lambda.input, frame)
        case .partial(let target, let fixed):
            var rest = arguments[...]
            let filled = fixed.map { $0 ?? rest.popFirst() ?? .undefined }
            return try apply(target, filled, context: .null)
        case .regex(let regex): return try match(regex, arguments)
        case .nextMatch(let regex, let text, let start): return try nextMatch(regex, in: text, from: start)
        case .transform(let transform): return try apply(transform, arguments.element(0), function.frame ?? root)
        case .tailCall: return .function(function)
        }
    }

    // MARK: - Partial application

    func evaluatePartial(_ call: Call, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        var arguments: [Value?] = []
        for argument in call.arguments {
            if case .placeholder = argument.kind {
                arguments.append(nil)
            } else {
                arguments.append(.some(try evaluate(argument, input, frame)))
            }
        }
        let procedure = try evaluate(call.procedure, input, frame)
        try rejectForgottenDollar(call, procedure, frame, "T1007")
        guard case .function(let function) = procedure else {
            throw .make("T1008", position: call.position, token: call.name)
        }
        guard case .lambda(let lambda) = function.kind else {
            return try self.function(.partial(function, arguments))
        }
        let inner = Frame(parent: function.frame)
        var open: [String] = []
        for (place, parameter) in lambda.parameters.enumerated() {
            if place < arguments.count, arguments[place] == nil {
                open.append(parameter)
            } else {
                inner.bind(parameter, place < arguments.count ? arguments[place] ?? .undefined : .undefined)
            }
        }
        let rest = FunctionValue.Lambda(parameters: open, signature: nil, body: lambda.body, input: lambda.input)
        return try self.function(.lambda(rest), frame: inner)
    }
}

extension [Value] {
    /// The argument at a place; `.undefined` beyond the last.
    func element(_ place: Int) -> Value { place < count ? self[place] : .undefined }
}
