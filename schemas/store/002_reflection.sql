-- Rollouts of several calls, scores, seats, what the probe found.

ALTER TABLE runs ADD COLUMN seats TEXT NOT NULL DEFAULT '';      -- JSON: kind, model, recipe of each
ALTER TABLE runs ADD COLUMN abilities TEXT NOT NULL DEFAULT '';  -- JSON: what the probe found

ALTER TABLE recipes ADD COLUMN kind INTEGER NOT NULL DEFAULT 0;  -- of its seat: 0 teacher, see `names`
ALTER TABLE recipes ADD COLUMN model TEXT NOT NULL DEFAULT '';   -- '': see its text

ALTER TABLE calls ADD COLUMN ask INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN format INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN verdict INTEGER NOT NULL DEFAULT -1; -- of the rollout after this call; -1: see its rollout
ALTER TABLE calls ADD COLUMN first INTEGER NOT NULL DEFAULT -1;   -- of its first call; -1: likewise
ALTER TABLE calls ADD COLUMN score_a INTEGER NOT NULL DEFAULT -1; -- hundredths; -1: none
ALTER TABLE calls ADD COLUMN score_b INTEGER NOT NULL DEFAULT -1;
ALTER TABLE calls ADD COLUMN trace_tokens INTEGER NOT NULL DEFAULT 0; -- 0: those of this call
ALTER TABLE calls ADD COLUMN filter TEXT NOT NULL DEFAULT '';     -- as the worker saw it; the rollout's is in force

ALTER TABLE texts ADD COLUMN segments TEXT NOT NULL DEFAULT '';   -- JSON: who wrote what; '' : all is this call's

ALTER TABLE rollouts ADD COLUMN score_a INTEGER NOT NULL DEFAULT -1;
ALTER TABLE rollouts ADD COLUMN score_b INTEGER NOT NULL DEFAULT -1;
ALTER TABLE rollouts ADD COLUMN first INTEGER NOT NULL DEFAULT -1; -- verdict before any cue; -1: there was none
ALTER TABLE rollouts ADD COLUMN cues INTEGER NOT NULL DEFAULT 0;   -- how many calls went on with it

-- How the pair's rollouts under the deciding recipe stood when it was decided.
ALTER TABLE decisions ADD COLUMN correct INTEGER NOT NULL DEFAULT 0;  -- and rejected by no filter
ALTER TABLE decisions ADD COLUMN finished INTEGER NOT NULL DEFAULT 0;
UPDATE decisions SET (correct, finished) =
    (SELECT count(*) FILTER (WHERE r.outcome = 0 AND r.filter = ''), count(*) FROM rollouts r
     WHERE r.pair = decisions.pair AND r.recipe = decisions.recipe);

-- How many pairs are accepted, by kind; kept up to date like `counters`.
CREATE TABLE accepted (
    trust    INTEGER NOT NULL,
    domain   TEXT NOT NULL,
    source   TEXT NOT NULL,
    correct  INTEGER NOT NULL,
    finished INTEGER NOT NULL,
    pairs    INTEGER NOT NULL,
    PRIMARY KEY (trust, domain, source, correct, finished)
) STRICT, WITHOUT ROWID;
INSERT INTO accepted
SELECT p.trust, s.domain, s.source, d.correct, d.finished, count(*)
FROM pairs p JOIN seeds s ON s.seed = p.seed JOIN decisions d ON d.decision = p.decision
WHERE p.state = 1 GROUP BY 1, 2, 3, 4, 5;

-- Until now only teachers were asked.
INSERT INTO counters SELECT 'calls.kind.teacher', value FROM counters WHERE name = 'calls.done';
INSERT INTO counters SELECT 'cost.kind.teacher', value FROM counters WHERE name = 'cost.nano_usd';
INSERT INTO counters SELECT 'tokens.kind.teacher.' || substr(name, 8), value FROM counters
WHERE name IN ('tokens.prompt', 'tokens.completion');
INSERT INTO counters SELECT 'rollouts.kind.teacher.' || substr(name, 10), value FROM counters
WHERE name IN ('rollouts.correct', 'rollouts.incorrect', 'rollouts.tie', 'rollouts.no_verdict');

-- Documented questions, for any SQLite tool: scores in points, NULL for none.
DROP VIEW v_traces;
DROP VIEW v_rollouts;

