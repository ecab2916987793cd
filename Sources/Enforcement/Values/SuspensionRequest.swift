package import Budgets
package import JSONModel
import WallTime

/// What the workflows of suspension and restoration are given: the `detail` of `Budget Exceeded` and of the other
/// events of `steward.budgets`. Amounts are there twice, to be read and to be reckoned with.
package struct SuspensionRequest: Sendable, Equatable {
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case budgetWarning = "budget-warning"
        case budgetCritical = "budget-critical"
        case budgetExceeded = "budget-exceeded"
        case periodEnded = "period-ended"
        case limitRaised = "limit-raised"
        case blockLifted = "block-lifted"
        /// A person has ordered it.
        case blocked = "blocked-by-person"
        /// Usage was priced anew, and cost less.
        case repriced = "usage-repriced"
        /// A role that several share, of whose sessions nobody can say which to deny.
        case unscopable = "unscopable-role"
        /// Nobody may suspend it any more: a person's word, or the break-glass list.
        case protected = "protected"
        case breakGlass = "break-glass"
    }

    package var budget: BudgetID
    package var principal: Principal
    package var period: Period
    package var spent: NanoDollars
    package var spentAtFallbackPrices: NanoDollars
    package var limit: NanoDollars
    package var graceSeconds: Int
    package var mode: BudgetMode
    package var enforcement: EnforcementMode
    package var reason: Reason
    /// A restoration that does not wait for the period's end.
    package var isOverride: Bool
    /// A suspension in the place of one that ended without a result: its grace was announced already.
    package var isResumed = false
    /// What a person has ordered, where that is the reason.
    package var block: Hold?
    /// The strictest of the budgets that are used up; nil when none is, and when it is not known.
    package var cause: ExceededBudget?

    /// - Parameter cause: what it is about when that is not the account's own budget; its grace and mode count then.
    package init(
        _ account: BudgetAccount, reason: Reason, isOverride: Bool = false, cause: ExceededBudget? = nil
    ) {
        budget = account.id
        principal = account.principal
        period = account.standing.period
        spent = account.standing.spending.total
        spentAtFallbackPrices = account.standing.spending.atFallbackPrices
        limit = account.budget.limit
        graceSeconds = cause?.graceSeconds ?? account.budget.graceSeconds
        mode = cause?.mode ?? account.budget.mode
        enforcement = account.budget.enforcement
        self.reason = reason
        self.isOverride = isOverride
        self.cause = cause
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "budgetId": .string(budget.rawValue),
            "principalId": .string(principal.id.description),
            "principalArn": .string(principal.arn),
            "principalKind": .string(principal.id.kind.rawValue),
            "principalName": .string(principal.id.name),
            "account": .string(principal.id.account),
        ]
        switch principal.id.kind {
        case .user: object["userName"] = .string(principal.id.name)
        case .role: object["roleName"] = .string(principal.id.name)
        case .federatedUser, .root: break
        }
        object["periodStart"] = .string(period.start.iso8601)
        object["periodEnd"] = .string(period.end.iso8601)
        object["spent"] = .string(spent.description)
        object["spentNanos"] = .int(spent.rawValue)
        object["spentAtFallbackPrices"] = .string(spentAtFallbackPrices.description)
        object["spentAtFallbackPricesNanos"] = .int(spentAtFallbackPrices.rawValue)
        object["limit"] = .string(limit.description)
        object["limitNanos"] = .int(limit.rawValue)
        object["percent"] = .int(Int64(spent.perMille(of: limit) / 10))
        object["graceSeconds"] = .int(Int64(graceSeconds))
        object["mode"] = .string(mode.rawValue)
        object["enforcement"] = .string(enforcement.rawValue)
        object["reason"] = .string(reason.rawValue)
        object["override"] = .bool(isOverride)
        object["resumed"] = .bool(isResumed)
        if let cause { object["cause"] = cause.json }
        if let block { object["block"] = block.json }
        return .object(object)
    }
}

