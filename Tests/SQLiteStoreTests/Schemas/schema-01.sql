PRAGMA application_id = 1398036292;
PRAGMA user_version = 1;
BEGIN;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
CREATE TABLE stateMachine (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    createdAt INTEGER NOT NULL
) STRICT;
CREATE TABLE stateMachineVersion (
    id INTEGER PRIMARY KEY,
    stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    source TEXT NOT NULL,
    json TEXT NOT NULL,
    hash TEXT NOT NULL,
    file TEXT,
    createdAt INTEGER NOT NULL,
    UNIQUE (stateMachine, number)
) STRICT;
INSERT INTO grdb_migrations VALUES ('1 state machines');
INSERT INTO stateMachine VALUES (1, 'nightly', 1795747048482);
INSERT INTO stateMachine VALUES (2, 'waits', 1795747048705);
INSERT INTO stateMachine VALUES (3, 'asks', 1795747048791);
INSERT INTO stateMachine VALUES (4, 'forks', 1795747048821);
INSERT INTO stateMachine VALUES (5, 'ends', 1795747048858);
INSERT INTO stateMachine VALUES (6, 'fails', 1795747048885);
INSERT INTO stateMachineVersion VALUES (1, 1, 1, 'StartAt: P
States: {P: {Type: Pass, End: true}}
', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}', 'b5626d2e4e046a1f7457063c8ea4dea3478582cb16e9788f3e3c6fa474223a53', '/tmp/k/fix/state-machines/nightly.asl.yaml', 1795747048482);
INSERT INTO stateMachineVersion VALUES (2, 2, 1, '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "P"}, "P": {"Type": "Pass", "End": true}}}', '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"Next":"P"},"P":{"Type":"Pass","End":true}}}', '8d23dc7bb16f4be0d6f0c99bf0541ba6fa4e5193ec1dd23cfe61d2f7582dd0b4', NULL, 1795747048705);
INSERT INTO stateMachineVersion VALUES (3, 3, 1, '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:nobody", "TimeoutSeconds": 60, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "D"}], "End": true}, "D": {"Type": "Pass", "End": true}}}', '{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:nobody","TimeoutSeconds":60,"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"D"}],"End":true},"D":{"Type":"Pass","End":true}}}', 'bd217f7e93212a8d92b4d739902fa2c6701246c63dcac928f2dc66f8c28136a6', NULL, 1795747048791);
INSERT INTO stateMachineVersion VALUES (4, 4, 1, '{"StartAt": "F", "States": {"F": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 50, "End": true}}}, {"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"n.$": "$.n"}, "Next": "C"}, "C": {"Type": "Wait", "Seconds": 55, "End": true}}}]}}}', '{"StartAt":"F","States":{"F":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":50,"End":true}}},{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"n.$":"$.n"},"Next":"C"},"C":{"Type":"Wait","Seconds":55,"End":true}}}]}}}', '7df8f4264df74bb933788c576bf79489b7dc750a7c829149e9558edf6e47db12', NULL, 1795747048821);
INSERT INTO stateMachineVersion VALUES (5, 5, 1, '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"text": "gr\u00f6\u00dfer ''quoted''"}, "End": true}}}', '{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"text":"größer ''quoted''"},"End":true}}}', 'f7ff16fec075c6e37cf0b19d2140703677aede1243e090b02fba4a268024d00a', NULL, 1795747048858);
INSERT INTO stateMachineVersion VALUES (6, 6, 1, '{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}}', '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Broken","Cause":"on purpose"}}}', '37fbd8da2dcc25b17344cffae3d99c91cb29ac132721af091d75078d2967af02', NULL, 1795747048885);
CREATE TRIGGER stateMachineVersionIsPinned BEFORE UPDATE ON stateMachineVersion
BEGIN SELECT raise(ABORT, 'a state machine version never changes'); END;
COMMIT;
