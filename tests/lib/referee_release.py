"""Checks of a store and a release against the teacher's log; `t` is the test that asks."""
import collections
import os
import re

from gavel_e2e import digest
from referee import ORDERS, counts

TRACE = re.compile(r"trace-[0-9a-f]{16}-\d+")
OUTCOMES = {"right": "correct", "wrong": "incorrect", "tie": "tie"}  # all others: no verdict


def gold(order):
    return "A" if order == "chosen_first" else "B"


def outcomes_of(ledger):
    found = collections.Counter()
    for of in ledger.answers.values():
        for order in ORDERS:
            found.update(OUTCOMES.get(c.verdict, "no_verdict") for c in of[order])
    return found


def check_fates(t, project, teacher, ledger):
    """Every pair has the fate that the log implies."""
    states = project.states()
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
                                "JOIN rollouts r ON r.call = c.call")[0][0], ledger.calls())
    stored = dict(project.query("SELECT outcome, count(*) FROM v_rollouts GROUP BY 1"))
    t.assertEqual(stored, dict(outcomes_of(ledger)))
    loops = sum(c.loop and c.verdict in ("right", "wrong") for of in ledger.answers.values()
                for order in ORDERS for c in of[order]) if ledger.filters else 0
    t.assertEqual(project.query("SELECT count(*) FROM rollouts WHERE filter = 'repetition'"),
                  [(loops,)], "rollouts that a filter rejected")


def check_texts(t, project, ledger):
    """What is stored of every call is what was served for it, in that order."""
    rows = project.query('SELECT pair_id, "order", thought, outcome FROM v_traces')
    ids = {pair_id: key for key, (_, pair_id) in project.states().items()}
    for pair_id, order, thought, outcome in rows:
        call = ledger.by_trace[TRACE.search(thought).group()]
        t.assertEqual((call.key, call.order, call.thought), (ids[pair_id], order, thought))
        t.assertEqual(OUTCOMES.get(call.verdict, "no_verdict"), outcome)


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
                  {"total": ledger.calls(), "correct": found["correct"],
                   "incorrect": found["incorrect"], "tie": found["tie"],
                   "no_verdict": found["no_verdict"]})
    t.assertEqual((status["calls"]["done"], status["calls"]["in_flight"]), (ledger.calls(), 0))
    return status


def trace_of(t, teacher, ledger, row, messages, ids):
    """The served call behind a message list; it must be of the row's pair and order."""
    t.assertEqual([m["role"] for m in messages], ["assistant"])
    text = messages[0]["content"]
    call = ledger.by_trace[TRACE.search(text).group()]
    t.assertEqual((call.key, call.order), (ids[row["pair_id"]], row["order"]))
    t.assertTrue(text.startswith(f"<think>\n{call.thought}\n</think>\n\n<answer>"), text)
    return call


def check_row(t, teacher, ledger, row, ids):
    key = ids[row["pair_id"]]
    found = teacher.book.locate(row["prompt"][-1]["content"])
    t.assertEqual((found[:3], found[3]), (key, row["order"]), "the prompt of a row")
    t.assertEqual(row["gold"], gold(row["order"]))
    t.assertEqual(row["n_correct"], ledger.correct(key, row["order"]))
    t.assertEqual(row["n_rollouts"], len(ledger.answers[key][row["order"]]))
    t.assertEqual(row["accepted"], ledger.fate(key) == "accepted")
    return key


def check_sft(t, project, teacher, ledger, ids, keep, out=None):
    rows = collections.Counter()
    traces = set()
    for _, row in project.rows("sft", out):
        key = check_row(t, teacher, ledger, row, ids)
        call = trace_of(t, teacher, ledger, row, row["completion"], ids)
        t.assertTrue(counts(call, ledger.filters), "a trace that is not correct")
        t.assertEqual((row["thought"], row["verdict"]), (call.thought, row["gold"]))
        t.assertNotIn(call.trace, traces)
        traces.add(call.trace)
        rows[key, row["order"]] += 1
    wanted = {(key, order): min(keep, ledger.correct(key, order))
              for key in ledger.with_fate("accepted") for order in ORDERS}
    t.assertEqual(dict(rows), wanted)


def check_dpo(t, project, teacher, ledger, ids, keep, out=None):
    rows = collections.Counter()
    for _, row in project.rows("dpo", out):
        key = check_row(t, teacher, ledger, row, ids)
        right = trace_of(t, teacher, ledger, row, row["chosen"], ids)
        wrong = trace_of(t, teacher, ledger, row, row["rejected"], ids)
        t.assertTrue(counts(right, ledger.filters))
        t.assertEqual(wrong.verdict, "wrong")
        t.assertFalse(ledger.filters and wrong.loop)
        rows[key, row["order"]] += 1
    wanted = {}
    for key in ledger.with_fate("accepted"):
        for order in ORDERS:
            wrong = sum(c.verdict == "wrong" and not (ledger.filters and c.loop)
                        for c in ledger.answers[key][order])
            wanted[key, order] = min(keep, wrong, ledger.correct(key, order))
    t.assertEqual(dict(rows), {place: n for place, n in wanted.items() if n})


def check_rl(t, project, teacher, ledger, ids, out=None):
    rows = [row for _, row in project.rows("rl", out)]
    for row in rows:
        check_row(t, teacher, ledger, row, ids)
        t.assertEqual(row["reward_model"], {"style": "rule", "ground_truth": row["gold"]})
    halves = list(zip(rows[::2], rows[1::2]))
    t.assertEqual(len(rows), 2 * len(halves))
    t.assertEqual({ids[a["pair_id"]] for a, _ in halves}, set(ledger.answers))
    t.assertEqual(len(halves), len(ledger.answers))
    for a, b in halves:
        t.assertEqual((a["pair_id"], a["order"], b["order"]), (b["pair_id"], *ORDERS))


def check_splits(t, project, ids, out=None):
    """No prompt and no group on two sides, in no format."""
    sides = collections.defaultdict(set)
    for kind in ("sft", "dpo", "rl"):
        for split, row in project.rows(kind, out):
            sides["prompt", ids[row["pair_id"]][0]].add(split)
            if row["group"]:
                sides["group", row["group"]].add(split)
    t.assertEqual([what for what, splits in sides.items() if len(splits) > 1], [])
    t.assertEqual({split for splits in sides.values() for split in splits},
                  {"train", "validation"})


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
    ids = {pair_id: key for key, (_, pair_id) in project.states().items()}
    check_sft(t, project, teacher, ledger, ids, keep, out)
    check_dpo(t, project, teacher, ledger, ids, keep, out)
    check_rl(t, project, teacher, ledger, ids, out)
    check_splits(t, project, ids, out)
    return check_manifest(t, project, out)


def files_of(folder):
    """{path: (bytes, rows, SHA-256)} of a release: its shards."""
    folder = os.path.realpath(folder)
    return {os.path.relpath(os.path.join(place, name), folder): digest(os.path.join(place, name))
            for place, _, names in os.walk(folder) for name in names
            if name not in ("manifest.json", "README.md")}
