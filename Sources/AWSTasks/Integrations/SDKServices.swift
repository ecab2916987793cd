import AWSClient
import JSONModel
import WallTime

/// How Step Functions shows a service in `aws-sdk:NAME:ACTION`: as the AWS SDK for Java does.
struct SDKService: Sendable {
    /// As in `aws-sdk:NAME`.
    let name: String
    /// As in the names of errors and the texts of causes, such as `DynamoDb`.
    let title: String
    /// By which `AWSClient` knows it.
    let client: String
    /// Whether the service's own members begin with a small letter.
    let isLowerCamel: Bool
    /// Members that are instants.
    let instants: Set<String>
    /// Members of bytes that hold the JSON of what a state gives.
    let contents: Set<String>
    /// Texts that hold the JSON of a value which is none.
    let documents: Set<String>
    /// Members that are maps, and how many levels of maps: their keys are data.
    private let maps: [String: Int]
    /// Codes that have an exception of their own, without the suffix `Exception`.
    private let errors: Set<String>
    /// The service's spelling, by the SDK's, and the other way round, where the two differ by more than a capital.
    let ownNames: [String: String]
    private let shownNames: [String: String]

    init(
        name: String, title: String, client: String, isLowerCamel: Bool = false, renamed: String = "",
        instants: String = "", contents: String = "", maps: String = "", documents: String = "", errors: String = ""
    ) {
        func words(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }
        self.name = name
        self.title = title
        self.client = client
        self.isLowerCamel = isLowerCamel
        self.instants = Set(words(instants))
        self.contents = Set(words(contents))
        self.documents = Set(words(documents))
        self.errors = Set(words(errors))
        self.maps = Dictionary(
            uniqueKeysWithValues: words(maps).map { word in
                let parts = word.split(separator: ":")
                return (String(parts[0]), parts.count == 2 ? Int(parts[1]) ?? 1 : 1)
            })
        // A name with a mark is only shown so: in requests its spelling there belongs to another member.
        let names = words(renamed).map { $0.hasSuffix("!") ? (String($0.dropLast()), true) : ($0, false) }
        shownNames = Dictionary(uniqueKeysWithValues: names.map { name, _ in (name, SDKNaming.member(name)) })
        ownNames = Dictionary(
            names.filter { !$1 }.map { name, _ in (SDKNaming.member(name), name) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Nil for a service that the integrations do not know.
    static func named(_ name: String) -> SDKService? { byName[name] }

    /// The service that the client knows by this name.
    static func spoken(_ client: String) -> SDKService? { all.first { $0.client == client } }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

    /// Whether the SDK has an exception for an error code; every other error is the service's general one.
    func hasException(for code: String) -> Bool { errors.contains(SDKNaming.withoutSuffix(code)) }

    // MARK: Members

    /// A request's members in the service's spelling, and its values as the wire has them.
    func request(_ members: JSONObject) -> JSONObject { request(.object(members), mapLevels: 0).objectValue ?? [:] }

    private func request(_ value: JSONValue, mapLevels: Int) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { request($0, mapLevels: mapLevels) })
        case .object(let object) where mapLevels > 0:
            return .object(JSONObject(object.map { ($0, request($1, mapLevels: mapLevels - 1)) }))
        case .object(let object):
            let members = object.compactMap { name, value -> (String, JSONValue)? in
                // Given as null, as if it had not been given.
                if value.isNull { return nil }
                let own = ownName(of: name)
                return (own, requestMember(own, value))
            }
            return .object(JSONObject(members))
        default: return value
        }
    }

    private func requestMember(_ name: String, _ value: JSONValue) -> JSONValue {
        if contents.contains(name) { return .string(base64(value.jsonBytes)) }
        if documents.contains(name), value.stringValue == nil { return .string(value.jsonString) }
        if instants.contains(name), let text = value.stringValue, let instant = Instant(iso8601: text),
            case .json = AWSService.named(client)?.wire
        {
            let (seconds, rest) = instant.milliseconds.quotientAndRemainder(dividingBy: 1000)
            return rest == 0 ? .int(seconds) : .double(Double(instant.milliseconds) / 1000)
        }
        return request(value, mapLevels: maps[name] ?? 0)
    }

    /// An answer in the SDK's spelling, with its instants as text.
    func answer(_ value: JSONValue) -> JSONValue { answer(value, mapLevels: 0) }

    private func answer(_ value: JSONValue, mapLevels: Int) -> JSONValue {
        switch value {
        case .array(let elements): return .array(elements.map { answer($0, mapLevels: mapLevels) })
        case .object(let object) where mapLevels > 0:
            return .object(JSONObject(object.map { ($0, answer($1, mapLevels: mapLevels - 1)) }))
        case .object(let object):
            return .object(JSONObject(object.map { (shownName(of: $0), answerMember($0, $1)) }))
        default: return value
        }
    }

    private func answerMember(_ name: String, _ value: JSONValue) -> JSONValue {
        if instants.contains(name) { return instantText(value) }
        if contents.contains(name), let text = value.stringValue.flatMap(textInBase64) { return .string(text) }
        return answer(value, mapLevels: maps[name] ?? 0)
    }

    private func instantText(_ value: JSONValue) -> JSONValue {
        if case .array(let elements) = value { return .array(elements.map(instantText)) }
        guard let seconds = value.doubleValue, abs(seconds) < 1e12 else { return value }
        return .string(Instant(milliseconds: Int64((seconds * 1000).rounded())).sdkText)
    }

    private func ownName(of name: String) -> String {
        if let own = ownNames[name] { return own }
        return isLowerCamel ? name.prefix(1).lowercased() + name.dropFirst() : name
    }

    private func shownName(of name: String) -> String {
        isLowerCamel ? SDKNaming.member(name) : shownNames[name] ?? name
    }
}

extension Instant {
    /// As Java writes an instant: without a fraction when there is none.
    var sdkText: String {
        let text = iso8601
        return text.hasSuffix(".000Z") ? text.dropLast(5) + "Z" : text
    }
}
