-- Rollouts of several calls, scores, seats, what the probe found.

ALTER TABLE runs ADD COLUMN seats TEXT NOT NULL DEFAULT '';      -- JSON: kind, model, recipe of each
ALTER TABLE runs ADD COLUMN abilities TEXT NOT NULL DEFAULT '';  -- JSON: what the probe found

ALTER TABLE calls ADD COLUMN ask INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN format INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN verdict INTEGER NOT NULL DEFAULT -1; -- of the rollout after this call; -1: see its rollout
ALTER TABLE calls ADD COLUMN first INTEGER NOT NULL DEFAULT -1;   -- of its first call; -1: likewise
ALTER TABLE calls ADD COLUMN score_a INTEGER NOT NULL DEFAULT -1; -- hundredths; -1: none
ALTER TABLE calls ADD COLUMN score_b INTEGER NOT NULL DEFAULT -1;
ALTER TABLE calls ADD COLUMN trace_tokens INTEGER NOT NULL DEFAULT 0;
ALTER TABLE calls ADD COLUMN filter TEXT NOT NULL DEFAULT '';     -- as the worker saw it; the rollout's is in force

ALTER TABLE texts ADD COLUMN segments TEXT NOT NULL DEFAULT '';   -- JSON: who wrote what; '' : all is this call's

ALTER TABLE rollouts ADD COLUMN score_a INTEGER NOT NULL DEFAULT -1;
ALTER TABLE rollouts ADD COLUMN score_b INTEGER NOT NULL DEFAULT -1;
ALTER TABLE rollouts ADD COLUMN first INTEGER NOT NULL DEFAULT -1; -- verdict before any cue; -1: there was none
ALTER TABLE rollouts ADD COLUMN cues INTEGER NOT NULL DEFAULT 0;   -- how many calls went on with it
