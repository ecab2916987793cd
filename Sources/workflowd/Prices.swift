import AWSClient
import AWSTasks
import BedrockUsage
import Budgets
import Engine
import Enforcement
import Interpreter
import JSONModel
import Logging
import SQLiteStore
import WallTime

/// Joins the steps about prices to those that ask AWS.
struct PriceWork: Sendable {
    let client: AWSClient
    /// Whose prices are read.
    let regions: [String]

    func steps(_ settings: CurrentSettings) -> [String: Step<SQLiteStore.Transaction>] {
        var steps: [String: Step<SQLiteStore.Transaction>] = PriceSteps.all(settings)
        let lookup = ModelLookup(client: client)
        steps["sync-prices"]?.perform = { [self] context, _ in try await read(context) }
        steps["look-up-model"]?.perform = { _, input in try await lookup.perform(input) }
        return steps
    }

    /// The other half of `sync-prices`: both services, every Region, all pages.
    private func read(_ context: TaskContext) async throws(TaskFailure) -> JSONValue {
        var reader = PriceListReader()
        for region in regions {
            for service in PriceListService.allCases {
                let products: [JSONValue]
                do {
                    products = try await client.callAllPages(
                        "pricing", "GetProducts",
                        [
                            "ServiceCode": .string(service.rawValue), "FormatVersion": "aws_v1", "MaxResults": 100,
                            "Filters": [["Type": "TERM_MATCH", "Field": "regionCode", "Value": .string(region)]],
                        ], collecting: "PriceList")
                } catch {
                    throw TaskFailure(
                        error: "Pricing.\(error.code)",
                        cause: "GetProducts of \(service.rawValue) in \(region) answered \(error.code): "
                            + "\(error.message). Steward's identity needs pricing:GetProducts (docs/pricing.md).")
                }
                for product in products { reader.take(product.stringValue ?? product.jsonString, of: service) }
                await context.heartbeat()
            }
        }
        let reading = reader.result()
        // An answer without any price is no list: an endpoint that knows none would look the same as no change.
        guard !reading.rows.isEmpty else {
            throw TaskFailure(
                error: "Pricing.NothingListed",
                cause: "the Price List has no price for any known model in \(regions.joined(separator: ", ")); check "
                    + "prices.regions")
        }
        return reading.json
    }
}

extension PriceListReading {
    /// How many names are listed at most: a result of a step has a limit, and people read the first ones.
    private static let mostNames = 200

    fileprivate var json: JSONValue {
        [
            "rows": .array(rows.map { .object($0.json) }),
            "unmapped": .array(
                unmapped.prefix(Self.mostNames).map {
                    ["service": .string($0.service), "product": .string($0.product)]
                }),
            "unreadable": .array(unreadable.prefix(Self.mostNames).map(JSONValue.string)),
            "excluded": .int(Int64(excluded)),
        ]
    }
}

/// Keeps the price book in force equal to the stored rows, and tells when they become too old.
struct PriceKeeper: Sendable {
    let prices: PriceService<SQLiteStore>
    let clock: WallClock
    let logger: Logger

    private static let every: Duration = .seconds(1)
    private static let looksForAge: Duration = .seconds(3600)

    /// Runs until the task is cancelled.
    func run() async throws {
        var nextLook = clock.now()
        while true {
            do {
                if try await prices.refresh() { logger.info("the price book has changed") }
                if nextLook <= clock.now() {
                    nextLook = clock.now() + Self.looksForAge
                    try await prices.tellStale()
                }
            } catch let error as CancellationError {
                throw error
            } catch {
                logger.warning("the prices could not be read; those from before hold", metadata: ["error": "\(error)"])
            }
            try await clock.pause(for: Self.every)
        }
    }
}
