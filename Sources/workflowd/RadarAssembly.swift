import AWSClient
import AWSTasks
import Budgets
import Enforcement
import SQLiteStore
import WallTime

/// The bypass radar with everything that it looks at.
extension Daemon {
    static func radar(
        _ configuration: DaemonConfiguration, _ settings: EnforcementSettings, _ aws: AWSClient, _ store: SQLiteStore,
        since startedAt: Instant
    ) -> Radar {
        let regions = configuration.access.regions.isEmpty ? [aws.configuration.region] : configuration.access.regions
        let ledger: LedgerReader<SQLiteTransaction> = { body in try await store.read { try body($0) } }
        return Radar(probes: [
            invocationLogging(AccountCheck(client: aws), regions), .ownIdentity(settings.ownIdentity),
            permissions(
                AccountCheck(client: aws),
                niceToHave: configuration.access.suspensionTags == nil ? [] : AccountCheck.tagActions),
            .ledger(defaultLimit: settings.defaultBudget.limit, read: ledger),
            .declinedSuspensions(read: ledger),
            .sharedAgentRoles(read: ledger),
            .unattributedBatchJobs(read: ledger),
            .unloggedCalls { since in
                try await store.read { (transaction: SQLiteTransaction) in
                    try transaction.sightings(SightingQuery(endpoint: "bedrock-mantle", since: since)).map {
                        UnloggedCalls(principal: $0.principal.description, endpoint: $0.endpoint, calls: $0.count)
                    }
                }
            },
            .silentSources { now in
                let sources = try await store.read { (transaction: SQLiteTransaction) in
                    try transaction.ingestSources()
                }
                return settings.ingestWatch.silent(sources, watchingSince: startedAt, now: now)
            },
        ])
    }

    private static func invocationLogging(_ check: AccountCheck, _ regions: [String]) -> RadarProbe {
        RadarProbe("invocation logging") { _ in
            var findings: [RadarFinding] = []
            for region in regions {
                switch await check.invocationLogging(in: region) {
                case .on: continue
                case .off:
                    findings.append(
                        RadarFinding(
                            .loggingOff, .critical, subject: region,
                            "Bedrock's invocation logging is off in \(region): what is used there is not charged",
                            advice: "turn it on in the Bedrock settings of \(region), to CloudWatch Logs or S3"))
                case .unknown(let reason):
                    findings.append(
                        RadarFinding(
                            .unknown, .warning, subject: region,
                            "whether Bedrock's invocation logging is on in \(region) is not known: \(reason)",
                            advice: "allow bedrock:GetModelInvocationLoggingConfiguration"))
                }
            }
            return findings
        }
    }

    private static func permissions(_ check: AccountCheck, niceToHave: [String]) -> RadarProbe {
        RadarProbe("Steward's permissions") { _ in
            switch await check.missingPermissions(of: niceToHave) {
            case .missing(let actions, let identity):
                actions.map { action in
                    RadarFinding(
                        .missingPermission, niceToHave.contains(action) ? .warning : .critical, subject: action,
                        "\(identity) may not \(action) on all resources",
                        advice: "allow it to Steward (docs/access.md has the whole policy)")
                }
            case .unknown(let reason):
                [
                    RadarFinding(
                        .unknown, .info, subject: "permissions",
                        "IAM does not say which permissions Steward has: \(reason)",
                        advice: "allow iam:SimulatePrincipalPolicy on Steward's own identity")
                ]
            }
        }
    }
}
