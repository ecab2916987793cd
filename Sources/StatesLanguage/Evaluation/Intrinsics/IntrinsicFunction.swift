/// The functions that a payload template may call (ASL, "Intrinsic Functions").
enum IntrinsicFunction: String, CaseIterable {
    case format = "States.Format"
    case stringToJSON = "States.StringToJson"
    case jsonToString = "States.JsonToString"
    case array = "States.Array"
    case arrayPartition = "States.ArrayPartition"
    case arrayContains = "States.ArrayContains"
    case arrayRange = "States.ArrayRange"
    case arrayGetItem = "States.ArrayGetItem"
    case arrayLength = "States.ArrayLength"
    case arrayUnique = "States.ArrayUnique"
    case base64Encode = "States.Base64Encode"
    case base64Decode = "States.Base64Decode"
    case hash = "States.Hash"
    case jsonMerge = "States.JsonMerge"
    case mathRandom = "States.MathRandom"
    case mathAdd = "States.MathAdd"
    case stringSplit = "States.StringSplit"
    case uuid = "States.UUID"

    /// What an argument must be; used to check literals before anything runs.
    enum Parameter: String {
        case any = "any value"
        case string = "a string"
        case number = "a number"
        case array = "an array"
        case object = "an object"
        case boolean = "a boolean"
    }

    /// The parameters in order.
    var parameters: [Parameter] {
        switch self {
        case .format, .stringToJSON: [.string]
        case .base64Encode, .base64Decode: [.string]
        case .jsonToString: [.any]
        case .array, .uuid: []
        case .arrayPartition, .arrayGetItem: [.array, .number]
        case .arrayContains: [.array, .any]
        case .arrayRange: [.number, .number, .number]
        case .arrayLength, .arrayUnique: [.array]
        case .hash: [.any, .string]
        case .jsonMerge: [.object, .object, .boolean]
        case .mathRandom: [.number, .number, .number]
        case .mathAdd: [.number, .number]
        case .stringSplit: [.string, .string]
        }
    }

    /// How many arguments a call takes.
    var arity: ClosedRange<Int> {
        switch self {
        case .format: 1...Int.max
        case .array: 0...Int.max
        case .mathRandom: 2...3
        default: parameters.count...parameters.count
        }
    }

    /// Whether the result can be a string, as `ErrorPath` and `CausePath` need (ASL, "Fail State").
    var canReturnString: Bool {
        switch self {
        case .format, .jsonToString, .arrayGetItem, .base64Encode, .base64Decode, .hash, .uuid: true
        default: false
        }
    }

    /// Whether a call goes through all that is in its arguments, as often as it occurs in them.
    var writesOut: Bool {
        switch self {
        case .format, .jsonToString, .hash, .arrayContains, .arrayUnique: true
        default: false
        }
    }

    /// Whether the result is new, and not a list of values that exist already.
    var makesValues: Bool {
        switch self {
        case .format, .jsonToString, .stringToJSON, .stringSplit: true
        default: false
        }
    }
}
