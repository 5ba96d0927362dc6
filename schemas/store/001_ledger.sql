-- The ledger: everything that was read, paid for or decided. One writer; readers open it read-only.
-- Names of the numbers in columns lane, verdict, outcome, state, reason, trust, finish and
-- thought_field are in the table `names`; the views at the end show them as text.

CREATE TABLE runs (
    run        INTEGER PRIMARY KEY,        -- also the epoch: attempts of a run are numbered run * 2^32 + i
    started_ms INTEGER NOT NULL,
    ended_ms   INTEGER,                    -- NULL: still going, or killed
    ending     TEXT NOT NULL DEFAULT '',   -- a sentence
    exit       INTEGER,
    host       TEXT NOT NULL,
    pid        INTEGER NOT NULL,
    version    TEXT NOT NULL,
    recipe     INTEGER NOT NULL REFERENCES recipes,
    rules      INTEGER NOT NULL REFERENCES rules,
    project    TEXT NOT NULL               -- the project as JSON, without secrets
) STRICT;

CREATE TABLE recipes (
    recipe INTEGER PRIMARY KEY,
    id     BLOB NOT NULL UNIQUE,
    text   TEXT NOT NULL
) STRICT;

CREATE TABLE rules (
    rules INTEGER PRIMARY KEY,
    id    BLOB NOT NULL UNIQUE,
    text  TEXT NOT NULL
) STRICT;

CREATE TABLE endpoints (
    endpoint INTEGER PRIMARY KEY,
    role     TEXT NOT NULL,
    url      TEXT NOT NULL,
    model    TEXT NOT NULL,
    UNIQUE (role, url, model)
) STRICT;

