/// Evaluates one expression once. Not shared between threads; everything it makes dies with it.
final class Evaluator {
    let environment: JSONataEnvironment
    let root: Frame
    private(set) var random: RandomSource
    private(set) var steps = 0
    private var allocated = 0
    private var depth = 0
    private var calls = 0
    private let stack = StackGuard()
    /// Functions made during the evaluation, to be taken apart at its end.
    private var functions: [FunctionValue] = []

    init(environment: JSONataEnvironment) {
        self.environment = environment
        root = Frame(parent: nil)
        random = RandomSource(seed: environment.randomSeed)
    }

    var limits: JSONataLimits { environment.limits }

    // MARK: - Limits

    private static let deadlineMask = 0xFF
    private static let longestText = 64 << 20
    /// Bytes of an array besides its elements.
    private static let arrayOverhead = 96

    /// Counts work; a few hundred steps apart the deadline is asked for.
    func charge(_ count: Int = 1) throws(JSONataError) {
        let before = steps
        steps += count
        guard steps <= limits.steps else { throw Self.exceeded("more than \(limits.steps) steps") }
        if before & ~Self.deadlineMask != steps & ~Self.deadlineMask, environment.isPastDeadline?() == true {
            throw Self.exceeded("the time allowed is over")
        }
    }

    /// Counts work over text: about as many bytes as one step takes the time of.
    func chargeText(_ bytes: Int) throws(JSONataError) { try charge(bytes / 64) }

    /// Counts memory taken, in bytes, and the work of filling it; what is freed is not given back.
    func chargeMemory(_ bytes: Int) throws(JSONataError) {
        try charge(bytes / 128)
        allocated += bytes
        guard allocated <= limits.allocatedBytes else {
            throw Self.exceeded("more than \(limits.allocatedBytes) bytes created")
        }
    }

    /// Refuses a text longer than any that is worth making: one text is held in memory as a whole, and twice as it grows.
    func checkLength(_ bytes: Int) throws(JSONataError) {
        guard bytes <= Self.longestText else { throw Self.exceeded("a text of more than \(Self.longestText) bytes") }
    }

    /// Counts the elements of an array about to be made.
    func chargeElements(_ count: Int) throws(JSONataError) {
        guard count <= limits.sequenceLength else {
            throw Self.exceeded("a sequence of more than \(limits.sequenceLength) elements")
        }
        try charge(1 + count / 32)
        try chargeMemory(Self.arrayOverhead + count * MemoryLayout<Value>.stride)
    }

    /// Goes one level deeper; paired with `leave()`.
    private func enter() throws(JSONataError) {
        guard depth < limits.depth else { throw Self.exceeded("more than \(depth) levels of evaluation") }
        guard !stack.isExhausted else { throw Self.exceeded("the thread's stack is used up") }
        depth += 1
    }

    private func leave() { depth -= 1 }

    /// The same for calls, which a function of the library may make without a level of evaluation in between.
    func enterCall() throws(JSONataError) {
        guard calls < limits.depth else { throw Self.exceeded("more than \(calls) calls inside each other") }
        guard !stack.isExhausted else { throw Self.exceeded("the thread's stack is used up") }
        calls += 1
    }

    func leaveCall() { calls -= 1 }

    static func exceeded(_ what: String) -> JSONataError { .make("U1001", value: what) }

    // MARK: - Functions made on the way

    func function(_ kind: FunctionValue.Kind, frame: Frame? = nil) throws(JSONataError) -> Value {
        try chargeMemory(128)
        let function = FunctionValue(kind, frame: frame)
        functions.append(function)
        return .function(function)
    }

    /// Breaks the cycles between functions and frames.
    func release() {
        for function in functions { function.release() }
        functions = []
        root.release()
    }

    func withRandom<Result>(_ body: (inout RandomSource) -> Result) -> Result { body(&random) }

    // MARK: - Evaluation

    func evaluate(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        try charge()
        try enter()
        defer { leave() }
        var result = try evaluateKind(node, input, frame)
        for filter in node.predicates { result = try applyFilter(filter, to: result, frame) }
        if let group = node.group {
            if case .path = node.kind {} else { result = try evaluateGroup(group, over: result, frame) }
        }
        return try settle(result, keepsArray: node.keepsArray)
    }

