import Enforcement
import TestKit
import Testing

@Suite struct LedgerConformanceTests {
    @Test(arguments: LedgerConformance<MemoryStore>.cases)
    func ledgerConforms(_ testCase: LedgerConformance<MemoryStore>.Case) async throws {
        try await testCase.run(MemoryStore())
    }
}
