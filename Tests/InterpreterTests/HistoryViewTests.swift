import Interpreter
import JSONModel
import Testing

/// Parts of a history, as `GetExecutionHistory` shows them.
@Suite struct HistoryViewTests {
    /// A chain of two tasks, whose input is of 1,000 bytes and more.
    private static func history() throws -> [HistoryEvent] {
        var play = try Play(
            """
            StartAt: A
            States:
              A: {Type: Task, Resource: "arn:aws:states:us-east-1:111122223333:activity:a", ResultPath: null, Next: B}
              B: {Type: Task, Resource: "arn:aws:states:us-east-1:111122223333:activity:b", End: true}
            """)
        try play.begin("{\"text\": \"\(String(repeating: "x", count: 1000))\"}")
        for _ in 0..<2 { try play.give(.taskSucceeded(play.orders[0].task, output: 1)) }
        return play.history
    }

    /// All pages, one behind the other.
    private func pages(_ view: HistoryView, of events: [HistoryEvent]) -> [[JSONValue]] {
        var view = view
        var pages: [[JSONValue]] = []
        repeat {
            let page = view.page(of: events)
            pages.append(page.events)
            view.after = page.next
        } while view.after != nil
        return pages
    }

    @Test(arguments: 1...20, [false, true]) func pagesAreTheWholeHistory(_ limit: Int, _ isReversed: Bool) throws {
        let events = try Self.history()
        let whole = HistoryEvent.awsHistory(events)
        var view = HistoryView()
        (view.limit, view.isReversed) = (limit, isReversed)
        let pages = pages(view, of: events)
        #expect(pages.flatMap(\.self) == (isReversed ? whole.reversed() : whole))
        #expect(pages.dropLast().allSatisfy { $0.count == limit })
        #expect(pages.last?.isEmpty == false, "the last page knows that it is the last")
    }

    /// A page ends at its bytes, and has an event all the same when that is larger.
    @Test func textsEndAPage() throws {
        let events = try Self.history()
        var view = HistoryView()
        view.mostBytes = 1500
        let pages = pages(view, of: events)
        #expect(pages.flatMap(\.self) == HistoryEvent.awsHistory(events))
        #expect(pages.count > 2)
        #expect(pages.allSatisfy { $0.count <= 8 })
        view.mostBytes = 1
        #expect(self.pages(view, of: events).allSatisfy { $0.count == 1 })
    }

    /// A task's events are shown by its resource, though its scheduling stands on an earlier page.
    @Test func aPageKnowsWhatStandsBeforeIt() throws {
        let events = try Self.history()
        var view = HistoryView()
        view.limit = 1
        let types = pages(view, of: events).flatMap(\.self).compactMap { $0["type"]?.stringValue }
        #expect(types.contains("ActivitySucceeded") && !types.contains("TaskSucceeded"))
    }

    @Test func dataIsLeftOut() throws {
        let events = try Self.history()
        var view = HistoryView()
        view.includesData = false
        let page = view.page(of: events).events
        #expect(page.count == HistoryEvent.awsHistory(events).count)
        #expect(!page.map(\.jsonString).joined().contains("xxx"))
        #expect(page.compactMap { $0["stateEnteredEventDetails"]?["name"]?.stringValue } == ["A", "B"])
    }

    @Test func theInputIsShownAsItWasGiven() throws {
        let events = try Self.history()
        var view = HistoryView()
        view.input = "{ \"as\": \"given\" }"
        view.limit = 1
        let shown = pages(view, of: events).flatMap(\.self)
        #expect(shown[0]["executionStartedEventDetails"]?["input"] == .string("{ \"as\": \"given\" }"))
        #expect(shown[1]["stateEnteredEventDetails"]?["input"] == .string("{ \"as\": \"given\" }"))
        #expect(shown.dropFirst(2).allSatisfy { !$0.jsonString.contains("given") })
    }

    @Test func nothingIsBehindTheEnd() throws {
        let events = try Self.history()
        var view = HistoryView()
        view.after = 10_000
        #expect(view.page(of: events).events.isEmpty)
        (view.after, view.isReversed) = (1, true)
        #expect(view.page(of: events).events.isEmpty)
        #expect(view.page(of: []).next == nil)
    }
}
