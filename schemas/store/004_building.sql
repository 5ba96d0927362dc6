-- Pairs that are built here: where each seed stands, every answer that was sampled, what it is worth.

ALTER TABLE seeds ADD COLUMN build INTEGER NOT NULL DEFAULT 0;        -- see `names`, kind build
ALTER TABLE seeds ADD COLUMN build_reason INTEGER NOT NULL DEFAULT 0; -- kind build_reason
ALTER TABLE seeds ADD COLUMN build_detail TEXT NOT NULL DEFAULT '';
ALTER TABLE seeds ADD COLUMN build_rules BLOB;                        -- fingerprint that the end was decided under
ALTER TABLE seeds ADD COLUMN build_recipe INTEGER REFERENCES recipes;
-- Answers that came with a seed and make no pair (a tie, say) are no prompt to be answered.
UPDATE seeds SET build = 1 WHERE NOT EXISTS (SELECT 1 FROM responses r WHERE r.seed = seeds.seed);
CREATE INDEX seeds_to_build ON seeds (seed) WHERE build = 1;
CREATE INDEX seeds_ended ON seeds (seed, build, build_rules) WHERE build_rules IS NOT NULL;
INSERT INTO counters SELECT 'builds.open', count(*) FROM seeds WHERE build = 1 HAVING count(*) > 0;

-- One whole answer of a generator: what `calls` is for pairs.
CREATE TABLE samples (
    sample            INTEGER PRIMARY KEY,
    seed              INTEGER NOT NULL REFERENCES seeds,
    recipe            INTEGER NOT NULL REFERENCES recipes,
    lane              INTEGER NOT NULL,
    k                 INTEGER NOT NULL,
    attempt           INTEGER NOT NULL,
    endpoint          INTEGER NOT NULL REFERENCES endpoints,
    http_status       INTEGER NOT NULL,
    finish            INTEGER NOT NULL,
    thought_field     INTEGER NOT NULL,
    unclosed          INTEGER NOT NULL,  -- its thought never ended
    model             TEXT NOT NULL,
    request_id        TEXT NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    reasoning_tokens  INTEGER NOT NULL,
    cached_tokens     INTEGER NOT NULL,
    latency_ms        INTEGER NOT NULL,
    first_byte_ms     INTEGER NOT NULL,
    finished_ms       INTEGER NOT NULL,
    thought           TEXT NOT NULL,
    answer            TEXT NOT NULL,
    UNIQUE (seed, recipe, lane, k)
) STRICT;

-- What a sample is worth, under the rules that were in force when it was looked at last.
CREATE TABLE checks (
    sample         INTEGER PRIMARY KEY REFERENCES samples,
    rules          BLOB NOT NULL,
    mark           INTEGER NOT NULL,
    strict         INTEGER NOT NULL,      -- verdict of the strict check: 0 unknown, 1 equal, 2 different
    lenient        INTEGER NOT NULL,
    final          TEXT NOT NULL,         -- its final answer; modified: the changed prompt
    answer         TEXT NOT NULL,         -- modified: the answer to it; '': the whole sample
    why            TEXT NOT NULL,
    prompt_overlap REAL NOT NULL,         -- modified: words shared by the two prompts, and by the two
    answer_overlap REAL NOT NULL          -- answers, as a share of all their words; -1: not measured
) STRICT;

ALTER TABLE responses ADD COLUMN sample INTEGER REFERENCES samples;

-- Documented questions, for any SQLite tool.
CREATE VIEW v_samples AS
SELECT a.sample, a.seed, lower(hex(s.id)) AS seed_id,
       (SELECT name FROM names WHERE kind = 'lane' AND code = a.lane) AS lane, a.k,
       (SELECT name FROM names WHERE kind = 'mark' AND code = coalesce(c.mark, 0)) AS mark,
       (SELECT name FROM names WHERE kind = 'check' AND code = c.strict) AS strict,
       (SELECT name FROM names WHERE kind = 'check' AND code = c.lenient) AS lenient,
       c.final, c.why, iif(c.prompt_overlap < 0, NULL, c.prompt_overlap) AS prompt_overlap,
       iif(c.answer_overlap < 0, NULL, c.answer_overlap) AS answer_overlap,
       (SELECT name FROM names WHERE kind = 'finish' AND code = a.finish) AS finish,
       a.prompt_tokens, a.completion_tokens, a.latency_ms, q.model, a.recipe, a.thought, a.answer
FROM samples a JOIN seeds s ON s.seed = a.seed JOIN recipes q ON q.recipe = a.recipe
     LEFT JOIN checks c ON c.sample = a.sample;

CREATE VIEW v_builds AS
SELECT s.seed, lower(hex(s.id)) AS seed_id, s.name AS seed_name, s.source,
       (SELECT name FROM names WHERE kind = 'build' AND code = s.build) AS build,
       (SELECT name FROM names WHERE kind = 'build_reason' AND code = s.build_reason) AS reason,
       s.build_detail AS detail, s.answer,
       (SELECT count(*) FROM samples a WHERE a.seed = s.seed) AS samples,
       (SELECT count(*) FROM pairs p WHERE p.seed = s.seed) AS pairs
FROM seeds s WHERE s.build > 0;
