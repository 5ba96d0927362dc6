"""Checks of a store and a release against the teacher's log; `t` is the test that asks."""
import collections
import json
import os
import sqlite3

from gavel_e2e import digest
from referee import counts
from referee_prompt import TRACE


def gold(order):
    return {"chosen_first": "A", "rejected_first": "B", "chosen_only": "chosen",
            "rejected_only": "rejected"}[order]


def outcomes_of(ledger):
    return collections.Counter(ledger.outcome(r) for r in ledger.all())


def traces(project, seat="teacher"):
    """Every finished rollout of a seat: as a dict of its columns in v_traces."""
    names = ("pair_id", "order", "rollout", "format", "verdict", "outcome", "first", "cues",
             "filter", "thought", "answer", "segments")
    columns = ", ".join(f'"{name}"' for name in names)
    return [dict(zip(names, row)) for row in
            project.query(f"SELECT {columns} FROM v_traces WHERE seat = ?", seat)]


def stored_traces(project):
    """The names of all traces that are stored by now."""
    try:
        return {name for (thought,) in project.query("SELECT thought FROM texts")
                for name in TRACE.findall(thought)}
    except sqlite3.OperationalError:  # there is no store yet
        return set()


def stored_calls(project, log):
    """Of each stored call the answer of the log that is stored: it is known by what its thought is
    called, or, when it says nothing that has a name, by its place in the rollout."""
    rollouts = {}
    for thought, step in project.query("SELECT t.thought, c.step FROM calls c "
                                       "JOIN texts t ON t.call = c.call"):
        names = TRACE.findall(thought)
        rollouts.setdefault(names[0], {})[step] = names
    kept = []
    for root, steps in rollouts.items():
        chain = {}  # the requests of the rollout in the order of their steps: their answers
        for call in sorted((c for c in log if c.whole and c.root == root),
                           key=lambda c: c.received):
            chain.setdefault(call.body, []).append(call)
        for step, names in steps.items():
            calls = list(chain.values())[step]
            kept.append(next((c for c in calls if c.trace in names), calls[-1]))
    return kept


def match_halves(project, ledger):
    """Which halves of pointwise judgments belong together, only the store knows."""
    if ledger.one:
        ledger.match({TRACE.search(row["thought"]).group(): row["rollout"]
                      for row in traces(project)})


def check_fates(t, project, teacher, ledger):
    """Every pair has the fate that the log implies."""
    states = project.states()
    match_halves(project, ledger)
    t.assertEqual(teacher.strays, [], "a prompt that shows no pair of the seeds")
    t.assertEqual([key[0][:80] for key in set(states) ^ set(ledger.answers)], [],
                  "pairs that are only in the store, or were only judged")
    t.assertLessEqual(ledger.most_of_one_order(), ledger.n, "distinct requests of one order")
    for fate in ("accepted", "rejected", "undecided"):
        stored = {key for key, (state, _) in states.items() if state == fate}
        t.assertEqual(stored, ledger.with_fate(fate), fate)
    t.assertEqual(project.query("PRAGMA integrity_check"), [("ok",)])


def check_store(t, project, teacher, ledger):
    """Every pair has the fate that the log implies, and every count is the log's."""
    check_fates(t, project, teacher, ledger)
    t.assertEqual(project.query("SELECT count(*) FROM calls")[0][0], ledger.calls())
    t.assertEqual(project.query("SELECT count(*) FROM calls c JOIN texts t ON t.call = c.call "
                                "JOIN rollouts r ON r.call = c.call")[0][0], len(ledger.all()))
    stored = dict(project.query("SELECT outcome, count(*) FROM v_rollouts GROUP BY 1"))
    t.assertEqual(stored, dict(outcomes_of(ledger)))
    loops = sum(r.loop and r.said is not None for r in ledger.all()) if ledger.filters else 0
    t.assertEqual(project.query("SELECT count(*) FROM rollouts WHERE filter = 'repetition'"),
                  [(loops,)], "rollouts that a filter rejected")
    idle = sum(not r.new and r.said is not None and not (ledger.filters and r.loop)
               for r in ledger.all())
    t.assertEqual(project.query("SELECT count(*) FROM rollouts WHERE filter = 'reflection'"),
                  [(idle,)], "rollouts that said nothing new after a cue")


