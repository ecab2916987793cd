PRAGMA application_id = 1398036292;
PRAGMA user_version = 33;
BEGIN;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
CREATE TABLE stateMachine (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    createdAt INTEGER NOT NULL
, deletedAt INTEGER, firstNumber INTEGER NOT NULL DEFAULT 1, lastPublished INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE stateMachineVersion (
    id INTEGER PRIMARY KEY,
    stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    source TEXT NOT NULL,
    json TEXT NOT NULL,
    hash TEXT NOT NULL,
    file TEXT,
    createdAt INTEGER NOT NULL, settings TEXT,
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
    cause TEXT, published INTEGER, alias TEXT,
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
, hash BLOB NOT NULL DEFAULT x'') STRICT;
CREATE TABLE principal (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL CHECK (account <> ''),
    kind TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    partition TEXT NOT NULL,
    path TEXT NOT NULL,
    firstSeenAt INTEGER NOT NULL,
    discovered INTEGER NOT NULL CHECK (discovered IN (0, 1)), team TEXT CHECK (team <> ''), tags TEXT NOT NULL DEFAULT '{}', purpose TEXT CHECK (purpose <> ''), tier TEXT CHECK (tier <> ''), earlierTags INTEGER,
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
, own INTEGER NOT NULL DEFAULT 0 CHECK (own IN (0, 1)), block TEXT, protection TEXT, cause TEXT) STRICT;
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
, keptTo INTEGER) STRICT;
CREATE TABLE usage (
    id INTEGER PRIMARY KEY,
    requestID BLOB NOT NULL,
    account INTEGER NOT NULL,
    region INTEGER NOT NULL,
    at INTEGER NOT NULL,
    recordedAt INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    session INTEGER,
    model INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    source INTEGER NOT NULL,
    errorCode INTEGER,
    input INTEGER NOT NULL,
    output INTEGER NOT NULL,
    cacheRead INTEGER NOT NULL,
    cacheWrite5m INTEGER NOT NULL,
    cacheWrite1h INTEGER NOT NULL,
    images INTEGER NOT NULL,
    metered INTEGER NOT NULL CHECK (metered IN (0, 1)),
    tier INTEGER NOT NULL,
    basis INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount >= 0), tags INTEGER
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
, enforcement TEXT NOT NULL DEFAULT 'both', taking TEXT) STRICT;
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
CREATE TABLE publishedVersion (
    stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
    number INTEGER NOT NULL CHECK (number >= 1),
    revision INTEGER NOT NULL REFERENCES stateMachineVersion (id),
    description TEXT,
    createdAt INTEGER NOT NULL,
    PRIMARY KEY (stateMachine, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE stateMachineAlias (
    stateMachine INTEGER NOT NULL REFERENCES stateMachine (id),
    name TEXT NOT NULL CHECK (name <> ''),
    description TEXT,
    routes TEXT NOT NULL,
    createdAt INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL,
    PRIMARY KEY (stateMachine, name)
) STRICT, WITHOUT ROWID;
CREATE TABLE resourceTags (
    resource TEXT PRIMARY KEY NOT NULL,
    tags TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE activity (
    name TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),
    encryption TEXT,
    createdAt INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE inputText (
    execution INTEGER PRIMARY KEY REFERENCES execution (id),
    text TEXT NOT NULL
) STRICT;
CREATE TABLE nestedExecution (
    child INTEGER PRIMARY KEY REFERENCES execution (id),
    parent INTEGER NOT NULL REFERENCES execution (id),
    task INTEGER NOT NULL
) STRICT;
CREATE TABLE mapRun (
    id INTEGER PRIMARY KEY,
    arn TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    execution INTEGER NOT NULL REFERENCES execution (id)
) STRICT;
CREATE TABLE accessKey (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 20),
    kind TEXT NOT NULL,
    name TEXT NOT NULL CHECK (name <> ''),
    role TEXT NOT NULL,
    secret BLOB NOT NULL,
    createdAt INTEGER NOT NULL,
    lastUsedAt INTEGER,
    revokedAt INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE auditAnchor (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 0),
    head BLOB NOT NULL CHECK (length(head) = 32)
) STRICT;
CREATE TABLE "wake" (
    due INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    PRIMARY KEY (due, execution)
) STRICT, WITHOUT ROWID;
CREATE TABLE retentionMark (
    kind TEXT PRIMARY KEY NOT NULL,
    before INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE furtherBudget (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE CHECK (name <> ''),
    scope TEXT NOT NULL,
    limitAmount INTEGER NOT NULL CHECK (limitAmount >= 0),
    unit TEXT NOT NULL,
    warningPerMille INTEGER NOT NULL,
    criticalPerMille INTEGER NOT NULL,
    periodRule TEXT NOT NULL,
    mode TEXT NOT NULL,
    graceSeconds INTEGER NOT NULL CHECK (graceSeconds >= 0),
    periodStart INTEGER NOT NULL,
    periodEnd INTEGER NOT NULL CHECK (periodEnd > periodStart),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    spentAtFallback INTEGER NOT NULL,
    announced INTEGER NOT NULL CHECK (announced BETWEEN 0 AND 7),
    arming INTEGER NOT NULL,
    createdAt INTEGER NOT NULL,
    updatedAt INTEGER NOT NULL
) STRICT;
CREATE TABLE furtherPeriod (
    budget INTEGER NOT NULL REFERENCES furtherBudget (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    end INTEGER NOT NULL CHECK (end > start),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    spentAtFallback INTEGER NOT NULL,
    PRIMARY KEY (budget, start)
) STRICT, WITHOUT ROWID;
CREATE TABLE acceptedLoss (
    backup INTEGER NOT NULL REFERENCES policyBackup (id),
    policy TEXT NOT NULL CHECK (policy <> ''),
    at INTEGER NOT NULL,
    PRIMARY KEY (backup, policy)
) STRICT, WITHOUT ROWID;
CREATE TABLE ingestSource (
    name TEXT PRIMARY KEY NOT NULL CHECK (name <> ''),
    kind TEXT NOT NULL,
    detail TEXT,
    since INTEGER NOT NULL,
    lastReceivedAt INTEGER,
    lastRecordAt INTEGER,
    records INTEGER NOT NULL,
    recorded INTEGER NOT NULL,
    duplicates INTEGER NOT NULL,
    ignored INTEGER NOT NULL,
    unreadable INTEGER NOT NULL,
    events INTEGER NOT NULL,
    lastErrorAt INTEGER,
    lastError TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE ingestCursor (
    source TEXT NOT NULL,
    item TEXT NOT NULL,
    version TEXT NOT NULL,
    records INTEGER NOT NULL CHECK (records >= 0),
    done INTEGER NOT NULL CHECK (done IN (0, 1)),
    movedAt INTEGER NOT NULL,
    PRIMARY KEY (source, item)
) STRICT, WITHOUT ROWID;
CREATE TABLE ingestCount (
    name TEXT PRIMARY KEY NOT NULL,
    count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE trailEvent (
    id TEXT PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE principalTrail (
    principal INTEGER PRIMARY KEY REFERENCES principal (id),
    uniqueID TEXT,
    createdAt INTEGER,
    deletedAt INTEGER,
    taggedAt INTEGER,
    rogueSince INTEGER
) STRICT;
CREATE TABLE sighting (
    principal INTEGER NOT NULL REFERENCES principal (id),
    endpoint TEXT NOT NULL,
    region TEXT NOT NULL,
    operation TEXT NOT NULL,
    count INTEGER NOT NULL,
    firstAt INTEGER NOT NULL,
    lastAt INTEGER NOT NULL,
    PRIMARY KEY (principal, endpoint, region)
) STRICT, WITHOUT ROWID;
CREATE TABLE price (
    id INTEGER PRIMARY KEY,
    model TEXT NOT NULL CHECK (model <> ''),
    geography TEXT,
    region TEXT,
    origin TEXT NOT NULL,
    effectiveFrom INTEGER NOT NULL,
    input INTEGER NOT NULL CHECK (input >= 0),
    output INTEGER NOT NULL CHECK (output >= 0),
    cacheRead INTEGER,
    cacheWrite5m INTEGER,
    cacheWrite1h INTEGER,
    words TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    problem TEXT,
    recordedAt INTEGER NOT NULL,
    recordedBy TEXT NOT NULL,
    confirmedAt INTEGER NOT NULL
) STRICT;
CREATE TABLE priceRevision (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;
CREATE TABLE modelName (
    name TEXT PRIMARY KEY NOT NULL,
    model TEXT,
    source TEXT,
    firstSeenAt INTEGER NOT NULL,
    checkedAt INTEGER,
    problem TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE usageCorrection (
    id INTEGER PRIMARY KEY,
    usage INTEGER NOT NULL REFERENCES usage (id) ON DELETE CASCADE,
    amount INTEGER NOT NULL,
    basis INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor INTEGER NOT NULL,
    priceSource INTEGER NOT NULL
) STRICT;
CREATE TABLE usageHour (
    hour INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    model INTEGER NOT NULL,
    region INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    requests INTEGER NOT NULL, errors INTEGER NOT NULL, unmetered INTEGER NOT NULL, fallbackRequests INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, cacheRead INTEGER NOT NULL, cacheWrite5m INTEGER NOT NULL, cacheWrite1h INTEGER NOT NULL, images INTEGER NOT NULL, cost INTEGER NOT NULL, fallbackCost INTEGER NOT NULL,
    PRIMARY KEY (hour, principal, model, region, operation)
) STRICT, WITHOUT ROWID;
CREATE TABLE usageHourTotal (
    hour INTEGER NOT NULL,
    model INTEGER NOT NULL,
    region INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    requests INTEGER NOT NULL, errors INTEGER NOT NULL, unmetered INTEGER NOT NULL, fallbackRequests INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, cacheRead INTEGER NOT NULL, cacheWrite5m INTEGER NOT NULL, cacheWrite1h INTEGER NOT NULL, images INTEGER NOT NULL, cost INTEGER NOT NULL, fallbackCost INTEGER NOT NULL,
    PRIMARY KEY (hour, model, region, operation)
) STRICT, WITHOUT ROWID;
CREATE TABLE usageTotal (
    model INTEGER NOT NULL,
    region INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    requests INTEGER NOT NULL, errors INTEGER NOT NULL, unmetered INTEGER NOT NULL, fallbackRequests INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, cacheRead INTEGER NOT NULL, cacheWrite5m INTEGER NOT NULL, cacheWrite1h INTEGER NOT NULL, images INTEGER NOT NULL, cost INTEGER NOT NULL, fallbackCost INTEGER NOT NULL,
    PRIMARY KEY (model, region, operation)
) STRICT, WITHOUT ROWID;
CREATE TABLE tally (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    count INTEGER NOT NULL CHECK (count >= 0),
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;
CREATE TABLE executionTally (
    stateMachine INTEGER NOT NULL,
    status INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    count INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    PRIMARY KEY (stateMachine, status, bucket)
) STRICT, WITHOUT ROWID;
CREATE TABLE batchJob (
    id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
    arn TEXT,
    creator TEXT,
    session TEXT,
    model TEXT,
    input INTEGER,
    output INTEGER,
    records INTEGER,
    failedRecords INTEGER,
    endedAt INTEGER,
    source TEXT,
    place TEXT,
    chargedAt INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE agentRuntime (
    id TEXT PRIMARY KEY NOT NULL CHECK (id <> ''),
    arn TEXT,
    name TEXT,
    role TEXT,
    roleARN TEXT,
    region TEXT NOT NULL,
    changedAt INTEGER NOT NULL,
    deletedAt INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE formerMembership (
    id INTEGER PRIMARY KEY,
    principal INTEGER NOT NULL REFERENCES principal (id),
    team TEXT CHECK (team <> ''),
    inPool INTEGER NOT NULL CHECK (inPool IN (0, 1)),
    until INTEGER NOT NULL,
    lastUse INTEGER NOT NULL
) STRICT;
CREATE TABLE spendingByTag (
    id INTEGER PRIMARY KEY,
    tag TEXT NOT NULL,
    value TEXT NOT NULL,
    requests INTEGER NOT NULL, errors INTEGER NOT NULL, unmetered INTEGER NOT NULL, fallbackRequests INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, cacheRead INTEGER NOT NULL, cacheWrite5m INTEGER NOT NULL, cacheWrite1h INTEGER NOT NULL, images INTEGER NOT NULL, cost INTEGER NOT NULL, fallbackCost INTEGER NOT NULL,
    UNIQUE (tag, value)
) STRICT;
CREATE TABLE callHour (
    hour INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    agent TEXT NOT NULL CHECK (agent <> ''),
    address TEXT NOT NULL CHECK (address <> ''),
    operation INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    errors INTEGER NOT NULL,
    firstAt INTEGER NOT NULL,
    lastAt INTEGER NOT NULL,
    PRIMARY KEY (hour, principal, agent, address, operation)
) STRICT, WITHOUT ROWID;
CREATE TABLE callEvent (
    hour INTEGER NOT NULL,
    event BLOB NOT NULL,
    PRIMARY KEY (hour, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE latencyHour (
    hour INTEGER NOT NULL,
    principal INTEGER NOT NULL,
    model INTEGER NOT NULL,
    count INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    longest INTEGER NOT NULL,
    PRIMARY KEY (hour, principal, model)
) STRICT, WITHOUT ROWID;
CREATE TABLE tagSet (
    id INTEGER PRIMARY KEY,
    team TEXT NOT NULL,
    purpose TEXT NOT NULL,
    tier TEXT NOT NULL,
    UNIQUE (team, purpose, tier)
) STRICT;
CREATE TABLE usageHourByTag (
    hour INTEGER NOT NULL,
    tags INTEGER NOT NULL,
    model INTEGER NOT NULL,
    region INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    requests INTEGER NOT NULL, errors INTEGER NOT NULL, unmetered INTEGER NOT NULL, fallbackRequests INTEGER NOT NULL, input INTEGER NOT NULL, output INTEGER NOT NULL, cacheRead INTEGER NOT NULL, cacheWrite5m INTEGER NOT NULL, cacheWrite1h INTEGER NOT NULL, images INTEGER NOT NULL, cost INTEGER NOT NULL, fallbackCost INTEGER NOT NULL,
    PRIMARY KEY (hour, tags, model, region, operation)
) STRICT, WITHOUT ROWID;
CREATE TABLE latencyHourByTag (
    hour INTEGER NOT NULL,
    tags INTEGER NOT NULL,
    model INTEGER NOT NULL,
    count INTEGER NOT NULL,
    milliseconds INTEGER NOT NULL,
    longest INTEGER NOT NULL,
    PRIMARY KEY (hour, tags, model)
) STRICT, WITHOUT ROWID;
CREATE TABLE usageRun (
    id INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL CHECK (last >= first),
    filter BLOB NOT NULL
) STRICT;
CREATE TABLE usageKey (
    run INTEGER NOT NULL,
    hash INTEGER NOT NULL,
    use INTEGER NOT NULL,
    PRIMARY KEY (run, hash, use)
) STRICT, WITHOUT ROWID;
CREATE TABLE usageOf (
    principal INTEGER NOT NULL,
    at INTEGER NOT NULL,
    use INTEGER NOT NULL,
    PRIMARY KEY (principal, at, use)
) STRICT, WITHOUT ROWID;
CREATE TABLE "offeredTask" (
    activity TEXT NOT NULL,
    since INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    task INTEGER NOT NULL,
    input TEXT NOT NULL,
    PRIMARY KEY (activity, since, execution, task)
) STRICT, WITHOUT ROWID;
INSERT INTO grdb_migrations VALUES ('1 state machines');
INSERT INTO grdb_migrations VALUES ('2 executions');
INSERT INTO grdb_migrations VALUES ('3 schedules');
INSERT INTO grdb_migrations VALUES ('4 dead letters');
INSERT INTO grdb_migrations VALUES ('5 audit');
INSERT INTO grdb_migrations VALUES ('6 principals and budgets');
INSERT INTO grdb_migrations VALUES ('7 usage');
INSERT INTO grdb_migrations VALUES ('8 policy backups');
INSERT INTO grdb_migrations VALUES ('9 outbox');
INSERT INTO grdb_migrations VALUES ('10 step functions resources');
INSERT INTO grdb_migrations VALUES ('11 access keys');
INSERT INTO grdb_migrations VALUES ('12 audit chain');
INSERT INTO grdb_migrations VALUES ('13 retention');
INSERT INTO grdb_migrations VALUES ('14 enforcement of policy backups');
INSERT INTO grdb_migrations VALUES ('15 teams, holds and further budgets');
INSERT INTO grdb_migrations VALUES ('16 accepted losses of policy backups');
INSERT INTO grdb_migrations VALUES ('17 ingest sources');
INSERT INTO grdb_migrations VALUES ('18 trails of principals');
INSERT INTO grdb_migrations VALUES ('19 prices');
INSERT INTO grdb_migrations VALUES ('20 usage corrections');
INSERT INTO grdb_migrations VALUES ('21 usage by the hour');
INSERT INTO grdb_migrations VALUES ('22 tallies');
INSERT INTO grdb_migrations VALUES ('23 ages of traces');
INSERT INTO grdb_migrations VALUES ('24 batch jobs');
INSERT INTO grdb_migrations VALUES ('25 agent runtimes');
INSERT INTO grdb_migrations VALUES ('26 uses without foreign keys');
INSERT INTO grdb_migrations VALUES ('27 former memberships');
INSERT INTO grdb_migrations VALUES ('28 spending by tag, calls and latencies');
INSERT INTO grdb_migrations VALUES ('29 hours by tag, ages of labels');
INSERT INTO grdb_migrations VALUES ('30 uses keyed in runs');
INSERT INTO grdb_migrations VALUES ('31 offers in the order of their queues');
INSERT INTO grdb_migrations VALUES ('32 one index of executions');
INSERT INTO grdb_migrations VALUES ('33 what is taken under policy backups');
INSERT INTO stateMachine VALUES (1, 'nightly', 1796061783088, NULL, 1, 0);
INSERT INTO stateMachine VALUES (2, 'waits', 1796061783186, NULL, 1, 1);
INSERT INTO stateMachine VALUES (3, 'asks', 1796061783205, NULL, 1, 1);
INSERT INTO stateMachine VALUES (4, 'forks', 1796061783215, NULL, 1, 1);
INSERT INTO stateMachine VALUES (5, 'ends', 1796061783225, NULL, 1, 1);
INSERT INTO stateMachine VALUES (6, 'fails', 1796061783238, NULL, 1, 1);
INSERT INTO stateMachineVersion VALUES (1, 1, 1, 'StartAt: P
States: {P: {Type: Pass, End: true}}
', '{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}', 'b5626d2e4e046a1f7457063c8ea4dea3478582cb16e9788f3e3c6fa474223a53', '/tmp/ciH/fx/d/state-machines/nightly.asl.yaml', 1796061783088, NULL);
INSERT INTO stateMachineVersion VALUES (2, 2, 1, '{"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 60, "Next": "P"}, "P": {"Type": "Pass", "End": true}}}', '{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":60,"Next":"P"},"P":{"Type":"Pass","End":true}}}', '8d23dc7bb16f4be0d6f0c99bf0541ba6fa4e5193ec1dd23cfe61d2f7582dd0b4', NULL, 1796061783186, '{"type":"STANDARD","roleArn":"arn:aws:iam::000000000000:role/r"}');
INSERT INTO stateMachineVersion VALUES (3, 3, 1, '{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:nobody", "TimeoutSeconds": 60, "Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "D"}], "End": true}, "D": {"Type": "Pass", "End": true}}}', '{"StartAt":"T","States":{"T":{"Type":"Task","Resource":"arn:aws:states:us-east-1:000000000000:activity:nobody","TimeoutSeconds":60,"Catch":[{"ErrorEquals":["States.Timeout"],"Next":"D"}],"End":true},"D":{"Type":"Pass","End":true}}}', 'bd217f7e93212a8d92b4d739902fa2c6701246c63dcac928f2dc66f8c28136a6', NULL, 1796061783205, '{"type":"STANDARD","roleArn":"arn:aws:iam::000000000000:role/r"}');
INSERT INTO stateMachineVersion VALUES (4, 4, 1, '{"StartAt": "F", "States": {"F": {"Type": "Parallel", "End": true, "Branches": [{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": 50, "End": true}}}, {"StartAt": "B", "States": {"B": {"Type": "Pass", "Assign": {"n.$": "$.n"}, "Next": "C"}, "C": {"Type": "Wait", "Seconds": 55, "End": true}}}]}}}', '{"StartAt":"F","States":{"F":{"Type":"Parallel","End":true,"Branches":[{"StartAt":"A","States":{"A":{"Type":"Wait","Seconds":50,"End":true}}},{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"n.$":"$.n"},"Next":"C"},"C":{"Type":"Wait","Seconds":55,"End":true}}}]}}}', '7df8f4264df74bb933788c576bf79489b7dc750a7c829149e9558edf6e47db12', NULL, 1796061783215, '{"type":"STANDARD","roleArn":"arn:aws:iam::000000000000:role/r"}');
INSERT INTO stateMachineVersion VALUES (5, 5, 1, '{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": {"text": "gr\u00f6\u00dfer ''quoted''"}, "End": true}}}', '{"StartAt":"P","States":{"P":{"Type":"Pass","Result":{"text":"größer ''quoted''"},"End":true}}}', 'f7ff16fec075c6e37cf0b19d2140703677aede1243e090b02fba4a268024d00a', NULL, 1796061783225, '{"type":"STANDARD","roleArn":"arn:aws:iam::000000000000:role/r"}');
INSERT INTO stateMachineVersion VALUES (6, 6, 1, '{"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}}', '{"StartAt":"F","States":{"F":{"Type":"Fail","Error":"Broken","Cause":"on purpose"}}}', '37fbd8da2dcc25b17344cffae3d99c91cb29ac132721af091d75078d2967af02', NULL, 1796061783238, '{"type":"STANDARD","roleArn":"arn:aws:iam::000000000000:role/r"}');
INSERT INTO execution VALUES (1, 2, 2, 'waits-0', NULL, 0, 1, 1796061843199, 1796061783199, NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (2, 2, 2, 'waits-1', NULL, 0, 1, 1796061843203, 1796061783203, NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (3, 3, 3, 'asks-0', NULL, 0, 1, 1796061843207, 1796061783207, NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (4, 3, 3, 'asks-1', NULL, 0, 1, 1796061843209, 1796061783209, NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (5, 4, 4, 'forks-0', NULL, 0, 1, 1796061833219, 1796061783219, NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (6, 4, 4, 'forks-1', NULL, 0, 1, 1796061833221, 1796061783221, NULL, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (7, 5, 5, 'ends-0', NULL, 1, 0, NULL, 1796061783227, 1796061783227, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (8, 5, 5, 'ends-1', NULL, 1, 0, NULL, 1796061783232, 1796061783232, 0, NULL, NULL, NULL, NULL);
INSERT INTO execution VALUES (9, 6, 6, 'fails-0', NULL, 2, 0, NULL, 1796061783241, 1796061783241, 0, 'Broken', 'on purpose', NULL, NULL);
INSERT INTO execution VALUES (10, 6, 6, 'fails-1', NULL, 2, 0, NULL, 1796061783246, 1796061783246, 0, 'Broken', 'on purpose', NULL, NULL);
INSERT INTO journal VALUES (1, 1, 1, X'0103010DBE92FFD9C56800077B226E223A307DD4978CC1F8CED9B589010A19000300015701321EFEBB86DAC568');
INSERT INTO journal VALUES (2, 2, 1, X'0103010DC692FFD9C56800077B226E223A317D9DE9FBBEE5DC99C3F2010A19000300015701321E86BC86DAC568');
INSERT INTO journal VALUES (3, 3, 1, X'0103010DCE92FFD9C56800077B226E223A307DBBC6F9FFFAFCEE9EBB010A19000100015401141D003561726E3A6177733A7374617465733A75732D656173742D313A3030303030303030303030303A61637469766974793A6E6F626F647901017800');
INSERT INTO journal VALUES (4, 4, 1, X'0103010DD292FFD9C56800077B226E223A317D8A9B87DC89F5BAB9EF010A19000100015401141D003561726E3A6177733A7374617465733A75732D656173742D313A3030303030303030303030303A61637469766974793A6E6F626F647901017800');
INSERT INTO journal VALUES (5, 5, 1, X'0109010DE692FFD9C56800077B226E223A307D83C4D9FEE284DDA0AD010A190006000146011E1D040A15020300014101321E86A085DAC5680A11060400000142010B1D00040101010A1D0300014301321E96EE85DAC568');
INSERT INTO journal VALUES (6, 6, 1, X'0109010DEA92FFD9C56800077B226E223A317DADB7DA84F1CEF483A0010A190006000146011E1D040A15020300014101321E8AA085DAC5680A11060400000142010B1D00040101010A1D0300014301321E9AEE85DAC568');
INSERT INTO journal VALUES (7, 7, 1, X'0104010DF692FFD9C56800077B226E223A307DD581828BA9A9B09D81010A190000000150010B1D0002001C7B2274657874223A226772C3B6C39F6572202771756F74656427227D00021D03');
INSERT INTO journal VALUES (8, 8, 1, X'0104010D8093FFD9C56800077B226E223A317D8AA4E59CE9F1869D5D0A190000000150010B1D0002001C7B2274657874223A226772C3B6C39F6572202771756F74656427227D00021D03');
INSERT INTO journal VALUES (9, 9, 1, X'0103010D9293FFD9C56800077B226E223A307DD1AC8FC2BEB6DDA584010A19000500014601031D000642726F6B656E000A6F6E20707572706F7365');
INSERT INTO journal VALUES (10, 10, 1, X'0103010D9C93FFD9C56800077B226E223A317D82AFE3F58A9ED4FA780A19000500014601031D000642726F6B656E000A6F6E20707572706F7365');
INSERT INTO schedule VALUES ('nightly', 'rate(1 day) UTC', 1796083200000, NULL, NULL, '[]');
INSERT INTO deadLetter VALUES (1, 'execution', 'open', 'fails-0', 'fails', 'Broken', 'on purpose', X'7B226E223A307D', 9, 1796061783241, NULL, 0, 1796061783241);
INSERT INTO deadLetter VALUES (2, 'execution', 'open', 'fails-1', 'fails', 'Broken', 'on purpose', X'7B226E223A317D', 10, 1796061783246, NULL, 0, 1796061783246);
INSERT INTO audit VALUES (1, 1796061783088, 'workflowd:files', 'stateMachine.created', 'arn:aws:states:us-east-1:000000000000:stateMachine:nightly', '{"version":1,"digest":"b5626d2e4e046a1f7457063c8ea4dea3478582cb16e9788f3e3c6fa474223a53","file":"/tmp/ciH/fx/d/state-machines/nightly.asl.yaml"}', X'F0BD7A84CFE112086AA90A6AD538068A26FA39881F38D887FCF3ED2A01D7CDBA');
INSERT INTO audit VALUES (2, 1796061783095, 'workflowd:files', 'workflows.loaded', 'workflows', '{"added":["nightly"],"changed":[],"removed":[],"digests":{"nightly":"bd09b09f0b99fcafdb54f7f81bb6547bff93411eaf1724529b12e023ec35e7c3"}}', X'83369CB904604BC070D16999CFE2E6978861035A887EB783D510C499ECA7FF3A');
INSERT INTO audit VALUES (3, 1796061783172, 'operator:api', 'activity.created', 'arn:aws:states:us-east-1:000000000000:activity:nobody', '{}', X'0AEE9FCF0B14B13D9C890E76BBB229803AC3E40C4B02B016504A7DEF241A3ECB');
INSERT INTO audit VALUES (4, 1796061783186, 'operator:api', 'stateMachine.created', 'arn:aws:states:us-east-1:000000000000:stateMachine:waits', '{"version":1,"digest":"8d23dc7bb16f4be0d6f0c99bf0541ba6fa4e5193ec1dd23cfe61d2f7582dd0b4","roleArn":"arn:aws:iam::000000000000:role/r"}', X'C9558956D8FA7710F7AFD0F2257C5F0B7C2B8CA13D17482FDC1A1F52F76A38EF');
INSERT INTO audit VALUES (5, 1796061783186, 'operator:api', 'version.published', 'arn:aws:states:us-east-1:000000000000:stateMachine:waits:1', '{"revision":1,"digest":"8d23dc7bb16f4be0d6f0c99bf0541ba6fa4e5193ec1dd23cfe61d2f7582dd0b4"}', X'4C44979523E76B6103129CDA741FF506D81A4AC3730D06BB68559440E555E874');
INSERT INTO audit VALUES (6, 1796061783205, 'operator:api', 'stateMachine.created', 'arn:aws:states:us-east-1:000000000000:stateMachine:asks', '{"version":1,"digest":"bd217f7e93212a8d92b4d739902fa2c6701246c63dcac928f2dc66f8c28136a6","roleArn":"arn:aws:iam::000000000000:role/r"}', X'ABF590185CDB19E6D3463604A09D419110406ABDF73F831357BDA6A6859798FD');
INSERT INTO audit VALUES (7, 1796061783205, 'operator:api', 'version.published', 'arn:aws:states:us-east-1:000000000000:stateMachine:asks:1', '{"revision":1,"digest":"bd217f7e93212a8d92b4d739902fa2c6701246c63dcac928f2dc66f8c28136a6"}', X'97C61A3239AB6C1DCF1AC448B6CC85195FFB55982114439B87B8315788C92135');
INSERT INTO audit VALUES (8, 1796061783215, 'operator:api', 'stateMachine.created', 'arn:aws:states:us-east-1:000000000000:stateMachine:forks', '{"version":1,"digest":"7df8f4264df74bb933788c576bf79489b7dc750a7c829149e9558edf6e47db12","roleArn":"arn:aws:iam::000000000000:role/r"}', X'4630B9323401F3266545814E597C8AF26748AB396627791F08CD44FAB60EC7A1');
INSERT INTO audit VALUES (9, 1796061783215, 'operator:api', 'version.published', 'arn:aws:states:us-east-1:000000000000:stateMachine:forks:1', '{"revision":1,"digest":"7df8f4264df74bb933788c576bf79489b7dc750a7c829149e9558edf6e47db12"}', X'0B027CC2BDC9F3A87C4441D79EBF682C0A3B91E0DFDF2D90CFE42E4283628BE9');
INSERT INTO audit VALUES (10, 1796061783225, 'operator:api', 'stateMachine.created', 'arn:aws:states:us-east-1:000000000000:stateMachine:ends', '{"version":1,"digest":"f7ff16fec075c6e37cf0b19d2140703677aede1243e090b02fba4a268024d00a","roleArn":"arn:aws:iam::000000000000:role/r"}', X'7AD158567BD6C537FF8790FC0C9870C507CDA8AE1F403DD905D879AD6B74B9F1');
INSERT INTO audit VALUES (11, 1796061783225, 'operator:api', 'version.published', 'arn:aws:states:us-east-1:000000000000:stateMachine:ends:1', '{"revision":1,"digest":"f7ff16fec075c6e37cf0b19d2140703677aede1243e090b02fba4a268024d00a"}', X'7ED8B5378CF67A1479A98A05B8DCA2D1AEB89DE2926D2FB80D6EFF3A84582D3A');
INSERT INTO audit VALUES (12, 1796061783238, 'operator:api', 'stateMachine.created', 'arn:aws:states:us-east-1:000000000000:stateMachine:fails', '{"version":1,"digest":"37fbd8da2dcc25b17344cffae3d99c91cb29ac132721af091d75078d2967af02","roleArn":"arn:aws:iam::000000000000:role/r"}', X'10334869CA998CCCA917C0AD0DA7CECB257A199B2C745E5F1EC57C5CBB6DD62F');
INSERT INTO audit VALUES (13, 1796061783238, 'operator:api', 'version.published', 'arn:aws:states:us-east-1:000000000000:stateMachine:fails:1', '{"revision":1,"digest":"37fbd8da2dcc25b17344cffae3d99c91cb29ac132721af091d75078d2967af02"}', X'22776526E623E0FC96356AEB940F6FC7AE58DA9D72F67195704130AEF2EF8DBF');
INSERT INTO audit VALUES (14, 1796061783299, 'operator:workflowctl', 'key.created', 'STWDK3T5SCPQZM73PJOI', '{"name":"fixture","role":"viewer","kind":"signature"}', X'B93ACA56229F27891773017ECB3A1FF19BB9CC753BB6DE752D31ABE6CBB55AA1');
INSERT INTO audit VALUES (15, 1796061784309, 'steward:metering', 'budget.created', '123456789012/user/BedrockAPIKey-fixture', '{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture","limit":"1.00","limitNanos":1000000000,"warningPerMille":700,"criticalPerMille":900,"period":"3600s","mode":"enforce","enforcement":"both","graceSeconds":1,"protected":false}', X'462E4D6314A71AEC69C3B6FA8E015CCFE80691BA61931860EB5450B2F24480CD');
INSERT INTO audit VALUES (16, 1796061784347, 'operator:workflowctl', 'budget.changed', '123456789012/user/BedrockAPIKey-fixture', '{"before":{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture","limit":"1.00","limitNanos":1000000000,"warningPerMille":700,"criticalPerMille":900,"period":"3600s","mode":"enforce","enforcement":"both","graceSeconds":1,"protected":false},"after":{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture","limit":"25.00","limitNanos":25000000000,"warningPerMille":700,"criticalPerMille":900,"period":"3600s","mode":"enforce","enforcement":"both","graceSeconds":1,"protected":false}}', X'18ED38F89C9F9797F9B31202B25656CFF5B1920BCD126EE35577042DC6F6FE5C');
INSERT INTO audit VALUES (17, 1796061784367, 'operator:workflowctl', 'budget.created', 'principal:123456789012/user/BedrockAPIKey-fixture', '{"before":null,"after":{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture#requests/day@Europe/Madrid","scope":"principal:123456789012/user/BedrockAPIKey-fixture","unit":"requests","limit":350,"period":"day@Europe/Madrid","warningPerMille":700,"criticalPerMille":900,"mode":"enforce","graceSeconds":300}}', X'3DA0927EA1CE8F571A6C92C4366A9D3699A0C75AA83D6774CA43EBC36DC1C32A');
INSERT INTO audit VALUES (18, 1796061784403, 'operator:workflowctl', 'budget.created', 'pool', '{"before":null,"after":{"budgetId":"pool#money/month","scope":"pool","unit":"money","limit":"500.00","period":"month","warningPerMille":700,"criticalPerMille":900,"mode":"enforce","graceSeconds":300}}', X'0BB9A84AE68E6AC8862E6DE022BD152C20918BDF706C770ED88206E5848DB5B3');
INSERT INTO audit VALUES (19, 1796061784434, 'operator:workflowctl', 'principal.protected', '123456789012/user/BedrockAPIKey-fixture', '{"until":"never","reason":"fixture","by":"operator:workflowctl","since":"2026-11-30T18:03:04.434Z"}', X'EF7FDE38699BA5B2CC272FC76FB0A9D8E7935891937205E1F23EACAC7D6A9FBA');
INSERT INTO audit VALUES (20, 1796061784470, 'operator:workflowctl', 'price.set', 'acme.ultra-v1', '{"model":"acme.ultra-v1","scope":null,"region":null,"effectiveFrom":"2026-11-29T18:03:04.467Z","input":"2","output":"8","cacheRead":null,"cacheWrite5m":null,"cacheWrite1h":null,"more":"","origin":"operator","source":"its page"}', X'5A86D5085A4BAA0A970BA0370EF8DB34950E40B944B4D564190BDAC97657B934');
INSERT INTO principal VALUES (1, '123456789012', 'user', 'BedrockAPIKey-fixture', 'aws', '/', 1796061784309, 1, NULL, '{}', NULL, NULL, NULL);
INSERT INTO budget VALUES (1, 'principal:123456789012/user/BedrockAPIKey-fixture', 1, 25000000000, 700, 900, '3600s', 'enforce', 'both', 1, 0, 1796061784000, 1796065384000, 4500000, 0, 1, 0, 0, 0, 'active', 1796061784309, NULL, NULL, 0, '[]', NULL, 1796061784309, 1796061784434, 1, NULL, '{"end":"never","reason":"fixture","by":"operator:workflowctl","since":"2026-11-30T18:03:04.434Z"}', NULL);
INSERT INTO budgetPeriod VALUES (1, 1796061784000, 1796065384000, 4500000, 0, 1, 0);
INSERT INTO usageLabel VALUES (1, '123456789012', NULL);
INSERT INTO usageLabel VALUES (2, 'us-east-1', NULL);
INSERT INTO usageLabel VALUES (3, 'global.anthropic.claude-sonnet-4-6', NULL);
INSERT INTO usageLabel VALUES (4, 'Converse', NULL);
INSERT INTO usageLabel VALUES (5, '/tmp/ciH/fx/d/log.jsonl', 100000);
INSERT INTO usage VALUES (1, X'00666978747572652D31', 1, 2, 1796061784000, 1796061784309, 1, NULL, 3, 4, 5, NULL, 1000, 100, 0, 0, 0, 0, 1, 0, 0, 4500000, 1);
INSERT INTO notice VALUES (1, 'protection-changed/principal:123456789012/user/BedrockAPIKey-fixture/1796061784434/true', 'protection-changed', 'info', '123456789012/user/BedrockAPIKey-fixture', '{"budgetId":"principal:123456789012/user/BedrockAPIKey-fixture","principalId":"123456789012/user/BedrockAPIKey-fixture","principalArn":"arn:aws:iam::123456789012:user/BedrockAPIKey-fixture","principalKind":"user","principalName":"BedrockAPIKey-fixture","account":"123456789012","userName":"BedrockAPIKey-fixture","periodStart":"2026-11-30T18:03:04.000Z","periodEnd":"2026-11-30T19:03:04.000Z","spent":"0.0045","spentNanos":4500000,"spentAtFallbackPrices":"0.00","spentAtFallbackPricesNanos":0,"limit":"25.00","limitNanos":25000000000,"percent":0,"graceSeconds":1,"mode":"enforce","enforcement":"both","reason":"protected","override":false,"resumed":false,"isProtected":true,"by":"operator:workflowctl","protection":{"until":"never","reason":"fixture","by":"operator:workflowctl","since":"2026-11-30T18:03:04.434Z"}}', 1796061784434);
INSERT INTO outboxItem VALUES (1, 1, 'log', 'sent', 1, NULL, NULL, 1796061784442, 0);
INSERT INTO publishedVersion VALUES (2, 1, 2, NULL, 1796061783186);
INSERT INTO publishedVersion VALUES (3, 1, 3, NULL, 1796061783205);
INSERT INTO publishedVersion VALUES (4, 1, 4, NULL, 1796061783215);
INSERT INTO publishedVersion VALUES (5, 1, 5, NULL, 1796061783225);
INSERT INTO publishedVersion VALUES (6, 1, 6, NULL, 1796061783238);
INSERT INTO activity VALUES ('nobody', NULL, 1796061783172);
INSERT INTO inputText VALUES (1, '{"n": 0}');
INSERT INTO inputText VALUES (2, '{"n": 1}');
INSERT INTO inputText VALUES (3, '{"n": 0}');
INSERT INTO inputText VALUES (4, '{"n": 1}');
INSERT INTO inputText VALUES (5, '{"n": 0}');
INSERT INTO inputText VALUES (6, '{"n": 1}');
INSERT INTO inputText VALUES (7, '{"n": 0}');
INSERT INTO inputText VALUES (8, '{"n": 1}');
INSERT INTO inputText VALUES (9, '{"n": 0}');
INSERT INTO inputText VALUES (10, '{"n": 1}');
INSERT INTO accessKey VALUES ('STWDK3T5SCPQZM73PJOI', 'signature', 'fixture', 'viewer', X'2269E0916A7E2DC17ED67EE0E36DEB21BE53DDB71AE71DF72181662B1935332A672F0A5D994CFE66497FBBC6897F8EF33F3E810EFA1E5762068BB248EC0B37376997FAAF', 1796061783299, NULL, NULL);
INSERT INTO auditAnchor VALUES (1, 1, 20, 20, X'5A86D5085A4BAA0A970BA0370EF8DB34950E40B944B4D564190BDAC97657B934');
INSERT INTO wake VALUES (1796061833219, 5);
INSERT INTO wake VALUES (1796061833221, 6);
INSERT INTO wake VALUES (1796061843199, 1);
INSERT INTO wake VALUES (1796061843203, 2);
INSERT INTO wake VALUES (1796061843207, 3);
INSERT INTO wake VALUES (1796061843209, 4);
INSERT INTO furtherBudget VALUES (1, 'principal:123456789012/user/BedrockAPIKey-fixture#requests/day@Europe/Madrid', 'principal:123456789012/user/BedrockAPIKey-fixture', 350, 'requests', 700, 900, 'day@Europe/Madrid', 'enforce', 300, 1795993200000, 1796079600000, 0, 0, 0, 0, 1796061784367, 1796061784367);
INSERT INTO furtherBudget VALUES (2, 'pool#money/month', 'pool', 500000000000, 'money', 700, 900, 'month', 'enforce', 300, 1793491200000, 1796083200000, 0, 0, 0, 0, 1796061784403, 1796061784403);
INSERT INTO ingestSource VALUES ('api', 'api', NULL, 1796061784309, 1796061784309, 1796061784000, 1, 1, 0, 0, 0, 0, NULL, NULL);
INSERT INTO price VALUES (1, 'acme.ultra-v1', NULL, NULL, 'operator', 1795975384467, 2000000, 8000000, NULL, NULL, NULL, '', 'its page', 'in-force', NULL, 1796061784470, 'operator:workflowctl', 1796061784470);
INSERT INTO priceRevision VALUES (1, 1);
INSERT INTO usageHour VALUES (498906, 1, 3, 2, 4, 1, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 4500000, 0);
INSERT INTO usageHourTotal VALUES (498906, 3, 2, 4, 1, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 4500000, 0);
INSERT INTO usageTotal VALUES (3, 2, 4, 1, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 4500000, 0);
INSERT INTO tally VALUES ('audit', 'activity.created', 1);
INSERT INTO tally VALUES ('audit', 'budget.changed', 1);
INSERT INTO tally VALUES ('audit', 'budget.created', 3);
INSERT INTO tally VALUES ('audit', 'key.created', 1);
INSERT INTO tally VALUES ('audit', 'price.set', 1);
INSERT INTO tally VALUES ('audit', 'principal.protected', 1);
INSERT INTO tally VALUES ('audit', 'stateMachine.created', 6);
INSERT INTO tally VALUES ('audit', 'version.published', 5);
INSERT INTO tally VALUES ('audit', 'workflows.loaded', 1);
INSERT INTO tally VALUES ('dead-letter', 'execution', 2);
INSERT INTO tally VALUES ('ingest', 'new-principal', 1);
INSERT INTO tally VALUES ('ingest', 'received', 1);
INSERT INTO tally VALUES ('ingest', 'recorded', 1);
INSERT INTO tally VALUES ('notice', 'protection-changed', 1);
INSERT INTO executionTally VALUES (5, 1, 0, 2, 0);
INSERT INTO executionTally VALUES (6, 2, 0, 2, 0);
INSERT INTO formerMembership VALUES (1, 1, NULL, 1, 1796061784347, 1);
INSERT INTO spendingByTag VALUES (1, 'purpose', '', 1, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 4500000, 0);
INSERT INTO spendingByTag VALUES (2, 'team', '', 1, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 4500000, 0);
INSERT INTO spendingByTag VALUES (3, 'tier', '', 1, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 4500000, 0);
INSERT INTO tagSet VALUES (1, '', '', '');
INSERT INTO usageHourByTag VALUES (498906, 1, 3, 2, 4, 1, 0, 0, 0, 1000, 100, 0, 0, 0, 0, 4500000, 0);
INSERT INTO offeredTask VALUES ('nobody', 1796061783207, 3, 3, '{"n":0}');
INSERT INTO offeredTask VALUES ('nobody', 1796061783209, 4, 3, '{"n":1}');
CREATE INDEX executionByWorkflow ON execution (workflow, status, startedAt) WHERE workflow IS NOT NULL;
CREATE INDEX deadLetterByStatus ON deadLetter (status);
CREATE INDEX deadLetterByKind ON deadLetter (kind, status);
CREATE INDEX deadLetterByExecution ON deadLetter (execution) WHERE execution IS NOT NULL;
CREATE INDEX deadLetterDue ON deadLetter (nextRedrive) WHERE status = 'open' AND nextRedrive IS NOT NULL;
CREATE INDEX auditBySubject ON audit (subject);
CREATE INDEX budgetExceeded ON budget (name) WHERE spent >= limitNanos AND spent > 0;
CREATE INDEX budgetByPeriodEnd ON budget (periodEnd);
CREATE INDEX budgetByStatus ON budget (status, name);
CREATE INDEX budgetBySuspension ON budget (suspensionStartedAt) WHERE suspensionStartedAt IS NOT NULL;
CREATE INDEX policyBackupOpen ON policyBackup (principal, id) WHERE consumedAt IS NULL;
CREATE INDEX outboxDue ON outboxItem (nextTry, id) WHERE status = 'waiting';
CREATE INDEX nestedByParent ON nestedExecution (parent);
CREATE INDEX mapRunByLabel ON mapRun (label);
CREATE INDEX mapRunByExecution ON mapRun (execution);
CREATE UNIQUE INDEX accessKeyByName ON accessKey (name) WHERE revokedAt IS NULL;
CREATE INDEX outboxItemByNotice ON outboxItem (notice);
CREATE INDEX principalByTeam ON principal (team, id) WHERE team IS NOT NULL;
CREATE INDEX budgetByPrincipal ON budget (principal);
CREATE INDEX budgetHeld ON budget (name) WHERE block IS NOT NULL OR protection IS NOT NULL;
CREATE INDEX furtherBudgetByScope ON furtherBudget (scope, name);
CREATE INDEX furtherBudgetExceeded ON furtherBudget (name) WHERE spent >= limitAmount AND spent > 0;
CREATE INDEX furtherBudgetByPeriodEnd ON furtherBudget (periodEnd);
CREATE INDEX ingestCursorByTime ON ingestCursor (source, movedAt);
CREATE INDEX trailEventByTime ON trailEvent (at);
CREATE INDEX sightingByTime ON sighting (lastAt);
CREATE INDEX priceByStatus ON price (status, id);
CREATE INDEX modelNameUnresolved ON modelName (name) WHERE model IS NULL;
CREATE INDEX usageCorrectionByUsage ON usageCorrection (usage, id);
CREATE VIEW usageCharge AS
SELECT usage.*,
    usage.amount + coalesce(
        (SELECT sum(c.amount) FROM usageCorrection AS c WHERE c.usage = usage.id), 0) AS charge,
    coalesce(
        (SELECT c.basis FROM usageCorrection AS c WHERE c.usage = usage.id ORDER BY c.id DESC LIMIT 1),
        usage.basis) AS chargeBasis
FROM usage;
CREATE INDEX budgetAnnounced ON budget (announced) WHERE announced > 0;
CREATE INDEX scheduleFireByTime ON scheduleFire (firedAt);
CREATE INDEX unreadableUsageByTime ON unreadableUsage (at);
CREATE INDEX batchJobUnattributed ON batchJob (endedAt) WHERE creator IS NULL;
CREATE INDEX agentRuntimeByRole ON agentRuntime (role, id) WHERE deletedAt IS NULL;
CREATE INDEX formerMembershipByPrincipal ON formerMembership (principal, id);
CREATE INDEX usageLabelByEnd ON usageLabel (keptTo) WHERE keptTo IS NOT NULL;
CREATE INDEX executionByMachine ON execution (stateMachine, status, parked, startedAt);
CREATE TRIGGER stateMachineVersionIsPinned BEFORE UPDATE ON stateMachineVersion
BEGIN SELECT raise(ABORT, 'a state machine version never changes'); END;
CREATE TRIGGER journalIsAppendOnly BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'a journal record never changes'); END;
CREATE TRIGGER auditKeepsAll BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'an audit entry is never removed'); END;
CREATE TRIGGER usageStays BEFORE UPDATE ON usage
BEGIN SELECT raise(ABORT, 'a use that was charged never changes'); END;
CREATE TRIGGER policyBackupStays BEFORE UPDATE OF principal, snapshot, hash, takenAt ON policyBackup
BEGIN SELECT raise(ABORT, 'a policy backup never changes'); END;
CREATE TRIGGER auditIsAppendOnly BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'an audit entry never changes'); END;
CREATE TRIGGER auditIsChained BEFORE INSERT ON audit WHEN length(new.hash) <> 32
BEGIN SELECT raise(ABORT, 'an audit entry has a hash'); END;
CREATE TRIGGER auditAnchorFollows BEFORE UPDATE ON auditAnchor
WHEN new.count <> old.count + 1 OR new.last <= old.last
BEGIN SELECT raise(ABORT, 'the audit anchor moves on by one entry'); END;
CREATE TRIGGER auditAnchorStays BEFORE DELETE ON auditAnchor
BEGIN SELECT raise(ABORT, 'the audit anchor is never removed'); END;
CREATE TRIGGER priceStays
BEFORE UPDATE OF model, geography, region, origin, effectiveFrom, input, output, cacheRead, cacheWrite5m,
    cacheWrite1h, words, source, recordedAt, recordedBy ON price
BEGIN SELECT raise(ABORT, 'the terms of a price never change'); END;
CREATE TRIGGER usageCorrectionStays BEFORE UPDATE ON usageCorrection
BEGIN SELECT raise(ABORT, 'a correction never changes'); END;
CREATE TRIGGER auditIsCounted AFTER INSERT ON audit BEGIN
    INSERT INTO tally (kind, key, count) VALUES ('audit', new.action, 1)
    ON CONFLICT (kind, key) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER noticeIsCounted AFTER INSERT ON notice BEGIN
    INSERT INTO tally (kind, key, count) VALUES ('notice', new.kind, 1)
    ON CONFLICT (kind, key) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER deadLetterIsCounted AFTER INSERT ON deadLetter BEGIN
    INSERT INTO tally (kind, key, count) VALUES ('dead-letter', new.kind, 1)
    ON CONFLICT (kind, key) DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER executionEndIsCounted AFTER UPDATE OF status ON execution
WHEN new.status <> 0 AND old.status = 0 BEGIN
    INSERT INTO executionTally (stateMachine, status, bucket, count, milliseconds)
    VALUES (new.stateMachine, new.status, CASE WHEN new.stoppedAt - new.startedAt <= 1000 THEN 0 WHEN new.stoppedAt - new.startedAt <= 10000 THEN 1 WHEN new.stoppedAt - new.startedAt <= 60000 THEN 2 WHEN new.stoppedAt - new.startedAt <= 300000 THEN 3 WHEN new.stoppedAt - new.startedAt <= 900000 THEN 4 WHEN new.stoppedAt - new.startedAt <= 3600000 THEN 5 WHEN new.stoppedAt - new.startedAt <= 86400000 THEN 6 ELSE 7 END, 1, max(0, new.stoppedAt - new.startedAt))
    ON CONFLICT (stateMachine, status, bucket) DO UPDATE
    SET count = count + 1, milliseconds = milliseconds + excluded.milliseconds;
END;
COMMIT;