    /// A sequence of nothing is undefined, one of a single element is that element.
    private func settle(_ result: Value, keepsArray: Bool) throws(JSONataError) -> Value {
        guard result.depth <= limits.nesting else {
            throw Self.exceeded("more than \(limits.nesting) levels of nesting")
        }
        guard case .array(let array) = result, array.isSequence else { return result }
        switch array.count {
        case 0: return .undefined
        case 1 where !keepsArray && !array.flags.contains(.keepsSingleton): return array[0]
        default: return keepsArray ? .array(array.with(array.flags.union(.keepsSingleton))) : result
        }
    }

    private func evaluateKind(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        switch node.kind {
        case .path(let steps, let keepsSingleton):
            return try evaluatePath(node, steps, keepsSingleton: keepsSingleton, input, frame)
        case .name(let name): return try lookUp(name, in: input)
        case .variable(let name): return variable(name, input, frame)
        case .string(let value): return .string(value)
        case .number(let value): return .number(value)
        case .bool(let value): return .bool(value)
        case .null: return .null
        case .call(let call): return try evaluateCall(call, input, frame)
        case .binary(let operation, let left, let right):
            return try evaluateBinary(operation, left, right, node, input, frame)
        case .condition(let test, let then, let otherwise):
            if try isTruthy(evaluate(test, input, frame)) { return try evaluate(then, input, frame) }
            guard let otherwise else { return .undefined }
            return try evaluate(otherwise, input, frame)
        case .block(let expressions): return try evaluateBlock(expressions, input, frame)
        case .bind(let name, let expression):
            let value = try evaluate(expression, input, frame)
            frame.bind(name, value)
            return value
        case .tailCall(let call):
            // Gone as soon as the caller has made the call, so it need not be taken apart at the end.
            return .function(FunctionValue(.tailCall(call, input: input, frame: frame)))
        default: return try evaluateRareKind(node, input, frame)
        }
    }

    private func evaluateRareKind(_ node: Node, _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        switch node.kind {
        case .and(let left, let right): return try evaluateLogic(node, left, right, isAnd: true, input, frame)
        case .or(let left, let right): return try evaluateLogic(node, left, right, isAnd: false, input, frame)
        case .negation(let operand): return try evaluateNegation(operand, node, input, frame)
        case .array(let items): return try evaluateArray(items, node, input, frame)
        case .object(let group): return try evaluateGroup(group, over: input, frame)
        case .wildcard: return try evaluateWildcard(input)
        case .descendants: return try evaluateDescendants(input)
        case .parent(let label): return frame.lookup(label) ?? .undefined
        case .regex(let program, let source):
            return try function(
                .regex(FunctionValue.Regex(program: program, source: source, position: node.position)))
        case .lambda(let parameters, let signature, let body):
            let lambda = FunctionValue.Lambda(
                parameters: parameters, signature: signature, body: body, input: input)
            return try function(.lambda(lambda), frame: frame)
        case .partial(let call): return try evaluatePartial(call, input, frame)
        case .apply(let left, let right): return try evaluateApply(left, right, node, input, frame)
        case .transform(let pattern, let update, let deletion):
            let transform = FunctionValue.Transform(
                pattern: pattern, update: update, deletion: deletion, position: node.position)
            return try function(.transform(transform), frame: frame)
        default: throw .make("S0206", position: node.position)
        }
    }

    private func evaluateBlock(_ nodes: [Node], _ input: Value, _ frame: Frame) throws(JSONataError) -> Value {
        let inner = Frame(parent: frame)
        var result = Value.undefined
        for node in nodes { result = try evaluate(node, input, inner) }
        return result
    }

    private func variable(_ name: String, _ input: Value, _ frame: Frame) -> Value {
        if name.isEmpty {
            if case .array(let array) = input, array.flags.contains(.wrapsInput) { return array[0] }
            return input
        }
        if let value = frame.lookup(name) { return value }
        return Library.functions[name].map { .function(FunctionValue(.native($0))) } ?? .undefined
    }

    private func evaluateArray(
        _ items: [Node], _ node: Node, _ input: Value, _ frame: Frame
    ) throws(JSONataError) -> Value {
        var result = ArrayValue([])
        var pending: [Value] = []
        for item in items {
            let value = try evaluate(item, input, frame)
            switch (item.kind, value) {
            case (_, .undefined): continue
            case (.array, _): pending.append(value)
            case (_, .array(let array)) where pending.isEmpty && result.isEmpty:
                result = array.with([])
            case (_, .array(let array)):
                try chargeElements(array.count)
                pending += array.values
            default: pending.append(value)
            }
        }
        if !pending.isEmpty {
            try chargeElements(result.count + pending.count)
            result = ArrayValue(result.isEmpty ? pending : result.values + pending)
        }
        return .array(node.isConstructor ? result.with(.constructed) : result)
    }
}
