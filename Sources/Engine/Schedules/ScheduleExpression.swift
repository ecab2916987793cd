/// The text of a schedule, understood. Written later in this file's siblings.
package struct ScheduleExpression: Sendable, Hashable {
    package var text: String
}
