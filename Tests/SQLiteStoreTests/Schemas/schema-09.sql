PRAGMA application_id = 1398036292;
PRAGMA user_version = 9;
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
CREATE TABLE execution (
    id INTEGER PRIMARY KEY,
    stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
    version INTEGER NOT NULL REFERENCES stateMachineVersion (id),
    name TEXT NOT NULL CHECK (name <> ''),
    workflow TEXT,
    status INTEGER NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 4),
    parked INTEGER NOT NULL DEFAULT 0 CHECK (parked IN (0, 1)),
    wakeAt INTEGER,
    startedAt INTEGER NOT NULL,
    stoppedAt INTEGER,
    redriveCount INTEGER NOT NULL DEFAULT 0 CHECK (redriveCount >= 0),
    error TEXT,
    cause TEXT,
    UNIQUE (stateMachine, name),
    CHECK ((status = 0) = (stoppedAt IS NULL)),
    CHECK (parked = 0 OR status = 0),
    CHECK (wakeAt IS NULL OR parked = 1)
) STRICT;
CREATE TABLE journal (
    id INTEGER PRIMARY KEY,
    execution INTEGER NOT NULL REFERENCES execution (id),
    seq INTEGER NOT NULL CHECK (seq >= 1),
    record BLOB NOT NULL,
    UNIQUE (execution, seq)
) STRICT;
CREATE TABLE wake (
    due INTEGER NOT NULL,
    execution INTEGER NOT NULL REFERENCES execution (id),
    PRIMARY KEY (due, execution)
) STRICT, WITHOUT ROWID;
CREATE TABLE schedule (
    workflow TEXT PRIMARY KEY NOT NULL,
    expression TEXT NOT NULL,
    nextFire INTEGER,
    pausedAt INTEGER,
    pauseReason TEXT,
    buffered TEXT NOT NULL DEFAULT '[]',
    CHECK (pauseReason IS NULL OR pausedAt IS NOT NULL)
) STRICT;
CREATE TABLE scheduleFire (
    workflow TEXT NOT NULL,
    nominal INTEGER NOT NULL,
    firedAt INTEGER NOT NULL,
    result TEXT NOT NULL,
    execution TEXT,
    reason TEXT,
    PRIMARY KEY (workflow, nominal)
) STRICT, WITHOUT ROWID;
CREATE TABLE deadLetter (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'redriven', 'discarded')),
    subject TEXT NOT NULL,
    source TEXT NOT NULL,
    error TEXT NOT NULL,
    cause TEXT NOT NULL,
    payload BLOB NOT NULL,
    execution INTEGER REFERENCES execution (id),
    at INTEGER NOT NULL,
    nextRedrive INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    updatedAt INTEGER NOT NULL
) STRICT;
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TABLE principal (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL CHECK (account <> ''),
    kind TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    partition TEXT NOT NULL,
    path TEXT NOT NULL,
    firstSeenAt INTEGER NOT NULL,
    discovered INTEGER NOT NULL CHECK (discovered IN (0, 1)),
    UNIQUE (name, kind, account)
) STRICT;
CREATE TABLE budget (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    principal INTEGER NOT NULL REFERENCES principal (id),
    limitNanos INTEGER NOT NULL CHECK (limitNanos >= 0),
    warningPerMille INTEGER NOT NULL,
    criticalPerMille INTEGER NOT NULL,
    periodRule TEXT NOT NULL,
    mode TEXT NOT NULL,
    enforcement TEXT NOT NULL,
    graceSeconds INTEGER NOT NULL CHECK (graceSeconds >= 0),
    protected INTEGER NOT NULL CHECK (protected IN (0, 1)),
    periodStart INTEGER NOT NULL,
    periodEnd INTEGER NOT NULL CHECK (periodEnd > periodStart),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    spentAtFallback INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    unmetered INTEGER NOT NULL,
    announced INTEGER NOT NULL CHECK (announced BETWEEN 0 AND 7),
    arming INTEGER NOT NULL,
    status TEXT NOT NULL,
    statusSince INTEGER NOT NULL,
    statusReason TEXT,
    graceUntil INTEGER,
    refreshCount INTEGER NOT NULL,
    workflows TEXT NOT NULL,
    suspensionStartedAt INTEGER,
    createdAt INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL
) STRICT;
CREATE TABLE budgetPeriod (
    budget INTEGER NOT NULL REFERENCES budget (id),
    start INTEGER NOT NULL,
    end INTEGER NOT NULL CHECK (end > start),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    spentAtFallback INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    unmetered INTEGER NOT NULL,
    PRIMARY KEY (budget, start)
) STRICT, WITHOUT ROWID;
CREATE TABLE usageLabel (
    id INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
) STRICT;
CREATE TABLE usage (
    id INTEGER PRIMARY KEY,
    requestID BLOB NOT NULL,
    account INTEGER NOT NULL REFERENCES usageLabel (id),
    region INTEGER NOT NULL REFERENCES usageLabel (id),
    at INTEGER NOT NULL,
    recordedAt INTEGER NOT NULL,
    principal INTEGER NOT NULL REFERENCES principal (id),
    session INTEGER REFERENCES usageLabel (id),
    model INTEGER NOT NULL REFERENCES usageLabel (id),
    operation INTEGER NOT NULL REFERENCES usageLabel (id),
    source INTEGER NOT NULL REFERENCES usageLabel (id),
    errorCode INTEGER REFERENCES usageLabel (id),
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cacheRead INTEGER NOT NULL,
    cacheWrite5m INTEGER NOT NULL,
    cacheWrite1h INTEGER NOT NULL,
    images INTEGER NOT NULL,
    metered INTEGER NOT NULL CHECK (metered IN (0, 1)),
    tier INTEGER NOT NULL,
    basis INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0),
    UNIQUE (requestID, region, account)
) STRICT;
CREATE TABLE unreadableUsage (
    source TEXT NOT NULL,
    fingerprint INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (source, fingerprint)
) STRICT, WITHOUT ROWID;
CREATE TABLE policyBackup (
    id INTEGER PRIMARY KEY,
    principal INTEGER NOT NULL REFERENCES principal (id),
    budget TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    hash TEXT NOT NULL,
    takenUnderSuspension INTEGER NOT NULL CHECK (takenUnderSuspension IN (0, 1)),
    takenAt INTEGER NOT NULL,
    consumedAt INTEGER
) STRICT;
CREATE TABLE notice (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    severity TEXT NOT NULL,
    principal TEXT,
    data TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
CREATE TABLE outboxItem (
    id INTEGER PRIMARY KEY,
    notice INTEGER NOT NULL REFERENCES notice (number),
    channel TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0,
    nextTry INTEGER,
    lastError TEXT,
    settledAt INTEGER,
    isClaimed INTEGER NOT NULL DEFAULT 0 CHECK (isClaimed IN (0, 1)),
    CHECK ((status = 'waiting') = (nextTry IS NOT NULL))
) STRICT;
INSERT INTO grdb_migrations VALUES ('1 state machines');
INSERT INTO grdb_migrations VALUES ('2 executions');
INSERT INTO grdb_migrations VALUES ('3 schedules');
INSERT INTO grdb_migrations VALUES ('4 dead letters');
INSERT INTO grdb_migrations VALUES ('5 audit');
INSERT INTO grdb_migrations VALUES ('6 principals and budgets');
INSERT INTO grdb_migrations VALUES ('7 usage');
INSERT INTO grdb_migrations VALUES ('8 policy backups');
INSERT INTO grdb_migrations VALUES ('9 outbox');
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
INSERT INTO execution VALUES (1, 2, 2, 'waits-0', NULL, 0, 1, 1795747108766, 1795747048766, NULL, 0, NULL, NULL);
INSERT INTO execution VALUES (2, 2, 2, 'waits-1', NULL, 0, 1, 1795747108782, 1795747048782, NULL, 0, NULL, NULL);
INSERT INTO execution VALUES (3, 3, 3, 'asks-0', NULL, 0, 1, 1795747108798, 1795747048798, NULL, 0, NULL, NULL);
INSERT INTO execution VALUES (4, 3, 3, 'asks-1', NULL, 0, 1, 1795747108808, 1795747048808, NULL, 0, NULL, NULL);
INSERT INTO execution VALUES (5, 4, 4, 'forks-0', NULL, 0, 1, 1795747098828, 1795747048828, NULL, 0, NULL, NULL);
INSERT INTO execution VALUES (6, 4, 4, 'forks-1', NULL, 0, 1, 1795747098842, 1795747048842, NULL, 0, NULL, NULL);
INSERT INTO execution VALUES (7, 5, 5, 'ends-0', NULL, 1, 0, NULL, 1795747048866, 1795747048866, 0, NULL, NULL);
INSERT INTO execution VALUES (8, 5, 5, 'ends-1', NULL, 1, 0, NULL, 1795747048876, 1795747048876, 0, NULL, NULL);
INSERT INTO execution VALUES (9, 6, 6, 'fails-0', NULL, 2, 0, NULL, 1795747048897, 1795747048897, 0, 'Broken', 'on purpose');
INSERT INTO execution VALUES (10, 6, 6, 'fails-1', NULL, 2, 0, NULL, 1795747048908, 1795747048908, 0, 'Broken', 'on purpose');
INSERT INTO journal VALUES (1, 1, 1, X'0103010DFCB4EBADC36800077B226E223A307DB8B5BBEBC2999FA9C3010A19000300015701321EBCDEF2ADC368');
INSERT INTO journal VALUES (2, 2, 1, X'0103010D9CB5EBADC36800077B226E223A317DCFA79891BACEB0B9760A19000300015701321EDCDEF2ADC368');
INSERT INTO journal VALUES (3, 3, 1, X'0103010DBCB5EBADC36800077B226E223A307DFF87C1B18CAD88A96A0A19000100015401141D003561726E3A6177733A7374617465733A75732D656173742D313A3030303030303030303030303A61637469766974793A6E6F626F647901017800');
INSERT INTO journal VALUES (4, 4, 1, X'0103010DD0B5EBADC36800077B226E223A317D95DFE68ACEF384E0B4010A19000100015401141D003561726E3A6177733A7374617465733A75732D656173742D313A3030303030303030303030303A61637469766974793A6E6F626F647901017800');
INSERT INTO journal VALUES (5, 5, 1, X'0109010DF8B5EBADC36800077B226E223A307DBA91F0A392CAD88BE7010A190006000146011E1D040A15020300014101321E98C3F1ADC3680A11060400000142010B1D00040101010A1D0300014301321EA891F2ADC368');
INSERT INTO journal VALUES (6, 6, 1, X'0109010D94B6EBADC36800077B226E223A317DFEBD9B839881A397370A190006000146011E1D040A15020300014101321EB4C3F1ADC3680A11060400000142010B1D00040101010A1D0300014301321EC491F2ADC368');
INSERT INTO journal VALUES (7, 7, 1, X'0104010DC4B6EBADC36800077B226E223A307DA3959195C4AE95CC490A190000000150010B1D0002001C7B2274657874223A226772C3B6C39F6572202771756F74656427227D00021D03');
INSERT INTO journal VALUES (8, 8, 1, X'0104010DD8B6EBADC36800077B226E223A317DC2BACC8B99AD90F62A0A190000000150010B1D0002001C7B2274657874223A226772C3B6C39F6572202771756F74656427227D00021D03');
INSERT INTO journal VALUES (9, 9, 1, X'0103010D82B7EBADC36800077B226E223A307DAEC1CC9D98C481AB4A0A19000500014601031D000642726F6B656E000A6F6E20707572706F7365');
INSERT INTO journal VALUES (10, 10, 1, X'0103010D98B7EBADC36800077B226E223A317DECEF979FB480F1CFC5010A19000500014601031D000642726F6B656E000A6F6E20707572706F7365');
INSERT INTO wake VALUES (1795747098828, 5);
INSERT INTO wake VALUES (1795747098842, 6);
INSERT INTO wake VALUES (1795747108766, 1);
INSERT INTO wake VALUES (1795747108782, 2);
INSERT INTO wake VALUES (1795747108798, 3);
INSERT INTO wake VALUES (1795747108808, 4);
INSERT INTO schedule VALUES ('nightly', 'rate(1 day) UTC', 1795824000000, NULL, NULL, '[]');
INSERT INTO deadLetter VALUES (1, 'execution', 'open', 'fails-0', 'fails', 'Broken', 'on purpose', X'7B226E223A307D', 9, 1795747048897, NULL, 0, 1795747048897);
INSERT INTO deadLetter VALUES (2, 'execution', 'open', 'fails-1', 'fails', 'Broken', 'on purpose', X'7B226E223A317D', 10, 1795747048908, NULL, 0, 1795747048908);
INSERT INTO audit VALUES (1, 1795747049166, 'operator:workflowctl', 'key.created', 'STWDCGYX2AKFKF4JJEBO', '{"name":"fixture","role":"viewer","kind":"signature"}');
INSERT INTO audit VALUES (2, 1795747053280, 'steward:metering', 'budget.created', '123456789012/user/BedrockAPIKey-fixture', '{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture","limit":"1.00","limitNanos":1000000000,"warningPerMille":700,"criticalPerMille":900,"period":"3600s","mode":"enforce","enforcement":"both","graceSeconds":1,"protected":false}');
INSERT INTO audit VALUES (3, 1795747053396, 'operator:workflowctl', 'budget.changed', '123456789012/user/BedrockAPIKey-fixture', '{"before":{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture","limit":"1.00","limitNanos":1000000000,"warningPerMille":700,"criticalPerMille":900,"period":"3600s","mode":"enforce","enforcement":"both","graceSeconds":1,"protected":false},"after":{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture","limit":"25.00","limitNanos":25000000000,"warningPerMille":700,"criticalPerMille":900,"period":"3600s","mode":"enforce","enforcement":"both","graceSeconds":1,"protected":false}}');
INSERT INTO principal VALUES (1, '123456789012', 'user', 'BedrockAPIKey-fixture', 'aws', '/', 1795747053280, 1);
INSERT INTO budget VALUES (1, 'principal:123456789012/user/BedrockAPIKey-fixture', 1, 25000000000, 700, 900, '3600s', 'enforce', 'both', 1, 0, 1795747053000, 1795750653000, 4500000, 0, 1, 0, 0, 0, 'active', 1795747053280, NULL, NULL, 0, '[]', NULL, 1795747053280, 1795747053396);
INSERT INTO budgetPeriod VALUES (1, 1795747053000, 1795750653000, 4500000, 0, 1, 0);
INSERT INTO usageLabel VALUES (1, '123456789012');
INSERT INTO usageLabel VALUES (2, 'us-east-1');
INSERT INTO usageLabel VALUES (3, 'global.anthropic.claude-sonnet-4-6');
INSERT INTO usageLabel VALUES (4, 'Converse');
INSERT INTO usageLabel VALUES (5, '/tmp/k/fix/log.jsonl');
INSERT INTO usage VALUES (1, X'00666978747572652D31', 1, 2, 1795747053000, 1795747053280, 1, NULL, 3, 4, 5, NULL, 1000, 100, 0, 0, 0, 0, 1, 0, 0, 4500000);
CREATE TRIGGER stateMachineVersionIsPinned BEFORE UPDATE ON stateMachineVersion
BEGIN SELECT raise(ABORT, 'a state machine version never changes'); END;
CREATE INDEX executionByMachine ON execution (stateMachine, status, startedAt);
CREATE INDEX executionByStatus ON execution (status, startedAt);
CREATE INDEX executionByWorkflow ON execution (workflow, status, startedAt) WHERE workflow IS NOT NULL;
CREATE INDEX executionLive ON execution (id) WHERE status = 0 AND parked = 0;
CREATE TRIGGER journalIsAppendOnly BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'a journal record never changes'); END;
CREATE INDEX deadLetterByStatus ON deadLetter (status);
CREATE INDEX deadLetterByKind ON deadLetter (kind, status);
CREATE INDEX deadLetterByExecution ON deadLetter (execution) WHERE execution IS NOT NULL;
CREATE INDEX deadLetterDue ON deadLetter (nextRedrive) WHERE status = 'open' AND nextRedrive IS NOT NULL;
CREATE INDEX auditBySubject ON audit (subject);
CREATE TRIGGER auditIsAppendOnly BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'an audit entry never changes'); END;
CREATE TRIGGER auditKeepsAll BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'an audit entry is never removed'); END;
CREATE INDEX budgetExceeded ON budget (name) WHERE spent >= limitNanos AND spent > 0;
CREATE INDEX budgetByPeriodEnd ON budget (periodEnd);
CREATE INDEX budgetByStatus ON budget (status, name);
CREATE INDEX budgetBySuspension ON budget (suspensionStartedAt) WHERE suspensionStartedAt IS NOT NULL;
CREATE INDEX usageByPrincipal ON usage (principal, at);
CREATE TRIGGER usageStays BEFORE UPDATE ON usage
BEGIN SELECT raise(ABORT, 'a use that was charged never changes'); END;
CREATE INDEX policyBackupOpen ON policyBackup (principal, id) WHERE consumedAt IS NULL;
CREATE TRIGGER policyBackupStays BEFORE UPDATE OF principal, snapshot, hash, takenAt ON policyBackup
BEGIN SELECT raise(ABORT, 'a policy backup never changes'); END;
CREATE INDEX outboxDue ON outboxItem (nextTry, id) WHERE status = 'waiting';
COMMIT;
