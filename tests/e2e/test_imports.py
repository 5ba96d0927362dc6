#!/usr/bin/env python3
"""Does one file of each shape, imported twice, give the pairs it holds and count every row of it?"""
import csv
import gzip
import importlib.util
import io
import json
import os
import re
import shlex
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import gavel_e2e as e2e  # noqa: E402


def said(role, text):
    return {"role": role, "content": text}


def turns(*texts):
    """A conversation, the user first."""
    return [said("user" if i % 2 == 0 else "assistant", t) for i, t in enumerate(texts)]


def jsonl(rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def pretty(rows):
    return json.dumps(rows, indent=1, ensure_ascii=False)


def table(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def pairs_of(n, build):
    return [build(i) for i in range(n)]


def arena(i, winner, **more):
    return {"question_id": f"q{i}", "model_a": "m", "model_b": "n", "winner": winner,
            "judge": f"user_{i}", "conversation_a": turns(f"q{i}", "a", "r", "c"),
            "conversation_b": turns(f"q{i}", "b", "r", "d"), "turn": 2, "anony": True,
            "language": "English", "tstamp": 1.0 + i,
            "openai_moderation": {"categories": {"hate": False}, "flagged": i == 0},
            "toxic_chat_tag": {"roberta-large": {"flagged": False}}, **more}


def kaggle(i, winner):
    return {"id": 100 + i, "model_a": "m", "model_b": "n",
            "prompt": json.dumps([f'say "hi", {i}\nplease', "again"]),
            "response_a": json.dumps(["hi\r\n🙂", "hi, hi"]),
            "response_b": json.dumps(["no", 'no, "no"']),
            "winner_model_a": int(winner == "a"), "winner_model_b": int(winner == "b"),
            "winner_tie": int(winner == "tie")}


def parts(text):
    return [{"type": "text", "text": text, "image": None, "mimeType": None}]


def vote(question, judge, winner, turn, **more):
    return {"question_id": question, "model_a": "m", "model_b": "n", "winner": winner,
            "judge": judge, "conversation_a": turns(f"q{question}", "a", "r", "c"),
            "conversation_b": turns(f"q{question}", "b", "r", "d"), "turn": turn, **more}


def helpsteer(prompt, response, helpfulness):
    return {"prompt": prompt, "response": response, "helpfulness": helpfulness, "correctness": 3,
            "coherence": 4, "complexity": 1, "verbosity": 2}


def completion(model, ratings, **more):
    return {"model": model, "response": f"by {model}",
            "annotations": {f"aspect{k}": {"Rating": str(r)} for k, r in enumerate(ratings)},
            "overall_score": 5, **more}


# name of the file, its text, importer, its evaluation set, trust of its pairs, pairs, rows by reason
FILES = [
    ("rewardbench.jsonl", jsonl(pairs_of(3, lambda i: {
        "id": i, "subset": ["hep-python", "math-prm", "llmbar-natural"][i], "prompt": f"q{i}",
        "chosen": "a", "chosen_model": "m", "rejected": "b", "rejected_model": "n"})),
     "rewardbench", "RewardBench", {"verified": 2, "human": 1}, 3, {"paired": 3}),
    ("rewardbench2.json", pretty([
        {"id": "1", "prompt": "q", "chosen": ["a"], "rejected": ["b", "c", "d"], "num_correct": 1,
         "total_completions": 4, "models": ["m"], "subset": "Focus", "additional_metadata": None},
        {"id": "2", "prompt": "r", "chosen": ["a", "b", "c"], "rejected": ["d", "e"],
         "num_correct": 3, "total_completions": 5, "models": ["m"], "subset": "Ties"}]),
     "rewardbench2", "RewardBench 2", {"human": 3, "verified": 6}, 9, {"paired": 2}),
    ("total_dataset.json", json.dumps(pairs_of(4, lambda i: {
        "id": f"c{i}", "prompt": f"q{i}", "chosen": ["a", "aa", "# a"],
        "rejected": ["b", "bb", "# b"], "domain": "code"})),
     "rm_bench", "RM-Bench", {"verified": 36}, 36, {"paired": 4}),
    ("rmb_pairs.json", pretty(pairs_of(2, lambda i: {
        "pair_uid": str(i), "conversation_input": turns(f"q{i}"),
        "chosen": {"llm_name": "m", "answer": "a", "score": 4.0},
        "reject": {"llm_name": "n", "answer": "b", "score": 2.5}, "category_path": "P/Code"})),
     "rmb", "RMB", {"synthetic": 2}, 2, {"paired": 2}),
    ("rmb_bon.json", pretty([{
        "bon_uid": "7", "conversation_input": turns("q", "x", "bon"),
        "bon_best": {"llm_name": "m", "answer": "a"},
        "loser_list": [{"llm_name": "n", "answer": "b"}, {"llm_name": "o", "answer": "c"}],
        "category_path": "B/Code"}]), "rmb", "RMB", {"synthetic": 2}, 2, {"paired": 1}),
    ("judgebench.jsonl", jsonl(pairs_of(4, lambda i: {
        "pair_id": str(i), "original_id": "o", "source": "livebench-math", "question": f"q{i}",
        "response_model": "m", "response_A": "a", "response_B": "b",
        "label": ["A>B", "B>A", "A>B", "A=B"][i]})),
     "judgebench", "JudgeBench", {"verified": 3}, 3, {"paired": 3, "tie": 1}),
    ("ppe.jsonl", jsonl(pairs_of(5, lambda i: {
        "question_id": str(i), "model_a": "m", "model_b": "n", "prompt": f"q{i}",
        "winner": ["model_a", "model_b", "tie", "tie (bothbad)", "model_a"][i],
        "response_1": "a", "response_2": "b", "language": "English", "is_code": i == 0,
        "hard_prompt": False, "math_prompt": False, "length_a": 1})),
     "ppe_preference", "PPE", {"human": 3}, 3, {"paired": 3, "tie": 1, "both_bad": 1}),
    ("ppe_bok.jsonl", jsonl([
        {"question_id": 1, "prompt": "q", "scores": [k % 2 == 0 for k in range(32)],
         "model_name": "m", "sampled_conflict_pairs": [[0, 1], [3, 2], [1, 0]],
         **{f"response_{k + 1}": f"answer {k}" for k in range(32)}},
        {"question_id": 2, "prompt": "r", "scores": [True] * 32, "model_name": "m",
         "sampled_conflict_pairs": [], **{f"response_{k + 1}": f"a {k}" for k in range(32)}}]),
     "ppe_best_of_k", "PPE", {"verified": 2}, 2, {"paired": 1, "one_sided": 1}),
    ("skywork.jsonl", jsonl(pairs_of(2, lambda i: {
        "chosen": turns(f"q{i}", "a"), "rejected": turns(f"q{i}", "b"), "source": "magpie_ultra"})),
     "skywork", "", {"synthetic": 2}, 2, {"paired": 2}),
    ("helpsteer2.jsonl", jsonl([
        helpsteer("q1", "a", 4), helpsteer("q1", "b", 1), helpsteer("q2", "a", 3),
        helpsteer("q2", "b", 3), helpsteer("q3", "a", 0), helpsteer("q4", "a", 1),
        helpsteer("q4", "b", 2)]),
     "helpsteer2", "", {"human": 2}, 2, {"paired": 2, "tie": 1, "prompt_only": 1, "joined": 3}),
    ("helpsteer2_preference.jsonl", jsonl(pairs_of(4, lambda i: {
        "split": "train", "prompt": f"q{i}\n<extra_id_1>Assistant\nx\n<extra_id_1>User\nr",
        "response_1": "a", "response_2": "b", "preference_strength": [-3, 0, 2, 1][i],
        "preference_statement": "s", "preference_elaboration": "e",
        "three_most_similar_preferences": [], "all_preferences_unprocessed": []})),
     "helpsteer2_preference", "", {"human": 3}, 3, {"paired": 3, "tie": 1}),
    ("helpsteer3.jsonl", jsonl(pairs_of(3, lambda i: {
        "domain": "Code", "language": "python", "context": turns(f"q{i}", "x", "r"),
        "response1": "a", "response2": "b", "overall_preference": [-2, 0, 1][i],
        "individual_preference": [{"score": [-2, 0, 1][i], "reasoning": "w", "feedback1": "x",
                                   "feedback2": "y"}]})),
     "helpsteer3", "", {"human": 2}, 2, {"paired": 2, "tie": 1}),
    ("ultrafeedback.jsonl", jsonl([
        {"source": "evol", "instruction": "q", "models": list("mnop"),
         "completions": [completion("m", [3, 3]), completion("n", [5, 5]),
                         completion("o", [5, "N/A"]), completion("p", [1, 2])],
         "correct_answers": ["None"], "incorrect_answers": ["None"]},
        {"source": "evol", "instruction": "r", "models": list("mn"),
         "completions": [completion("m", [3]), completion("n", [3])]}]),
     "ultrafeedback", "", {"synthetic": 4}, 4, {"paired": 1, "tie": 1}),
    ("ultrafeedback_binarized.jsonl", jsonl(pairs_of(3, lambda i: {
        "prompt": f"q{i}", "prompt_id": str(i), "chosen": turns(f"q{i}", "a"),
        "rejected": turns(f"q{i}", "b"), "messages": turns(f"q{i}", "a"),
        "score_chosen": 8.0, "score_rejected": [7.5, 8, 3][i]})),
     "ultrafeedback_binarized", "", {"synthetic": 2}, 2, {"paired": 2, "tie": 1}),
    ("nectar.jsonl", jsonl([{
        "prompt": "\n\nHuman: q\n\nAssistant: ", "turns": 1, "num_responses": 7,
        "answers": [{"answer": f"a{k}", "model": f"m{k}", "rank": float(k)} for k in range(1, 8)],
        "source": ["lmsys"], "good_natured": True}]),
     "nectar", "", {"synthetic": 6}, 6, {"paired": 1}),
    ("hh.jsonl.gz", jsonl(pairs_of(3, lambda i: {
        "chosen": f"\n\nHuman: q{i}\n\nAssistant: x\n\nHuman: r\n\nAssistant: a",
        "rejected": f"\n\nHuman: q{i}\n\nAssistant: x\n\nHuman: r\n\nAssistant: "
                    f"{'a' if i == 2 else 'b'}"})),
     "hh_rlhf", "", {"human": 2}, 2, {"paired": 2, "identical": 1}),
    ("arena_33k.jsonl", jsonl([arena(0, "model_a"), arena(1, "model_b"), arena(2, "tie"),
                               arena(3, "tie (bothbad)")]),
     "arena_33k", "", {"human": 2}, 2, {"paired": 2, "tie": 1, "both_bad": 1}),
    ("train.csv", table([kaggle(0, "a"), kaggle(1, "b"), kaggle(2, "tie"), kaggle(3, "b")]),
     "arena_55k", "", {"human": 3}, 3, {"paired": 3, "tie": 1}),
    ("arena_140k.jsonl", jsonl(pairs_of(3, lambda i: {
        "id": str(i), "model_a": "m", "model_b": "n",
        "winner": ["model_a", "both_bad", "model_b"][i], "evaluation_session_id": f"s{i}",
        "evaluation_order": 1, "conversation_a": [said("user", parts(f"q{i}")),
                                                  said("assistant", parts("a"))],
        "conversation_b": [said("user", parts(f"q{i}")), said("assistant", parts("b"))],
        "full_conversation": [], "conv_metadata": {}, "category_tag": {}, "language": "pl",
        "is_code": False, "timestamp": "t"})),
     "arena_140k", "", {"human": 2}, 2, {"paired": 2, "both_bad": 1}),
    ("pandalm.json", pretty([
        {"idx": i, "motivation_app": "x", "cmp_key": "m-7b_n-7b", "instruction": f"q{i}",
         "input": float("nan") if i else "text", "response1": "a", "response2": "b",
         "annotator1": v[0], "annotator2": v[1], "annotator3": v[2]}
        for i, v in enumerate([(1, 1, 1), (2, 2, 1), (0, 0, 1), (0, 1, 2)])]),
     "pandalm", "PandaLM test", {"human": 2}, 2,
     {"paired": 2, "tie": 1, "annotators_disagree": 1}),
    ("math_step_dpo.json", pretty(pairs_of(2, lambda i: {
        "dataset": "gsm8k_dpo", "prompt": f"q{i}", "prefix": "p", "chosen": "c", "rejected": "d",
        "initial_reason_steps": "one. ", "full_chosen": "two", "full_rejected": "three",
        "answer": "7"})), "math_step_dpo", "", {"verified": 2}, 2, {"paired": 2}),
    ("code_pairs.jsonl", jsonl([{"input": "q", "accepted": "a", "rejected": "b", "ID": 1}]),
     "code_preference_pairs", "", {"synthetic": 1}, 1, {"paired": 1}),
    ("code_ultrafeedback.jsonl", jsonl(pairs_of(2, lambda i: {
        "instruction": f"q{i}", "chosen": "a", "rejected": "b", "chosen_rating": "4",
        "rejected_rating": str(3 + i), "preference": "style"})),
     "code_ultrafeedback", "", {"synthetic": 1}, 1, {"paired": 1, "tie": 1}),
    ("orca.jsonl", jsonl([{"system": "s", "question": "q", "chosen": "a", "rejected": "b"}]),
     "orca_dpo_pairs", "", {"synthetic": 1}, 1, {"paired": 1}),
    ("judgelm.jsonl", jsonl(pairs_of(3, lambda i: {
        "question_id": i, "question_body": f"q{i}", "answer1_body": "a", "answer2_body": "b",
        "answer1_model_id": "m", "answer2_model_id": "n", "score": [8.0, [5, 8, 9.5][i]],
        "text": "t"})), "judgelm", "", {"synthetic": 2}, 2, {"paired": 2, "tie": 1}),
    ("mt_bench.jsonl", jsonl([
        vote(81, "author_1", "model_a", 1), vote(81, "author_1", "model_b", 2),
        vote(82, "expert_1", "tie", 1), vote(83, "expert_1", "model_a", 1),
        vote(81, "expert_2", "model_a", 1), vote(83, "expert_2", "model_b", 1),
        vote(81, "expert_3", "model_b", 1)]),
     "mt_bench", "MT-bench", {"human": 2}, 2,
     {"paired": 2, "tie": 1, "annotators_disagree": 1, "joined": 3}),
    ("math_cot.jsonl", jsonl([{
        "idx": i, "question": f"q{i}", "gt": "4", "solution": "s", "answer": "4",
        "response": [f"a{k}" for k in range(8)], "pred": ["4"] * 8, "pred_score": [[1.0]] * 8,
        "score": [k < right for k in range(8)]} for i, right in enumerate([8, 3])]),
     "qwen_math", "MATH test", {"verified": 15}, 15, {"paired": 1, "one_sided": 1}),
    ("question.jsonl", jsonl(pairs_of(2, lambda i: {
        "question_id": 81 + i, "category": "writing", "turns": [f"mt q{i}", "r"]})),
     "mt_bench_questions", "MT-bench", {}, 0, {"prompt_only": 2}),
    ("MATH/test/algebra/1.json", json.dumps({
        "problem": "p", "level": "Level 5", "type": "Algebra",
        "solution": "First \\boxed{1}, then $\\boxed{\\frac{1}{2}}$."}, indent=4),
     "math", "MATH test", {}, 0, {"answer_only": 1}),
    ("MATH/train/algebra/2.json", json.dumps({
        "problem": "p2", "level": "Level 5", "type": "Algebra", "solution": "$\\boxed{2}$"},
        indent=4), "math", "", {}, 0, {"answer_only": 1}),
    ("gsm8k/test.jsonl", jsonl(pairs_of(2, lambda i: {
        "question": f"gsm q{i}", "answer": f"so <<1+1=2>>2\n#### {i},000"})),
     "gsm8k", "GSM8K test", {}, 0, {"answer_only": 2}),
    ("wildchat.jsonl", jsonl(pairs_of(2, lambda i: {
        "conversation_hash": f"h{i}", "model": "m", "timestamp": "t",
        "conversation": turns(f"w{i}", "a", "r", "b"), "turn": 2, "language": "English",
        "openai_moderation": [], "detoxify_moderation": [], "toxic": i == 0, "redacted": False})),
     "wildchat", "", {}, 0, {"prompt_only": 2}),
    ("prompts.json", json.dumps({"data": [{"instruction": "do", "input": "this", "output": "x"},
                                          {"instruction": "do that", "input": ""}]}),
     "prompts", "", {}, 0, {"prompt_only": 2}),
]


class Imports(unittest.TestCase):
    def setUp(self):
        self.begin()

    def begin(self):
        """A store of its own."""
        self.project = e2e.enter(e2e.Project("http://127.0.0.1:9/v1", []), self.addCleanup)
        self.project.change(seeds=[])

    def put(self, name, text):
        path = self.project.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        data = text.encode()
        with open(path, "wb") as f:
            f.write(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def imported(self, *paths, **settings):
        if settings:
            self.project.change(**settings)
        return json.loads(self.project.gavel("import", self.project.file, "--json",
                                             "--no-baseline", *paths)[0])

    def ask(self, sql, *values):
        return self.project.query(sql, *values)

    def test_every_shape_is_counted_to_the_row(self):
        for name, text, importer, eval_set, trusts, pairs, rows in FILES:
            with self.subTest(name):
                self.begin()
                report = self.imported(self.put(name, text))
                without = {k: v for k, v in rows.items() if k != "paired"}
                self.assertEqual((report["pairs"], report["paired"], report["invalid"]),
                                 (pairs, rows.get("paired", 0), 0), report)
                self.assertEqual(report["without_pair"], without)
                self.assertEqual(report["lines"], sum(rows.values()))
                told = dict(self.ask("SELECT reason, rows FROM v_imports WHERE path = ?", name))
                self.assertEqual(told, rows)
                seeds = self.ask("SELECT DISTINCT importer, eval_set FROM seeds JOIN files"
                                 " USING (file) WHERE path = ?", name)
                self.assertEqual(seeds, [(importer, eval_set)])
                got = dict(self.ask(
                    "SELECT v.trust, count(*) FROM v_pairs v JOIN pairs p USING (pair)"
                    " JOIN seeds s USING (seed) JOIN files f USING (file) WHERE f.path = ?"
                    " GROUP BY 1", name))
                self.assertEqual(got, trusts)
                self.again(name, rows)

    def again(self, name, rows):
        """Nothing changes when the file is read once more, touched or not."""
        path = self.project.path(name)
        counts = ("SELECT (SELECT count(*) FROM seeds), (SELECT count(*) FROM pairs),"
                  " (SELECT count(*) FROM responses), (SELECT group_concat(reason || rows)"
                  " FROM imports)")
        before = self.ask(counts)
        self.assertEqual(self.imported(path)["unchanged"], 1)
        os.utime(path)
        report = self.imported(path)
        self.assertEqual((report["added"], report["pairs"], report["invalid"]), (0, 0, 0), report)
        self.assertEqual(report["lines"], sum(rows.values()))
        self.assertEqual(before, self.ask(counts))
        for counter, sql in [("seeds.total", "SELECT count(*) FROM seeds"),
                             ("seeds.pairs", "SELECT count(DISTINCT seed) FROM pairs"),
                             ("pairs.total", "SELECT count(*) FROM pairs")]:
            self.assertEqual([(self.project.counter(counter),)], self.ask(sql), counter)

    def test_texts_of_a_table_are_kept_byte_for_byte(self):
        self.imported(self.put("train.csv", table([kaggle(0, "b")])))
        (prompt, chosen), = self.ask(
            "SELECT s.prompt, r.messages FROM pairs p JOIN seeds s USING (seed)"
            " JOIN responses r ON r.response = p.chosen")
        self.assertEqual(json.loads(prompt), [said("user", 'say "hi", 0\nplease')])
        self.assertEqual(json.loads(chosen), [said("assistant", "no"), said("user", "again"),
                                              said("assistant", 'no, "no"')])

    def test_what_is_known_about_a_pair_is_kept(self):
        self.imported(self.put("ultra.jsonl", FILES[12][1]), self.put("arena.jsonl", FILES[16][1]),
                      self.put("rm.json", FILES[2][1]), self.put("mt.jsonl", FILES[25][1]))
        evidence = [json.loads(e) for e, in self.ask("SELECT evidence FROM pairs")]
        self.assertIn({"kind": "scores", "margin": 2.0, "chosen_author": "n", "chosen_score": 5.0,
                       "rejected_author": "m", "rejected_score": 3.0}, evidence)
        self.assertEqual(len({(e["chosen_variant"], e["rejected_variant"]) for e in evidence
                              if "chosen_variant" in e}), 9)
        votes = [e["votes"] for e in evidence if e["kind"] == "votes"]
        self.assertIn({"chosen": 2, "rejected": 1, "tie": 0}, votes)
        flagged, = self.ask("SELECT meta FROM seeds WHERE name = 'q0'")
        self.assertTrue(json.loads(flagged[0])["openai_moderation"]["flagged"])

    def test_settings_say_what_becomes_of_a_row(self):
        votes = self.put("arena.jsonl", FILES[16][1])
        report = self.imported(votes, **{"import": {
            "ties": "skip", "both_bad": "skip", "moderated": "skip"}})
        self.assertEqual(report["without_pair"], {"moderated": 1, "tie": 1, "both_bad": 1})
        self.assertEqual((report["skipped"], report["added"]), (3, 1))
        nectar = self.put("nectar.jsonl", FILES[14][1])
        for ranking, pairs in [("best_vs_worst", 1), ("best_vs_rest", 5), ("adjacent", 5),
                               ("all", 10)]:
            report = self.imported(nectar, **{"import": {"ranking": ranking}})
            self.assertEqual(report["pairs"], pairs, ranking)  # those that were not there before
        self.assertEqual(self.ask("SELECT count(*) FROM pairs p JOIN seeds s USING (seed)"
                                  " WHERE importer = 'nectar'"), [(21,)])
        report = self.imported(self.put("rm.json", FILES[2][1]),
                               **{"import": {"max_pairs": 2, "min_margin": 1.5}})
        self.assertEqual((report["pairs"], report["left_out"]), (8, 28))
        report = self.imported(self.put("steer.jsonl", FILES[9][1]))
        self.assertEqual(report["without_pair"],
                         {"low_margin": 1, "tie": 1, "prompt_only": 1, "joined": 3})
        report = self.imported(self.put("panda.json", FILES[19][1]),
                               **{"import": {"annotators": "unanimous"}})
        self.assertEqual((report["pairs"], report["without_pair"]),
                         (1, {"tie": 1, "annotators_disagree": 2}))

    def test_bad_records_are_quarantined_and_the_rest_goes_on(self):
        rows = json.loads(FILES[2][1])
        rows[1]["chosen"] = ["a"]
        text = json.dumps(rows[:2], indent=1)[:-2] + ",\n{\"a\": 1e},\n" + json.dumps(rows[2]) + "]"
        report = self.imported(self.put("rm.json", text))
        self.assertEqual((report["lines"], report["paired"], report["invalid"]), (4, 2, 2), report)
        reasons = [r for r, in self.ask("SELECT reason FROM quarantine ORDER BY line")]
        self.assertIn("three styles", reasons[0])
        self.assertIn("broken JSON", reasons[1])
        report = self.imported(self.put("cut.csv", table([kaggle(0, "a"), kaggle(1, "b")])[:-9]))
        self.assertEqual((report["paired"], report["invalid"]), (1, 1))

    def test_parquet_itself_is_refused_by_name(self):
        for data in ("PAR1\x15\x04\n\x00\nPAR1", "PAR1" + "x" * (1 << 20)):
            said = self.project.gavel("import", self.project.file, self.put("in.parquet", data),
                                      status=e2e.EXIT_USAGE)[1]
            self.assertIn("in.parquet is Parquet: turn it into JSON lines", said)

    def test_the_documented_line_converts_parquet(self):
        if not importlib.util.find_spec("datasets"):
            self.skipTest("the datasets library is not installed")
        import datasets  # pylint: disable=import-outside-toplevel
        shown = subprocess.run([e2e.GAVEL, "import", "--help"], capture_output=True, text=True,
                               check=True).stdout
        line = re.search(r"^  (python3 -c .*)$", shown, re.M).group(1)
        there = self.project.path("in.parquet")
        rows = [arena(0, "model_a"), arena(1, "tie")]
        datasets.Dataset.from_list(rows).to_parquet(there)
        command = shlex.split(line.replace("IN.parquet", there)
                              .replace("OUT.jsonl", self.project.path("out.jsonl")))
        subprocess.run([sys.executable, *command[1:]], check=True, capture_output=True,
                       env=e2e.environment(HF_HOME=self.project.path("cache")))
        report = self.imported(self.project.path("out.jsonl"))
        self.assertEqual((report["pairs"], report["without_pair"]), (1, {"tie": 1}), report)


if __name__ == "__main__":
    unittest.main()
