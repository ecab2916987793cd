import Testing

@testable import Interpreter

@Suite struct TaskTableTests {
    @Test func tasksComeAndGo() {
        var table = TaskTable()
        #expect(table.ids.isEmpty && table[1] == nil)
        for task in [7, 3, -2] { table[task] = task * 10 }
        #expect(table.ids == [-2, 3, 7])
        table[7] = nil
        #expect(table[7] == nil && table[3] == 30 && table[-2] == -20)
        table[3] = 31
        table[9] = 90
        #expect(table.ids == [-2, 3, 9] && table[3] == 31)
        #expect(table.contains { task, frame in task == 9 && frame == 90 })
        #expect(!table.contains { task, _ in task == 7 })
        table.removeAll()
        #expect(table == TaskTable())
    }

    @Test func whichOneStandsApartMakesNoDifference() {
        var (left, right) = (TaskTable(), TaskTable())
        for task in [1, 2] { left[task] = task }
        for task in [2, 1] { right[task] = task }
        #expect(left == right)
        left[1] = nil
        right[1] = nil
        #expect(left == right)
        right[2] = 3
        #expect(left != right)
    }
}
