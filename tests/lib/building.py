"""Prompts that come without a pair, and what a run must have made of them: every figure is counted
again from the stored answers, and every pair's label is checked again by rules of the tests' own."""
import collections
import json
import re

import gavel_e2e as e2e
from sim_teacher import SimTeacher

BOX = re.compile(r"\\boxed\{([^{}]*)\}")
FRUGAL = ("samples", "right", "wrong") # keys of `build` that say when there is enough
WRITING = ("answer", "modify")
MARKS_OF_ANSWERS = ("right", "wrong", "unsure", "no_answer", "conflicting_answers", "truncated",
                    "refused", "empty")


def known(n, first=1):
    """Seeds whose answer is known and that come without a pair."""
    return [{"id": f"known-{i}", "source": "bakery", "domain": "math", "answer": str(6 * i),
             "prompt": f"A baker fills {i} trays with 6 rolls each. How many rolls are there?"}
            for i in range(first, first + n)]


def open_ones(n):
    """Seeds without a known answer."""
    return [{"id": f"open-{i}", "source": "poems",
             "prompt": f"Write a short poem about the quiet river number {i} in early spring, with "
                       "a bridge, an old dog and a boat of wood in it."} for i in range(n)]


class Generator(SimTeacher):
    """A simulated teacher that knows the prompts of a project of its own (see project())."""

    def __init__(self, seeds, *options):
        self.seeds = seeds
        self.project = e2e.Project("http://127.0.0.1:9/v1", seeds)
        super().__init__("--p-correct", "0.85", *options, truth=self.project.path("seeds.jsonl"))

    def __enter__(self):
        super().__enter__()
        self.project.settings["endpoints"][0]["url"] = self.url
        self.project.change()
        return self

    def __exit__(self, *exc):
        super().__exit__(*exc)
        self.project.__exit__(*exc)

    def written(self):
        """The calls for answers and changed prompts that were served whole."""
        return [line for line in self.log() if line["ask"] in WRITING and line["whole"]]

    def solved(self):
        """Those of prompts with a known answer: none of them is a question of the probe."""
        return [line for line in self.written() if line["generated"] in ("right", "wrong", "no_answer", "conflict")]


def final(text):
    """The last boxed answer, by no code of Gavel's."""
    found = BOX.findall(text)
    return found[-1].strip() if found else None


def stored_samples(project):
    """{seed row: [sample as a dict]} in the order they were asked for."""
    columns = ("sample", "seed", "lane", "k", "mark", "final", "answer", "model", "recipe",
               "prompt_overlap", "answer_overlap")
    of = collections.defaultdict(list)
    for row in project.query(f"SELECT {', '.join(columns)} FROM v_samples "
                             "ORDER BY seed, lane, recipe, k"):
        x = dict(zip(columns, row))
        of[x["seed"]].append(x)
    return of


def seeds(project):
    """{name (or row): row of the store as a dict} of all seeds that are to be built or were."""
    columns = ("seed", "seed_name", "build", "reason", "detail", "answer", "samples", "pairs")
    rows = project.query(f"SELECT {', '.join(columns)} FROM v_builds")
    return {row[1] or row[0]: dict(zip(columns, row)) for row in rows}


def pairs(project):
    """Pairs that were built, as dicts, by the order of their rows."""
    rows = project.query(
        "SELECT p.pair, v.pair_id, v.state, s.name, s.answer, s.prompt, c.messages, r.messages, "
        "c.author, r.author, c.sample, r.sample, p.evidence, v.trust FROM pairs p "
        "JOIN v_pairs v ON v.pair = p.pair JOIN seeds s ON s.seed = p.seed "
        "JOIN responses c ON c.response = p.chosen JOIN responses r ON r.response = p.rejected "
        "WHERE c.sample IS NOT NULL ORDER BY p.pair")
    keys = ("pair", "id", "state", "seed", "gold", "prompt", "chosen", "rejected", "author_chosen",
            "author_rejected", "sample_chosen", "sample_rejected", "evidence", "trust")
    found = [dict(zip(keys, row)) for row in rows]
    for p in found:
        p["evidence"] = json.loads(p["evidence"])
        for key in ("prompt", "chosen", "rejected"):
            p[key] = json.loads(p[key])[-1]["content"]
    return found


def texts(project):
    """The pairs by their texts alone: what must not depend on the order of events."""
    return sorted((p["prompt"], p["chosen"], p["rejected"]) for p in pairs(project))