def check_joints(t, row, rollout, cues):
    """A rollout of several calls: its segments are what each of them said, cues between them."""
    texts = {False: row["thought"].encode(), True: row["answer"].encode()}
    if len(rollout.calls) == 1:
        t.assertEqual(row["thought"], rollout.first.thought)
        return
    given, told, said = [], [], []
    for s in json.loads(row["segments"]):
        whole = texts[s["part"] == "answer"]
        text, texts[s["part"] == "answer"] = whole[:s["bytes"]], whole[s["bytes"]:]
        text = text.decode().strip()
        call = rollout.calls[s["step"]]
        if s["part"] == "answer":
            t.assertEqual(s["step"], len(rollout.calls) - 1, "an answer that was gone beyond")
        elif s["origin"] == "cue":
            t.assertEqual(call.ask, "continue")
            t.assertIn(text, cues)
            given.append(s["step"])
        else:
            t.assertIn(text, call.thought)
            said.append((s["step"], text))
            told.append(s["step"])
    t.assertEqual(texts, {False: b"", True: b""}, "the segments are not the whole text")
    t.assertEqual(given, [i for i, c in enumerate(rollout.calls) if c.ask == "continue"])
    t.assertEqual(told, sorted(set(told)), "one segment a call, in their order")
    last = [c for c in rollout.calls if c.thought][-1]
    t.assertEqual(said[-1][1], last.thought.strip(), "the last thought is whole")


def check_texts(t, project, ledger, cues=()):
    """What is stored of every rollout is what was served for it, in that order."""
    ids = {pair_id: key for key, (_, pair_id) in project.states().items()}
    for row in traces(project):
        rollout = ledger.rollout_of(TRACE.search(row["thought"]).group())
        t.assertEqual((rollout.key, rollout.order, rollout.format),
                      (ids[row["pair_id"]], row["order"], row["format"]))
        check_joints(t, row, rollout, cues)
        t.assertEqual(ledger.outcome(rollout), row["outcome"])
        t.assertEqual(rollout.cues, row["cues"])
        if rollout.said:
            t.assertEqual(rollout.said, row["verdict"])


def check_status(t, project, ledger):
    status = project.status()
    found = outcomes_of(ledger)
    accepted, rejected = len(ledger.with_fate("accepted")), len(ledger.with_fate("rejected"))
    t.assertEqual({k: status["pairs"][k] for k in ("total", "open", "accepted", "rejected",
                                                   "deferred")},
                  {"total": len(ledger.answers), "open": 0, "accepted": accepted,
                   "rejected": rejected, "deferred": 0})
    t.assertEqual({k: status["rollouts"][k] for k in ("total", "correct", "incorrect", "tie",
                                                      "no_verdict")},
                  {"total": len(ledger.all()), "correct": found["correct"],
                   "incorrect": found["incorrect"], "tie": found["tie"],
                   "no_verdict": found["no_verdict"]})
    t.assertEqual((status["calls"]["done"], status["calls"]["in_flight"]), (ledger.calls(), 0))
    return status


def wavers(rollout):
    """Right at some step and not at a later one: no lesson. The answer to a thought that was
    closed and then gone on with does not show."""
    right = [c.verdict == "right" for c in rollout.calls if c.ask != "close"]
    return rollout.cues >= 2 and any(a and not b for a, b in zip(right, right[1:]))


