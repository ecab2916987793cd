import StatesLanguage
import Testing

@testable import AWSClient
@testable import AWSTasks

/// The linter's list of what is served is what is served.
@Suite struct ServedIntegrationTests {
    @Test func optimizedIntegrationsAreThoseInTheTable() {
        var served = OptimisedService.named.mapValues(\.actions)
        // Served by the HTTP integration and by the daemon's own API.
        served["http"] = ["invoke"]
        served["states"] = ["startExecution"]

        #expect(ServedIntegrations.optimized == served)
    }

    @Test func servicesOfTheSDKAreThoseInTheTable() {
        // Step Functions is the daemon itself.
        #expect(ServedIntegrations.sdk == Set(SDKService.all.map(\.name) + ["sfn"]))
    }

    @Test func servicesThatAreNotServedWholeAreThoseWithoutAProtocolForAll() {
        let partial = SDKService.all.filter { AWSService.named($0.client)?.wire == .rest }.map(\.name)

        #expect(Set(ServedIntegrations.sdkActions.keys) == Set(partial))
        #expect(
            ServedIntegrations.sdkActions["s3"]
                == Set(S3Operation.names.map { $0.prefix(1).lowercased() + $0.dropFirst() }))
    }
}
