import StatesLanguage
import Testing

@testable import Interpreter

@Suite struct TaskTableTests {
    private static let work = Resource(parsing: "activity:work")
    private static let send = Resource(parsing: "arn:aws:states:::sqs:sendMessage.waitForTaskToken")

    @Test func tasksComeAndGo() {
        var table = TaskTable()
        #expect(table.ids.isEmpty && table[1] == nil)
        for task in [7, 3, -2] { table.add(task, of: Self.work, in: task * 10) }
        #expect(table.ids == [-2, 3, 7])
        table.remove(7)
        #expect(table[7] == nil && table[3] == 30 && table[-2] == -20)
        table.add(3, of: Self.work, in: 31)
        table.add(9, of: Self.work, in: 90)
        #expect(table.ids == [-2, 3, 9] && table[3] == 31)
        table.removeAll()
        #expect(table == TaskTable())
    }

    @Test func theyAreCountedByKind() {
        var table = TaskTable()
        let isOf = { (resource: Resource, isSubmitted: Bool) in
            { (kind: TaskTable.Kind) in kind == TaskTable.Kind(resource: resource, isSubmitted: isSubmitted) }
        }
        for task in 1...3 { table.add(task, of: Self.work, in: task) }
        for task in 4...5 { table.add(task, of: Self.send, in: task) }
        for task in [1, 4, 5] { table.noteSubmission(of: task) }
        #expect(table.contains(isOf(Self.work, true)) && table.contains(isOf(Self.work, false)))
        #expect(table.contains(isOf(Self.send, true)) && !table.contains(isOf(Self.send, false)))
        var asked = 0
        #expect(
            !table.contains { _ in
                asked += 1
                return false
            })
        #expect(asked == 3, "the one that stands apart, and the kinds of the others")
        for task in [1, 4] { table.remove(task) }
        #expect(!table.contains(isOf(Self.work, true)) && table.contains(isOf(Self.send, true)))
        table.remove(5)
        #expect(!table.contains(isOf(Self.send, true)))
    }

    @Test func whichOneStandsApartMakesNoDifference() {
        var (left, right) = (TaskTable(), TaskTable())
        for task in [1, 2] { left.add(task, of: Self.work, in: task) }
        for task in [2, 1] { right.add(task, of: Self.work, in: task) }
        #expect(left == right)
        left.remove(1)
        right.remove(1)
        #expect(left == right)
        right.add(2, of: Self.work, in: 3)
        #expect(left != right)
    }
}
