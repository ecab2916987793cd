import JSONModel

extension IntrinsicCall {
    /// What is known of a call's result from its text alone.
    enum Outcome {
        case constant(JSONValue)
        /// It depends on the data.
        case open
        /// The call, perhaps one of the arguments, fails whatever the data is.
        case fault(call: String, why: String)
    }

    var outcome: Outcome {
        guard let function = IntrinsicFunction(rawValue: name) else { return .open }
        var known: [JSONValue?] = []
        for argument in arguments {
            switch argument {
            case .literal(let value): known.append(value)
            case .intrinsic(let call):
                switch call.outcome {
                case .constant(let value): known.append(value)
                case .open: known.append(nil)
                case .fault(let call, let why): return .fault(call: call, why: why)
                }
            default: known.append(nil)
            }
        }
        return function.outcome(known, text: text)
    }
}

extension IntrinsicFunction {
    /// - Parameter known: the arguments; nil for one that the data decides.
    fileprivate func outcome(_ known: [JSONValue?], text: String) -> IntrinsicCall.Outcome {
        let filled = known.enumerated().map { $1 ?? harmless($0, known) }
        let values = filled.compactMap(\.self)
        guard values.count == filled.count else { return .open }
        var random = SplitMix64(seed: 0)
        do {
            let value = try result(IntrinsicArguments(values: values), random: &random)
            let isConstant = !known.contains(nil) && self != .uuid && self != .mathRandom
            return isConstant ? .constant(value) : .open
        } catch {
            return .fault(call: text, why: error.message)
        }
    }

    /// A value in the place of an argument that is not known, with which the call fails only where the known ones are at
    /// fault; nil where there is no such value.
    private func harmless(_ index: Int, _ known: [JSONValue?]) -> JSONValue? {
        switch self {
        case .format: index == 0 ? nil : ""
        case .hash: index == 0 ? "" : nil
        case .arrayPartition: index == 0 ? [] : nil
        case .jsonMerge: index < 2 ? [:] : nil
        // A range from a number to itself has one element.
        case .arrayRange: index == 2 ? 1 : known[1 - index] ?? 0
        default: nil
        }
    }
}
