/// What has to hold of every run. The checkers know the records and the history, and nothing of how the engine decides:
/// where the two must agree, it is said twice.
package enum Checkers {
    package static let all: [@Sendable (RunRecord) -> [Finding]] = [
        endsOnce, nestedAreSettled, historyIsLegal, rowAgreesWithHistory, recordedOnce, keysAreStable, timersAreExact,
        tasksAreAnsweredOnce,
        versionsArePinned, schedulesAreExact, statusAgreesWithIAM, nothingIsTakenWithoutBackup,
        usesAreChargedOnce, chargesAddUp, strictestIsTheCause, oneSuspensionAtATime, suspendedOnce, blockedStaysOut,
        freeHasAccess,
    ]
}