extension SuspensionRequest {
    /// Reads what `json` writes, names and amounts included.
    /// - Throws: `InvalidRequest` with the first member that is missing or does not read.
    package init(_ json: JSONValue) throws(InvalidRequest) {
        let reader = RequestReader(json: json)
        budget = BudgetID(rawValue: try reader.text("budgetId"))
        let arn = try reader.text("principalArn")
        do {
            principal = try Principal(arn: arn)
        } catch {
            throw InvalidRequest(member: "principalArn", problem: error.description)
        }
        period = Period(start: try reader.instant("periodStart"), end: try reader.instant("periodEnd"))
        spent = NanoDollars(rawValue: try reader.integer("spentNanos"))
        spentAtFallbackPrices = NanoDollars(rawValue: try reader.integer("spentAtFallbackPricesNanos"))
        limit = NanoDollars(rawValue: try reader.integer("limitNanos"))
        graceSeconds = Int(try reader.integer("graceSeconds"))
        mode = try reader.choice("mode")
        enforcement = try reader.choice("enforcement")
        reason = try reader.choice("reason")
        isOverride = json["override"]?.boolValue ?? false
        isResumed = json["resumed"]?.boolValue ?? false
        cause = try json["cause"].map(ExceededBudget.init(json:))
        block = try json["block"].map(Hold.init(json:))
    }
}

extension Hold {
    /// - Throws: `InvalidRequest` with the first member that is missing or does not read.
    fileprivate init(json: JSONValue) throws(InvalidRequest) {
        let reader = RequestReader(json: json)
        guard let end = HoldEnd(try reader.text("until")) else {
            throw InvalidRequest(member: "until", problem: "has to be a time, reset or never")
        }
        self.init(
            end: end, reason: try reader.text("reason"), by: try reader.text("by"),
            since: try reader.instant("since"))
    }
}

extension ExceededBudget {
    /// As messages and workflows are given it: `text` is for people, amounts are in `unit`.
    package var json: JSONValue {
        [
            "budgetId": .string(id.rawValue), "scope": .string(scope), "rank": .int(Int64(rank)),
            "unit": .string(unit.rawValue), "spent": .int(spent), "limit": .int(limit),
            "text": .string("\(unit.text(spent)) of \(unit.text(limit))"),
            "periodStart": .string(period.start.iso8601), "periodEnd": .string(period.end.iso8601),
            "mode": .string(mode.rawValue), "graceSeconds": .int(Int64(graceSeconds)),
            "atKnownPrices": .bool(isExceededAtKnownPrices),
        ]
    }

    /// - Throws: `InvalidRequest` with the first member that is missing or does not read.
    init(json: JSONValue) throws(InvalidRequest) {
        let reader = RequestReader(json: json)
        self.init(
            id: BudgetID(rawValue: try reader.text("budgetId")), scope: try reader.text("scope"),
            rank: Int(try reader.integer("rank")), unit: try reader.choice("unit"), spent: try reader.integer("spent"),
            limit: try reader.integer("limit"),
            period: Period(start: try reader.instant("periodStart"), end: try reader.instant("periodEnd")),
            mode: try reader.choice("mode"), graceSeconds: Int(try reader.integer("graceSeconds")),
            isExceededAtKnownPrices: json["atKnownPrices"]?.boolValue ?? true)
    }
}

/// A request that does not read.
package struct InvalidRequest: Error, Equatable, Sendable, CustomStringConvertible {
    package let member: String
    package let problem: String

    package var description: String { "'\(member)' of the input \(problem)" }
}

/// Reads members of a step's input.
struct RequestReader {
    let json: JSONValue

    func text(_ name: String) throws(InvalidRequest) -> String {
        guard let value = json[name], !value.isNull else { throw InvalidRequest(member: name, problem: "is missing") }
        guard let text = value.stringValue, !text.isEmpty else {
            throw InvalidRequest(member: name, problem: "has to be a text, and is \(value.jsonString)")
        }
        return text
    }

    func integer(_ name: String) throws(InvalidRequest) -> Int64 {
        guard let number = json[name]?.intValue else {
            throw InvalidRequest(member: name, problem: "has to be a whole number")
        }
        return number
    }

    func instant(_ name: String) throws(InvalidRequest) -> Instant {
        guard let instant = Instant(iso8601: try text(name)) else {
            throw InvalidRequest(member: name, problem: "has to be a time such as 2026-11-20T10:15:42Z")
        }
        return instant
    }

    func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(InvalidRequest) -> Choice where Choice.RawValue == String {
        guard let choice = Choice(rawValue: try text(name)) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw InvalidRequest(member: name, problem: "has to be one of \(known)")
        }
        return choice
    }
}
