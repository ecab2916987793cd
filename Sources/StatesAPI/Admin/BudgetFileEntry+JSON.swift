package import Budgets
package import JSONModel
import WallTime

extension BudgetFile.Entry {
    /// As the file has it, so that `BudgetFileReader` reads the same entry from it (apart from its line).
    package var json: JSONValue {
        var entry: JSONObject = [:]
        switch target {
        case .principal(let text): entry["principal"] = .string(text)
        case .team(let name): entry["team"] = .string(name)
        case .pool: entry["pool"] = true
        case .everyone: entry["everyone"] = true
        }
        switch limit {
        case .money(let amount): entry["limit"] = .string(amount.description)
        case .tokens(let count): entry["tokens"] = .int(count)
        case .requests(let count): entry["requests"] = .int(count)
        }
        if let period { entry["period"] = .string(period.description) }
        if let warning = thresholds?.warningPerMille { entry["warning"] = .percent(warning) }
        if let critical = thresholds?.criticalPerMille { entry["critical"] = .percent(critical) }
        if let mode { entry["mode"] = .string(mode.rawValue) }
        if let enforcement { entry["enforcement"] = .string(enforcement.rawValue) }
        if let graceSeconds { entry["grace"] = .string(DurationText.write(.seconds(graceSeconds))) }
        return .object(entry)
    }
}

extension JSONValue {
    /// A threshold as a number of per cent: 70, or 92.5.
    static func percent(_ perMille: Int) -> JSONValue {
        perMille.isMultiple(of: 10) ? .int(Int64(perMille / 10)) : .double(Double(perMille) / 10)
    }
}