CREATE VIEW v_rollouts AS
SELECT r.pair, lower(hex(p.id)) AS pair_id,
       (SELECT name FROM names WHERE kind = 'seat' AND code = q.kind) AS seat,
       (SELECT name FROM names WHERE kind = 'lane' AND code = r.lane) AS "order", r.k AS rollout,
       (SELECT name FROM names WHERE kind = 'format' AND code = c.format) AS format,
       (SELECT name FROM names WHERE kind = 'verdict' AND code = r.verdict) AS verdict,
       (SELECT name FROM names WHERE kind = 'outcome' AND code = r.outcome) AS outcome,
       iif(r.score_a < 0, NULL, r.score_a / 100.0) AS score_a,
       iif(r.score_b < 0, NULL, r.score_b / 100.0) AS score_b,
       (SELECT name FROM names WHERE kind = 'verdict' AND code = iif(r.first < 0, r.verdict, r.first)) AS first,
       r.cues, r.filter, c.prompt_tokens, c.completion_tokens,
       iif(c.trace_tokens > 0, c.trace_tokens, c.completion_tokens) AS trace_tokens,
       c.latency_ms, c.model, r.recipe, r.call
FROM rollouts r JOIN pairs p ON p.pair = r.pair JOIN calls c ON c.call = r.call
     JOIN recipes q ON q.recipe = r.recipe;

CREATE VIEW v_traces AS
SELECT v.*, t.thought, t.answer, t.segments FROM v_rollouts v JOIN texts t ON t.call = v.call;

-- Every call, those in the middle of a rollout too; verdict: of the rollout after this call.
CREATE VIEW v_calls AS
SELECT c.call, c.pair, lower(hex(p.id)) AS pair_id,
       (SELECT name FROM names WHERE kind = 'seat' AND code = q.kind) AS seat,
       (SELECT name FROM names WHERE kind = 'lane' AND code = c.lane) AS "order", c.k AS rollout, c.step,
       (SELECT name FROM names WHERE kind = 'ask' AND code = c.ask) AS ask,
       (SELECT name FROM names WHERE kind = 'format' AND code = c.format) AS format,
       (SELECT name FROM names WHERE kind = 'verdict' AND code = iif(c.verdict < 0, r.verdict, c.verdict)) AS verdict,
       iif(c.score_a < 0, NULL, c.score_a / 100.0) AS score_a,
       iif(c.score_b < 0, NULL, c.score_b / 100.0) AS score_b,
       (SELECT name FROM names WHERE kind = 'finish' AND code = c.finish) AS finish,
       c.prompt_tokens, c.completion_tokens, c.reasoning_tokens, c.cached_tokens, c.latency_ms,
       c.first_byte_ms, c.finished_ms, c.model, e.url, c.http_status, c.recipe, r.call IS c.call AS is_last
FROM calls c JOIN pairs p ON p.pair = c.pair JOIN recipes q ON q.recipe = c.recipe
     JOIN endpoints e ON e.endpoint = c.endpoint
     LEFT JOIN rollouts r ON r.pair = c.pair AND r.recipe = c.recipe AND r.lane = c.lane AND r.k = c.k;

-- What cues did: finished rollouts by what they said before the first cue and at their end. The
-- outcomes are those of the verdicts alone; one half of a pointwise judgment is pending.
CREATE VIEW v_flips AS
WITH said AS (
    SELECT r.recipe, r.cues, r.lane, iif(r.first < 0, r.verdict, r.first) AS first, r.verdict AS last
    FROM rollouts r
), meant AS (
    SELECT recipe, cues,
           CASE WHEN first = 11 THEN 4 WHEN first = 2 THEN 2 WHEN first > 2 OR lane > 1 THEN 3
                ELSE first <> lane END AS first,
           CASE WHEN last = 11 THEN 4 WHEN last = 2 THEN 2 WHEN last > 2 OR lane > 1 THEN 3
                ELSE last <> lane END AS last
    FROM said
)
SELECT m.recipe, (SELECT name FROM names WHERE kind = 'seat' AND code = q.kind) AS seat,
       (SELECT name FROM names WHERE kind = 'outcome' AND code = m.first) AS first,
       (SELECT name FROM names WHERE kind = 'outcome' AND code = m.last) AS last,
       m.cues, count(*) AS rollouts
FROM meant m JOIN recipes q ON q.recipe = m.recipe
GROUP BY m.recipe, m.first, m.last, m.cues;