def check_counts(t, project):
    """status, report and show say what the store holds; returns the status."""
    stored, of = seeds(project), stored_samples(project)
    flat = [x for group in of.values() for x in group]
    marks = collections.Counter(x["mark"] for x in flat)
    ends = collections.Counter(s["build"] for s in stored.values())
    reasons = collections.Counter(s["reason"] for s in stored.values() if s["build"] != "open")
    built = pairs(project)
    status = project.status()
    t.assertEqual({k: status["builds"][k] for k in ("open", "built", "failed", "deferred")},
                  {k: ends[k] for k in ("open", "built", "failed", "deferred")})
    t.assertEqual(sum(ends.values()), len(stored))
    t.assertEqual(status["builds"]["pairs"], len(built))
    with_pair = project.query("SELECT count(DISTINCT seed) FROM pairs")[0][0]
    t.assertEqual(status["seeds"]["pairs"], with_pair)
    t.assertEqual(status["pairs"]["total"], project.query("SELECT count(*) FROM pairs")[0][0])
    report = json.loads(project.gavel("report", project.dir, "--json")[0])["building"]
    t.assertEqual(report["samples"], dict(marks))
    t.assertEqual(report["reasons"], dict(reasons))
    t.assertEqual((report["open"], report["pairs"]), (ends["open"], len(built)))
    t.assertEqual(project.counter("samples.total"), len(flat))
    for key in ("prompt", "answer"):
        measured = [x for x in flat if x[f"{key}_overlap"] is not None]
        t.assertEqual(sum(report[f"{key}_overlap_tenths"]), len(measured))
    t.assertEqual(status["calls"]["done"],
                  len(flat) + project.query("SELECT count(*) FROM calls")[0][0])
    return status


def check_show(t, project, name):
    """`gavel show` has every sample of the seed."""
    seed = seeds(project)[name]
    shown = json.loads(project.gavel("show", project.dir, name, "--json")[0])
    t.assertEqual([(x["sample"], x["mark"], x["answer"]) for x in shown["samples"]],
                  [(x["sample"], x["mark"], x["answer"])
                   for x in sorted(stored_samples(project)[seed["seed"]],
                                   key=lambda x: (x["lane"], x["k"], x["recipe"]))])
    return shown


def check_evidence(t, project):
    """Each pair's answers are those of the samples that its evidence names, and are what it says."""
    by_row = {x["sample"]: x for group in stored_samples(project).values() for x in group}
    built = pairs(project)
    for p in built:
        e = p["evidence"]
        chosen, rejected = by_row[p["sample_chosen"]], by_row[p["sample_rejected"]]
        t.assertEqual((e["chosen"]["sample"], e["rejected"]["sample"]),
                      (p["sample_chosen"], p["sample_rejected"]))
        t.assertEqual((p["author_chosen"], p["author_rejected"]),
                      (chosen["model"], rejected["model"]))
        t.assertEqual(p["chosen"], chosen["answer"])
        if p["gold"]:
            t.assertEqual(p["rejected"], rejected["answer"])
            t.assertEqual((final(p["chosen"]), p["trust"]), (p["gold"], "verified"))
            t.assertNotIn(final(p["rejected"]), (None, p["gold"]))
            t.assertEqual((e["kind"], e["expected"], e["got"]),
                          ("checked_answers", p["gold"], final(p["rejected"])))
        else:
            t.assertIn(p["rejected"], rejected["answer"])
            t.assertEqual((rejected["lane"], p["trust"]), ("modified", "synthetic"))
            t.assertEqual((e["kind"], e["changed_prompt"], e["prompt_overlap"]),
                          ("modified_instruction", rejected["final"], rejected["prompt_overlap"]))
    return built


def is_enough(some, right=1, wrong=1):
    marks = collections.Counter(x["mark"] for x in some)
    return marks["right"] >= right and marks["wrong"] >= wrong


def check_frugal(t, project, samples=8, right=1, wrong=1):
    """Known answers: no answer was asked for when there were enough, nor when all were used up."""
    for group in stored_samples(project).values():
        answers = [x for x in group if x["lane"] == "answer"]
        if any(x["lane"] == "modified" for x in group) or not answers or \
           answers[0]["mark"] not in MARKS_OF_ANSWERS:
            continue
        t.assertEqual([x["k"] for x in answers], list(range(len(answers))))
        t.assertLessEqual(len(answers), samples)
        t.assertFalse(is_enough(answers[:-1], right, wrong))


def check_all(t, generator, **frugal):
    project = generator.project
    status = check_counts(t, project)
    built = check_evidence(t, project)
    check_frugal(t, project, **frugal)
    t.assertEqual(project.query("PRAGMA integrity_check"), [("ok",)])
    return status, built
