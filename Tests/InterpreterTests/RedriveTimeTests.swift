import Interpreter
import JSONModel
import Testing
import WallTime

/// The context object says when the execution was redriven, once it was.
@Suite struct RedriveTimeTests {
    @Test func theContextObjectHasItOnceRedriven() throws {
        var play = try Play(
            """
            StartAt: T
            States:
              T:
                Type: Task
                Resource: activity:w
                Parameters: {"e.$": $$.Execution}
                End: true
            """)
        try play.begin()
        #expect(try play.task().input["e"]?["RedriveCount"] == 0)
        #expect(try play.task().input["e"]?["RedriveTime"] == nil)

        for (count, time) in [(1, "2026-01-01T00:01:00.000Z"), (2, "2026-01-01T00:02:00.000Z")] {
            try play.fail("E")
            play.now = Play.start + .seconds(60 * count)
            try play.give(.redrive)
            let execution = try play.task().input["e"]
            #expect(execution?["RedriveCount"] == .int(Int64(count)))
            #expect(execution?["RedriveTime"] == .string(time))
        }
    }

    @Test func jsonataSeesIt() throws {
        var play = try Play(
            """
            StartAt: T
            QueryLanguage: JSONata
            States:
              T: {Type: Task, Resource: activity:w, Output: "{% $states.context.Execution.RedriveTime %}", End: true}
            """)
        try play.begin()
        try play.fail("E")
        try play.give(.redrive)
        try play.succeed()

        #expect(play.output == "2026-01-01T00:00:00.000Z")
    }
}
