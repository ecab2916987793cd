import SQLiteStore
import TestKit
import Testing

@Suite struct ConformanceTests {
    @Test(arguments: ExecutionStoreConformance<SQLiteStore>.cases)
    func conforms(_ testCase: ExecutionStoreConformance<SQLiteStore>.Case) async throws {
        try await withStore { try await testCase.run($0) }
    }
}