class Release:
    """What a release of an accepted set must hold, row by row. `accepted`: the keys of the pairs
    that are; `standing`: the traces that may leave, by what they are called (None: all)."""

    def __init__(self, t, project, teacher, ledger, keep=1, out=None, accepted=None,
                 standing=None):
        self.t, self.project, self.teacher, self.ledger = t, project, teacher, ledger
        self.keep, self.out, self.standing = keep, out, standing
        self.accepted = ledger.with_fate("accepted") if accepted is None else accepted
        self.ids = {pair_id: key for key, (_, pair_id) in project.states().items()}
        self.stored = {TRACE.search(row["thought"]).group(): row for row in traces(project)}

    def right(self, key, order):
        """The traces of this order that may leave as correct ones."""
        of = self.ledger
        found = [r for r in of.answers[key][order] if not wavers(r)
                 and (self.standing is None or r.trace in self.standing)]
        if not of.one:
            return [r for r in found if counts(r, of.filters)]
        other = {r.k: r for o in of.orders if o != order for r in of.answers[key][o]}
        return [r for r in found if of.outcome(r) == "correct" and of.sound(r)
                and of.sound(other[r.k])]

    def wrong(self, key, order):
        of = self.ledger
        if not of.one:
            return [r for r in of.answers[key][order] if r.verdict == "wrong" and of.sound(r)]
        other = {r.k: r for o in of.orders if o != order for r in of.answers[key][o]}
        return [r for r in of.answers[key][order] if of.outcome(r) == "incorrect" and of.sound(r)
                and of.sound(other[r.k])]

    def leaves(self, key):
        return key in self.accepted and all(self.right(key, o) for o in self.ledger.orders)

    def rollout_behind(self, row, messages):
        """The rollout behind a message list; it must be of the row's pair and order."""
        t = self.t
        t.assertEqual([m["role"] for m in messages], ["assistant"])
        text = messages[0]["content"]
        rollout = self.ledger.rollout_of(TRACE.search(text).group())
        t.assertEqual((rollout.key, rollout.order), (self.ids[row["pair_id"]], row["order"]))
        nonce = rollout.last.nonce
        stored = self.stored[self.trace_in_store(rollout)]
        whole = f"<think>\n{stored['thought']}\n</think>\n\n{stored['answer']}"
        t.assertEqual(text, whole.replace(nonce, "") if nonce else whole)
        t.assertNotIn("]_", text)
        return rollout

    def trace_in_store(self, rollout):
        """Of a first call that was served twice, one answer is stored."""
        body = rollout.first.body
        return next(trace for trace in self.stored if self.ledger.by_trace[trace].body == body)

    def check_row(self, row):
        t, ledger, key, order = self.t, self.ledger, self.ids[row["pair_id"]], row["order"]
        found = self.teacher.book.locate(row["prompt"][-1]["content"], ledger.one)
        t.assertEqual((found[:3], found[3]), (key, order), "the prompt of a row")
        t.assertEqual(row["gold"], gold(order))
        t.assertEqual(row["n_correct"], ledger.correct(key, order))
        t.assertEqual(row["n_rollouts"], len(ledger.answers[key][order]))
        t.assertEqual(row["accepted"], self.leaves(key))
        return key

    def check_segments(self, row, rollout):
        """They are the completion; what was not right before the first cue is not to be learned.
        """
        t, text = self.t, row["completion"][0]["content"]
        t.assertEqual("".join(s["text"] for s in row["segments"]), text)
        t.assertEqual(sum(s["origin"] == "cue" for s in row["segments"]), rollout.cues)
        t.assertTrue(row["segments"][-1]["train"])
        if not self.ledger.one:
            masked = rollout.cues > 0 and rollout.first.verdict != "right"
            t.assertEqual(not all(s["train"] for s in row["segments"]), masked)

    def check_sft(self):
        rows, seen, t = collections.Counter(), set(), self.t
        for _, row in self.project.rows("sft", self.out):
            key = self.check_row(row)
            rollout = self.rollout_behind(row, row["completion"])
            t.assertIn(rollout, self.right(key, row["order"]), "a trace that is not correct")
            self.check_segments(row, rollout)
            t.assertEqual(row["verdict"], "score" if self.ledger.one else row["gold"])
            t.assertIn(row["thought"], row["completion"][0]["content"])
            t.assertNotIn(rollout.trace, seen)
            seen.add(rollout.trace)
            rows[key, row["order"]] += 1
        t.assertEqual(dict(rows), {(key, order): min(self.keep, len(self.right(key, order)))
                                   for key in self.accepted if self.leaves(key)
                                   for order in self.ledger.orders})

    def check_dpo(self):
        rows, t = collections.Counter(), self.t
        for _, row in self.project.rows("dpo", self.out):
            key = self.check_row(row)
            right, wrong = (self.rollout_behind(row, row[side]) for side in ("chosen", "rejected"))
            t.assertIn(right, self.right(key, row["order"]))
            t.assertIn(wrong, self.wrong(key, row["order"]))
            if self.ledger.one:
                more = right.score - wrong.score
                t.assertGreater(more if row["order"] == "chosen_only" else -more, 0)
            rows[key, row["order"]] += 1
        wanted = {(key, order): min(self.keep, len(self.wrong(key, order)),
                                    len(self.right(key, order)))
                  for key in self.accepted if self.leaves(key) for order in self.ledger.orders}
        if self.ledger.one:  # of two halves that came out wrong together, one may be the better
            t.assertTrue(all(n <= wanted.get(place, 0) for place, n in rows.items()), rows)
        else:
            t.assertEqual(dict(rows), {place: n for place, n in wanted.items() if n})

    def check_rl(self):
        t = self.t
        rows = [row for _, row in self.project.rows("rl", self.out)]
        for row in rows:
            self.check_row(row)
            t.assertEqual(row["reward_model"], {"style": "rule", "ground_truth": row["gold"]})
        halves = list(zip(rows[::2], rows[1::2]))
        t.assertEqual(len(rows), 2 * len(halves))
        t.assertEqual({self.ids[a["pair_id"]] for a, _ in halves}, set(self.ledger.answers))
        t.assertEqual(len(halves), len(self.ledger.answers))
        for a, b in halves:
            t.assertEqual((a["pair_id"], a["order"], b["order"]),
                          (b["pair_id"], *self.ledger.orders))

    def check_splits(self):
        """No prompt and no group on two sides, in no format."""
        sides = collections.defaultdict(set)
        for kind in ("sft", "dpo", "rl"):
            for split, row in self.project.rows(kind, self.out):
                sides["prompt", self.ids[row["pair_id"]][0]].add(split)
                if row["group"]:
                    sides["group", row["group"]].add(split)
        self.t.assertEqual([what for what, splits in sides.items() if len(splits) > 1], [])
        self.t.assertEqual({split for splits in sides.values() for split in splits},
                           {"train", "validation"})

    def check(self):
        self.check_sft()
        self.check_dpo()
        self.check_rl()
        self.check_splits()
        return check_manifest(self.t, self.project, self.out)


def check_manifest(t, project, out=None):
    out = out or project.out
    manifest = project.manifest(out)
    listed = set()
    for f in manifest["files"]:
        t.assertEqual((f["bytes"], f["rows"], f["sha256"]), digest(os.path.join(out, f["path"])))
        listed.add(f["path"])
    there = {os.path.relpath(os.path.join(folder, name), os.path.realpath(out))
             for folder, _, names in os.walk(os.path.realpath(out)) for name in names}
    t.assertEqual(there - {"manifest.json", "README.md"}, listed)
    return manifest


def check_release(t, project, teacher, ledger, keep=1, out=None):
    match_halves(project, ledger)
    return Release(t, project, teacher, ledger, keep, out).check()


def files_of(folder):
    """{path: (bytes, rows, SHA-256)} of a release: its shards."""
    folder = os.path.realpath(folder)
    return {os.path.relpath(os.path.join(place, name), folder): digest(os.path.join(place, name))
            for place, _, names in os.walk(folder) for name in names
            if name not in ("manifest.json", "README.md")}
