-- Several pairs of one seed, kinds of answers, and what became of the rows of each file.

ALTER TABLE seeds ADD COLUMN answer_kind TEXT NOT NULL DEFAULT '';  -- math, number, choice, text, regex, exec; '': the project's

-- How many rows of the file the bad record was read from: several for records of several rows, or for
-- several records on one line.
ALTER TABLE quarantine ADD COLUMN rows INTEGER NOT NULL DEFAULT 1;

-- Of the last reading; the rows of a file add up to files.lines.
CREATE TABLE imports (
    file     INTEGER NOT NULL REFERENCES files,
    importer TEXT NOT NULL,            -- '' when no format was recognised
    reason   TEXT NOT NULL,            -- 'paired', 'invalid', or why there is no pair
    rows     INTEGER NOT NULL,
    PRIMARY KEY (file, importer, reason)
) STRICT, WITHOUT ROWID;

-- Documented question, for any SQLite tool.
CREATE VIEW v_imports AS
SELECT f.path, i.importer, i.reason, i.rows FROM imports i JOIN files f ON f.file = i.file;
