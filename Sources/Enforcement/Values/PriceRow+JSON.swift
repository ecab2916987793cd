package import Budgets
package import JSONModel
import WallTime

extension PriceRow {
    /// Token prices are texts of dollars for a million tokens, image and request prices of dollars for one.
    package var json: JSONObject {
        [
            "model": .string(model), "scope": geography.map { .string($0) } ?? .null,
            "region": region.map { .string($0) } ?? .null, "effectiveFrom": .string(effectiveFrom.iso8601),
            "input": .string(rates.input.dollarsPerMillion), "output": .string(rates.output.dollarsPerMillion),
            "cacheRead": rates.cacheRead.json, "cacheWrite5m": rates.cacheWrite5m.json,
            "cacheWrite1h": rates.cacheWrite1h.json, "more": .string(words), "origin": .string(origin.rawValue),
            "source": .string(source),
        ]
    }

    /// Reads what `json` writes.
    /// - Throws: `InvalidRequest` with the first member that is missing or does not read.
    package init(_ json: JSONValue) throws(InvalidRequest) {
        let reader = RequestReader(json: json)
        func price(_ name: String) throws(InvalidRequest) -> TokenPrice? {
            guard let value = json[name], !value.isNull else { return nil }
            guard let price = value.stringValue.flatMap(TokenPrice.init(dollarsPerMillion:)) else {
                throw InvalidRequest(
                    member: name,
                    problem: "has to be dollars for a million tokens, such as \"3.75\", and is \(value.jsonString)")
            }
            return price
        }
        guard let input = try price("input") else { throw InvalidRequest(member: "input", problem: "is missing") }
        guard let output = try price("output") else { throw InvalidRequest(member: "output", problem: "is missing") }
        self.init(
            model: try reader.text("model"), geography: json["scope"]?.stringValue, region: json["region"]?.stringValue,
            effectiveFrom: try reader.instant("effectiveFrom"),
            rates: Rates(
                input: input, output: output, cacheRead: try price("cacheRead"),
                cacheWrite5m: try price("cacheWrite5m"), cacheWrite1h: try price("cacheWrite1h")),
            origin: try reader.choice("origin"), source: try reader.text("source"))
        if let bad = apply(words: json["more"]?.stringValue ?? "") {
            throw InvalidRequest(member: "more", problem: "has the word \(bad), which does not read")
        }
    }
}

extension TokenPrice? {
    fileprivate var json: JSONValue { map { .string($0.dollarsPerMillion) } ?? .null }
}