CREATE TABLE files (
    file     INTEGER PRIMARY KEY,
    path     TEXT NOT NULL UNIQUE,
    size     INTEGER NOT NULL DEFAULT -1,  -- these three: what the file looked like when it was last
    mtime_ns INTEGER NOT NULL DEFAULT -1,  -- read to its end; an unchanged file is not read again
    inode    INTEGER NOT NULL DEFAULT -1,
    options  TEXT NOT NULL DEFAULT '',     -- format and trust it was read with
    scan     INTEGER NOT NULL DEFAULT 0,   -- number of the last reading
    lines    INTEGER NOT NULL DEFAULT 0,
    invalid  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE quarantine (
    file   INTEGER NOT NULL REFERENCES files,
    line   INTEGER NOT NULL,
    reason TEXT NOT NULL,
    head   TEXT NOT NULL,                  -- the line's beginning, made safe for a terminal
    PRIMARY KEY (file, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE seeds (
    seed        INTEGER PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE,      -- hash of prompt, responses, answer
    name        TEXT NOT NULL,             -- the user's own id, '' when there is none
    file        INTEGER NOT NULL REFERENCES files,
    line        INTEGER NOT NULL,
    scan        INTEGER NOT NULL,          -- the last reading of the file that met it
    importer    TEXT NOT NULL,
    group_name  TEXT NOT NULL,
    domain      TEXT NOT NULL,
    source      TEXT NOT NULL,
    language    TEXT NOT NULL,
    eval_set    TEXT NOT NULL,             -- name of the evaluation set it belongs to, '' for none
    prompt      TEXT NOT NULL,             -- JSON list of messages
    prompt_hash INTEGER NOT NULL,          -- 64 bits: the same prompt never stands on two sides of a split
    answer      TEXT NOT NULL,
    reference   TEXT NOT NULL,
    rubric      TEXT NOT NULL,
    meta        TEXT NOT NULL              -- JSON as it was given, '' for none
) STRICT;
CREATE INDEX seeds_by_name ON seeds (name) WHERE name <> '';

CREATE TABLE responses (
    response INTEGER PRIMARY KEY,
    seed     INTEGER NOT NULL REFERENCES seeds,
    rank     INTEGER NOT NULL,             -- 0: best
    author   TEXT NOT NULL,
    messages TEXT NOT NULL                 -- JSON list of messages
) STRICT;
CREATE INDEX responses_by_seed ON responses (seed);

CREATE TABLE pairs (
    pair     INTEGER PRIMARY KEY,
    id       BLOB NOT NULL UNIQUE,
    seed     INTEGER NOT NULL REFERENCES seeds,
    chosen   INTEGER NOT NULL REFERENCES responses,
    rejected INTEGER NOT NULL REFERENCES responses,
    trust    INTEGER NOT NULL,
    evidence TEXT NOT NULL,                -- JSON: how we know which one is better
    state    INTEGER NOT NULL DEFAULT 0,
    decision INTEGER REFERENCES decisions  -- the one in force
) STRICT;
CREATE INDEX pairs_open ON pairs (pair) WHERE state = 0;
CREATE INDEX pairs_deferred ON pairs (pair) WHERE state = 3;
CREATE INDEX pairs_by_seed ON pairs (seed);

-- One whole answer of an endpoint; its text stands in `texts` so that counting stays quick.
CREATE TABLE calls (
    call              INTEGER PRIMARY KEY,
    pair              INTEGER NOT NULL REFERENCES pairs,
    recipe            INTEGER NOT NULL REFERENCES recipes,
    lane              INTEGER NOT NULL,
    k                 INTEGER NOT NULL,
    step              INTEGER NOT NULL,
    attempt           INTEGER NOT NULL,
    endpoint          INTEGER NOT NULL REFERENCES endpoints,
    http_status       INTEGER NOT NULL,
    finish            INTEGER NOT NULL,
    thought_field     INTEGER NOT NULL,
    model             TEXT NOT NULL,
    request_id        TEXT NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    reasoning_tokens  INTEGER NOT NULL,
    cached_tokens     INTEGER NOT NULL,
    latency_ms        INTEGER NOT NULL,
    first_byte_ms     INTEGER NOT NULL,
    finished_ms       INTEGER NOT NULL,
    UNIQUE (pair, recipe, lane, k, step)
) STRICT;

CREATE TABLE texts (
    call    INTEGER PRIMARY KEY REFERENCES calls,
    thought TEXT NOT NULL,
    answer  TEXT NOT NULL
) STRICT;

CREATE TABLE rollouts (
    pair    INTEGER NOT NULL REFERENCES pairs,
    recipe  INTEGER NOT NULL REFERENCES recipes,
    lane    INTEGER NOT NULL,
    k       INTEGER NOT NULL,
    call    INTEGER NOT NULL REFERENCES calls, -- the last one, where the verdict stands
    verdict INTEGER NOT NULL,
    outcome INTEGER NOT NULL,
    filter  TEXT NOT NULL DEFAULT '',          -- the filter that rejected it, under the rules in force
    PRIMARY KEY (pair, recipe, lane, k)
) STRICT, WITHOUT ROWID;

-- Only ever added to; pairs.decision names the one in force.
CREATE TABLE decisions (
    decision   INTEGER PRIMARY KEY,
    pair       INTEGER NOT NULL REFERENCES pairs,
    recipe     INTEGER NOT NULL REFERENCES recipes,
    rules      INTEGER NOT NULL REFERENCES rules,
    run        INTEGER NOT NULL REFERENCES runs,
    state      INTEGER NOT NULL,
    reason     INTEGER NOT NULL,
    detail     TEXT NOT NULL,                  -- e.g. the filter's name, or the failure's sentence
    decided_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX decisions_by_pair ON decisions (pair);

CREATE TABLE workers (
    uid          TEXT PRIMARY KEY,
    host         TEXT NOT NULL,
    pid          INTEGER NOT NULL,
    slots        INTEGER NOT NULL,
    local        INTEGER NOT NULL,
    in_flight    INTEGER NOT NULL,
    done         INTEGER NOT NULL,
    connected_ms INTEGER NOT NULL,
    seen_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Kept up to date in the transaction of whatever they count, so that nobody scans for them.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE names (
    kind TEXT NOT NULL,
    code INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (kind, code)
) STRICT, WITHOUT ROWID;

-- Documented questions, for any SQLite tool.
CREATE VIEW v_pairs AS
SELECT p.pair, lower(hex(p.id)) AS pair_id, s.name AS seed_name, s.domain, s.source,
       s.group_name AS "group", (SELECT name FROM names WHERE kind = 'trust' AND code = p.trust) AS trust,
       (SELECT name FROM names WHERE kind = 'state' AND code = p.state) AS state,
       (SELECT name FROM names WHERE kind = 'reason' AND code = d.reason) AS reason, d.detail
FROM pairs p JOIN seeds s ON s.seed = p.seed LEFT JOIN decisions d ON d.decision = p.decision;

CREATE VIEW v_rollouts AS
SELECT r.pair, lower(hex(p.id)) AS pair_id,
       (SELECT name FROM names WHERE kind = 'lane' AND code = r.lane) AS "order", r.k AS rollout,
       (SELECT name FROM names WHERE kind = 'verdict' AND code = r.verdict) AS verdict,
       (SELECT name FROM names WHERE kind = 'outcome' AND code = r.outcome) AS outcome,
       r.filter, c.prompt_tokens, c.completion_tokens, c.latency_ms, c.model, r.recipe, r.call
FROM rollouts r JOIN pairs p ON p.pair = r.pair JOIN calls c ON c.call = r.call;

CREATE VIEW v_traces AS
SELECT v.*, t.thought, t.answer FROM v_rollouts v JOIN texts t ON t.call = v.call;
