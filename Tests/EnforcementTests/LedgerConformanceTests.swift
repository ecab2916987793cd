import Enforcement
import TestKit
import Testing

@Suite struct LedgerConformanceTests {
    @Test(arguments: ExecutionStoreConformance<MemoryStore>.ledger)
    func ledgerConforms(_ testCase: ExecutionStoreConformance<MemoryStore>.Case) async throws {
        try await testCase.run(MemoryStore())
    }
}
