import BedrockUsage
import Budgets
import Engine
import Enforcement
import TestKit
import WallTime

/// What logs bring, and what people do with budgets.
extension Clients {
    /// Delivers the log record of a use; the same record each time.
    func deliver(_ spend: RunLog.Spend) async {
        let record = """
            {"schemaType":"ModelInvocationLog","schemaVersion":"1.0","timestamp":"\(spend.at.iso8601)",
             "accountId":"111122223333","region":"us-east-1","requestId":"\(spend.request)","operation":"Converse",
             "modelId":"global.anthropic.claude-sonnet-4-6",
             "identity":{"arn":"arn:aws:iam::111122223333:user/\(spend.user)"},
             "input":{"inputTokenCount":\(spend.tokens)},"output":{"outputTokenCount":0}}
            """
        let records = UsageDecoder.decode(Array(record.utf8), source: "simulation")
        await ask("spend \(spend.user) \(spend.tokens) \(spend.request)", attempts: 1000) {
            _ = try await $0.service.meter(records, source: "simulation")
            around.log.acknowledged(spend)
        }
    }

    func limit(_ user: String, _ change: BudgetChange) async {
        await ask("limit \(user)", attempts: 1000) {
            _ = try await $0.service.setBudget(of: Purses.principal(user), change, by: Purses.actor)
        }
    }

    func limit(_ purse: Purses.Further, to limit: Int64) async {
        await act("limit \(purse.key.scope)") { desk in
            _ = try FurtherBudgetCommands.set(
                purse.key, FurtherBudgetChange(limit: limit), by: Purses.actor, desk)
        }
    }

    /// - Parameter seconds: nil until the next reset.
    func block(_ user: String, seconds: Int?) async {
        await act("block \(user)") { desk in
            _ = try HoldCommands.block(
                Purses.principal(user), until: seconds.map { .at(desk.now + .seconds($0)) } ?? .nextReset,
                reason: "as the seed has it", by: Purses.actor, desk)
        }
    }

    func unblock(_ user: String, protecting: Bool) async {
        await act("unblock \(user)") { desk in
            _ = try HoldCommands.unblock(
                Purses.principal(user), reason: "as the seed has it", protecting: protecting, by: Purses.actor, desk)
        }
    }

    func protect(_ user: String, seconds: Int?) async {
        await act("protect \(user)") { desk in
            _ = try HoldCommands.protect(
                Purses.principal(user), until: seconds.map { .at(desk.now + .seconds($0)) } ?? .nextReset,
                reason: "as the seed has it", by: Purses.actor, desk)
        }
    }

    func unprotect(_ user: String) async {
        await act("unprotect \(user)") { desk in
            _ = try HoldCommands.unprotect(
                Purses.principal(user), reason: "as the seed has it", by: Purses.actor, desk)
        }
    }

    /// A person corrects a price from the beginning of time, and what was charged with it.
    func reprice(to nanosPerToken: Int64) async {
        around.log.priced(nanosPerToken)
        let table = """
            @ 2020-01-01 | a person's word
            anthropic.claude-sonnet-4-6 | \(NanoDollars(rawValue: nanosPerToken * 1_000_000)) | 15 | - | - | -
            """
        await ask("price \(nanosPerToken)", attempts: 1000) { process in
            for row in try PriceTable.rows(parsing: table) { _ = try await process.prices.set(row, by: Purses.actor) }
            try await process.service.transact { desk in
                var position: UsePosition?
                repeat {
                    position = try desk.reprice(RepricingRequest(), after: position, by: Purses.actor).next
                } while position != nil
            }
        }
    }

    /// One transaction, asked for until it is answered or refused.
    private func act(
        _ what: String,
        _ body: @escaping @Sendable (Desk<FaultyStore<Store>.Transaction>) throws -> Void
    ) async {
        await ask(what, attempts: 20) { process in
            do {
                try await process.service.transact(body)
            } catch is HoldError {
                // Nobody is blocked, say: that is an answer.
            }
        }
    }
}
