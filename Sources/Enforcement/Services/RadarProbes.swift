package import Budgets
package import WallTime

/// Looks into the ledger, in one transaction that only reads.
package typealias LedgerReader<Transaction> =
    @Sendable (_ body: @escaping @Sendable (Transaction) throws -> [RadarFinding]) async throws -> [RadarFinding]

/// The probes over what Steward knows itself. Those over AWS are the composition root's.
extension RadarProbe {
    /// How far back the radar looks for traffic.
    package static var span: Duration { .seconds(7 * 86_400) }

    /// Findings of a kind that are listed one by one; the rest is counted.
    static let listed = 50

    /// Models without a price, and principals with only the budget that everybody gets.
    package static func ledger<Transaction: BudgetLedger>(
        defaultLimit: NanoDollars,
        read: @escaping LedgerReader<Transaction>
    ) -> RadarProbe {
        RadarProbe("the ledger") { now in
            try await read { transaction in
                let models = try transaction.unpricedModels(since: now - span, limit: listed)
                let principals = try transaction.withoutOwnBudget(defaultLimit: defaultLimit, limit: listed)
                return models.map(finding) + principals.map(finding)
            }
        }
    }

    private static func finding(_ model: UnpricedModel) -> RadarFinding {
        RadarFinding(
            .unpricedModel, .warning, subject: model.model,
            "\(model.model) was used \(model.uses) times in a week without a known price: $\(model.amount) were charged "
                + "at safe rates",
            advice: "give it a price, or load the price list anew")
    }

    private static func finding(_ account: BudgetAccount) -> RadarFinding {
        RadarFinding(
            .noOwnBudget, .info, subject: account.principal.id.description,
            "\(account.principal.id.name) was found by its spending ($\(account.standing.spending.total)) and has only "
                + "the budget that everybody gets",
            advice: "workflowctl budget set \(account.principal.id.description) --limit AMOUNT")
    }

    /// Traffic on endpoints that write no invocation logs. `counts` is the join with the ingestion of CloudTrail: calls
    /// since an instant, `CreateInference` of bedrock-mantle among them.
    package static func unloggedCalls(
        _ counts: @escaping @Sendable (_ since: Instant) async throws -> [UnloggedCalls]
    ) -> RadarProbe {
        RadarProbe("endpoints without invocation logs") { now in
            try await counts(now - span).filter { $0.calls > 0 }.map { found in
                RadarFinding(
                    .unloggedCalls, .critical, subject: found.principal,
                    "\(found.principal) called \(found.endpoint) \(found.calls) times in a week, which no invocation "
                        + "log shows and no budget counts",
                    advice:
                        "deny \(found.endpoint.split(separator: ".").first ?? ""):* to those with a budget, or watch "
                        + "CloudWatch's metrics of it")
            }
        }
    }

    /// Ingest sources that fell silent while others see traffic. `sources` is the join with the ingestion's own ledger.
    package static func silentSources(
        _ sources: @escaping @Sendable (_ now: Instant) async throws -> [SilentSource]
    ) -> RadarProbe {
        RadarProbe("ingest sources") { now in
            try await sources(now).map { source in
                RadarFinding(
                    .silentSource, .critical, subject: source.source.origin.name,
                    "\(source.source.origin.name) has brought nothing since \(source.since.iso8601), and "
                        + "\(source.busy.joined(separator: ", ")) did",
                    advice: "look at its subscription, rule or queue: what it does not bring is not charged")
            }
        }
    }
}
