import Testing

@testable import SQLiteStore

@Suite struct WorkflowTextTests {
    @Test func theLastTextsTakeThePlaceOfAllBefore() async throws {
        try await withStore { store in
            #expect(try await store.read { try $0.workflowTexts() } == [:])
            for texts in [["a": "1", "b": "1"], ["a": "2", "c": "größer 'x'\n"], [:]] {
                try await store.write { try $0.saveWorkflowTexts(texts) }
                #expect(try await store.read { try $0.workflowTexts() } == texts)
            }
        }
    }
}
