/* The project file, key by key. `gavel init` writes its comments and `gavel check` its help from
 * here. */
#include "schemas/project.h"

#include <stddef.h>

#define AT(field) offsetof(struct project, field)
#define IN(type, field) offsetof(struct type, field)

#define TEXT(name, text) text,
static const char *const formats[] = {FORMATS(TEXT) 0};
static const char *const continuations[] = {CONTINUATIONS(TEXT) 0};
static const char *const purposes[] = {"train", "evaluate", 0};
static const char *const rules[] = {"k_of_n", "majority", "share", "mean_score", 0};
static const char *const stops[] = {"early", "full", "adaptive", 0};
static const char *const keeps[] = {"random", "first", "shortest", "longest", 0};
static const char *const picks[] = {"random", "closest_length", "frequent_wrong", 0};
static const char *const redraws[] = {"undecided", "all", 0};
static const char *const roles[] = {"teacher", "generator", "student", "checker", 0};
static const char *const unpaired[] = {"keep", "skip", 0};
static const char *const annotators[] = {"overall", "majority", "unanimous", 0};
static const char *const rankings[] = {"best_vs_rest", "best_vs_worst", "adjacent", "all", 0};
static const char *const compressions[] = {"none", "gzip", "zstd", 0};
static const char *const kinds[] = {ANSWER_KINDS(TEXT) 0};
static const char *const extracts[] = {EXTRACT_STYLES(TEXT) 0};
static const char *const right_bys[] = {"strict", "rules", 0};
static const char *const percents[] = {"drop", "fraction", "either", "strict", 0};
static const char *const units[] = {"optional", "required", 0};
static const char *const reflections[] = {"none",           "natural", "wait", "wrong_to_right",
                                          "right_to_right", "mixed",   0};

/* One or two lines a key; clang-format would give every field a line of its own. */
/* clang-format off */
static const struct conf_row seed_rows[] = {
    {.key = "path", .type = CONF_STRING, .offset = IN(project_seeds, path),
     .help = "file or glob: JSON lines, JSON lists, CSV (plain, .gz, .zst); \"-\" is standard input"},
    {.key = "format", .type = CONF_STRING, .offset = IN(project_seeds, format), .fallback = "auto",
     .help = "importer; auto recognises it by its keys"},
    {.key = "trust", .type = CONF_STRING, .offset = IN(project_seeds, trust), .fallback = "",
     .help = "verified, human or synthetic, when neither line nor importer says"},
    {.key = "eval_set", .type = CONF_STRING, .offset = IN(project_seeds, eval_set),
     .fallback = "", .help = "name of the evaluation set that these are; releases are marked"},
    {0},
};

static const struct conf_row import_rows[] = {
    {.key = "ties", .type = CONF_ENUM, .offset = AT(import.ties), .names = unpaired,
     .fallback = "keep", .help = "keep: as a seed without a pair; skip: not stored; both counted"},
    {.key = "both_bad", .type = CONF_ENUM, .offset = AT(import.both_bad), .names = unpaired,
     .fallback = "keep", .help = "answers that are called equally bad: likewise"},
    {.key = "moderated", .type = CONF_ENUM, .offset = AT(import.moderated), .names = unpaired,
     .fallback = "keep", .help = "what a moderation flagged; keep: with its pair and its flags"},
    {.key = "annotators", .type = CONF_ENUM, .offset = AT(import.annotators),
     .names = annotators, .fallback = "overall",
     .help = "overall: the data set's own label, else majority; or how many must agree"},
    {.key = "ranking", .type = CONF_ENUM, .offset = AT(import.ranking), .names = rankings,
     .fallback = "best_vs_rest", .help = "which pairs are taken of several ranked answers"},
    {.key = "min_margin", .type = CONF_DOUBLE, .offset = AT(import.min_margin), .fallback = "0",
     .min = 0, .max = 1e6, .help = "least difference of a pair, in the data set's own units"},
    {.key = "max_pairs", .type = CONF_INT, .offset = AT(import.max_pairs), .fallback = "32",
     .min = 1, .max = 256, .help = "most pairs of one record; the rest is counted"},
    {0},
};

static const struct conf_row endpoint_rows[] = {
    {.key = "role", .type = CONF_ENUM, .offset = IN(project_endpoint, role), .names = roles,
     .fallback = "teacher",
     .help = "teacher judges, generator writes answers, student is measured, checker reviews"},
    {.key = "url", .type = CONF_STRING, .offset = IN(project_endpoint, url),
     .help = "base URL of the OpenAI-compatible API, up to and with /v1"},
    {.key = "model", .type = CONF_STRING, .offset = IN(project_endpoint, model),
     .help = "model name as the server knows it"},
    {.key = "api_key_env", .type = CONF_STRING, .offset = IN(project_endpoint, api_key_env),
     .fallback = "", .help = "name of the environment variable that holds the key"},
    {.key = "api_key_file", .type = CONF_STRING, .offset = IN(project_endpoint, api_key_file),
     .fallback = "", .help = "or the file that holds it"},
    {.key = "max_in_flight", .type = CONF_INT, .offset = IN(project_endpoint, max_in_flight),
     .fallback = "512", .min = 1, .max = 65536, .help = "calls at once, counted over all workers"},
    {.key = "continuation", .type = CONF_ENUM, .offset = IN(project_endpoint, continuation),
     .names = continuations, .fallback = "auto",
     .help = "how it goes on with an unfinished answer; auto: the probe finds out"},
    {.key = "price_prompt", .type = CONF_DOUBLE, .offset = IN(project_endpoint, price_prompt),
     .fallback = "0", .min = 0, .max = 1e6, .help = "US dollars per million prompt tokens"},
    {.key = "price_completion", .type = CONF_DOUBLE,
     .offset = IN(project_endpoint, price_completion), .fallback = "0", .min = 0, .max = 1e6,
     .help = "US dollars per million completion tokens"},
    {0},
};

static const struct conf_row generation_rows[] = {
    {.key = "max_tokens", .type = CONF_INT, .offset = AT(generation.max_tokens),
     .fallback = "16384", .min = 1, .max = 1e6, .help = "most tokens of one answer"},
    {.key = "per_request", .type = CONF_INT, .offset = AT(generation.per_request),
     .fallback = "1", .min = 1, .max = 64,
     .help = "rollouts asked for with one request (`n`), where the rule needs them all"},
    {.key = "stream", .type = CONF_BOOL, .offset = AT(generation.stream), .fallback = "false",
     .help = "ask for server-sent events: the idle deadline then sees every token"},
    {.key = "send_seed", .type = CONF_BOOL, .offset = AT(generation.send_seed), .fallback = "true",
     .help = "send `seed`; without it two rollouts of one order send the same bytes"},
    {.key = "temperature", .type = CONF_DOUBLE, .offset = AT(generation.temperature), .min = 0,
     .max = 10, .given = AT(generation.temperature_given),
     .help = "sent only when given; else the server's default"},
    {.key = "top_p", .type = CONF_DOUBLE, .offset = AT(generation.top_p), .min = 0, .max = 1,
     .given = AT(generation.top_p_given), .help = "sent only when given"},
    {.key = "top_k", .type = CONF_INT, .offset = AT(generation.top_k), .min = -1, .max = 1e6,
     .given = AT(generation.top_k_given), .help = "sent only when given"},
    {.key = "extra", .type = CONF_STRING, .offset = AT(generation.extra), .fallback = "",
     .help = "JSON object in quotes; its members are added to every request"},
    {0},
};

static const struct conf_row build_rows[] = {
    {.key = "verifiable", .type = CONF_BOOL, .offset = AT(build.verifiable), .fallback = "true",
     .help = "prompts with a known answer: answers are sampled and checked"},
    {.key = "open", .type = CONF_BOOL, .offset = AT(build.open), .fallback = "true",
     .help = "prompts without: an answer to a changed prompt is the worse one"},
    {.key = "samples", .type = CONF_INT, .offset = AT(build.samples), .fallback = "8", .min = 2,
     .max = 64, .help = "known answer: most answers sampled of one prompt"},
    {.key = "right", .type = CONF_INT, .offset = AT(build.right), .fallback = "1", .min = 1,
     .max = 63, .help = "sampling ends when so many are right …"},
    {.key = "wrong", .type = CONF_INT, .offset = AT(build.wrong), .fallback = "1", .min = 1,
     .max = 63, .help = "… and so many are wrong"},
    {.key = "pairs", .type = CONF_INT, .offset = AT(build.pairs), .fallback = "1", .min = 1,
     .max = 64, .help = "most pairs of one prompt"},
    {.key = "pick", .type = CONF_ENUM, .offset = AT(build.pick), .names = picks,
     .fallback = "random", .help = "which of the right and wrong answers make a pair"},
    {.key = "temperatures", .type = CONF_STRINGS, .offset = AT(build.temperatures),
     .fallback = "[0.7, 1.0]", .max = 64, .part = PART_WRITING,
     .help = "of the samples in turn; [] sends what generation says"},
    {.key = "max_tokens", .type = CONF_INT, .offset = AT(build.max_tokens), .fallback = "0",
     .min = 0, .max = 1e6, .part = PART_WRITING,
     .help = "most tokens of an answer; 0: generation.max_tokens"},
    {.key = "instruction", .type = CONF_STRING, .offset = AT(build.instruction),
     .fallback = "Put your final answer within \\boxed{}.", .part = PART_WRITING,
     .help = "said after a prompt with a known answer; \"\": nothing"},
    {.key = "exclude_judge", .type = CONF_BOOL, .offset = AT(build.exclude_judge),
     .fallback = "false", .help = "no pair has an answer of the model that judges it"},
    {.key = "modifications", .type = CONF_INT, .offset = AT(build.modifications),
     .fallback = "3", .min = 1, .max = 16, .help = "open prompts: most changed prompts tried"},
    {.key = "min_overlap", .type = CONF_DOUBLE, .offset = AT(build.min_overlap),
     .fallback = "0.1", .min = 0, .max = 1,
     .help = "words that the changed prompt must share with the original (share of all)"},
    {.key = "max_overlap", .type = CONF_DOUBLE, .offset = AT(build.max_overlap),
     .fallback = "0.95", .min = 0, .max = 1, .help = "and may share with it"},
    {.key = "max_similarity", .type = CONF_DOUBLE, .offset = AT(build.max_similarity),
     .fallback = "0.9", .min = 0, .max = 1,
     .help = "open prompts: words that the two answers may share"},
    {0},
};

static const struct conf_row deadline_rows[] = {
    {.key = "connect", .type = CONF_DOUBLE, .offset = AT(deadlines.connect), .fallback = "10",
     .min = 0.01, .max = 86400, .help = "seconds until the connection stands"},
    {.key = "first_byte", .type = CONF_DOUBLE, .offset = AT(deadlines.first_byte),
     .fallback = "600", .min = 0.01, .max = 86400,
     .help = "seconds until the first byte of the answer's body"},
    {.key = "idle", .type = CONF_DOUBLE, .offset = AT(deadlines.idle), .fallback = "120",
     .min = 0.01, .max = 86400, .help = "seconds between two pieces of the body"},
    {.key = "total", .type = CONF_DOUBLE, .offset = AT(deadlines.total), .fallback = "1800",
     .min = 0.01, .max = 86400, .help = "seconds for the whole call"},
    {0},
};

static const struct conf_row template_rows[] = {
    {.key = "format", .type = CONF_ENUM, .offset = IN(project_template, format), .names = formats,
     .fallback = "verdict", .help = "the judge format whose prompt it replaces"},
    {.key = "language", .type = CONF_STRING, .offset = IN(project_template, language),
     .fallback = "", .help = "of the seeds it is for; empty: of all that have no own one"},
    {.key = "path", .type = CONF_STRING, .offset = IN(project_template, path), .fallback = "",
     .help = "file that holds the prompt"},
    {.key = "text", .type = CONF_STRING, .offset = IN(project_template, text), .fallback = "",
     .help = "or the prompt itself"},
    {0},
};

static const struct conf_row judge_rows[] = {
    {.key = "format", .type = CONF_ENUM, .offset = AT(judge.format), .names = formats,
     .fallback = "verdict", .help = "what the teacher is asked to write"},
    {.key = "mix", .type = CONF_SHARES, .offset = AT(judge.mix), .fallback = "{}", .max = 8,
     .help = "formats by weight instead, e.g. {verdict: 3, pointwise: 1}; a pair has one"},
    {.key = "templates", .type = CONF_LIST, .offset = AT(judge.templates), .rows = template_rows,
     .item_size = sizeof(struct project_template), .max = TEMPLATE_MAX,
     .help = "prompts of your own"},
    {.key = "nonce", .type = CONF_BOOL, .offset = AT(judge.nonce), .fallback = "false",
     .help = "a mark in markers and tags that no seed can know; removed on export"},
    {0},
};

static const struct conf_row verified_rows[] = {
    {.key = "k", .type = CONF_INT, .offset = AT(accept.verified.k), .fallback = "0", .min = 0,
     .max = 64, .help = "0: as accept.k"},
    {.key = "n", .type = CONF_INT, .offset = AT(accept.verified.n), .fallback = "0", .min = 0,
     .max = 64, .help = "0: as accept.n"},
    {0},
};

static const struct conf_row human_rows[] = {
    {.key = "k", .type = CONF_INT, .offset = AT(accept.human.k), .fallback = "0", .min = 0,
     .max = 64, .help = "0: as accept.k"},
    {.key = "n", .type = CONF_INT, .offset = AT(accept.human.n), .fallback = "0", .min = 0,
     .max = 64, .help = "0: as accept.n"},
    {0},
};

static const struct conf_row synthetic_rows[] = {
    {.key = "k", .type = CONF_INT, .offset = AT(accept.synthetic.k), .fallback = "0", .min = 0,
     .max = 64, .help = "0: as accept.k"},
    {.key = "n", .type = CONF_INT, .offset = AT(accept.synthetic.n), .fallback = "0", .min = 0,
     .max = 64, .help = "0: as accept.n"},
    {0},
};

static const struct conf_row accept_rows[] = {
    {.key = "rule", .type = CONF_ENUM, .offset = AT(accept.rule), .names = rules,
     .fallback = "k_of_n", .help = "how the rollouts of one order decide"},
    {.key = "k", .type = CONF_INT, .offset = AT(accept.k), .fallback = "3", .min = 1, .max = 64,
     .help = "correct rollouts needed in each order"},
    {.key = "n", .type = CONF_INT, .offset = AT(accept.n), .fallback = "4", .min = 1, .max = 64,
     .help = "most rollouts of one order"},
    {.key = "share", .type = CONF_DOUBLE, .offset = AT(accept.share), .fallback = "0.75",
     .min = 0.01, .max = 1, .help = "rule share: correct ones of n, in each order"},
    {.key = "margin", .type = CONF_DOUBLE, .offset = AT(accept.margin), .fallback = "0.5",
     .min = 0.01, .max = 10,
     .help = "rule mean_score: points the better answer's mean must be ahead, in each order"},
    {.key = "verified", .type = CONF_SECTION, .rows = verified_rows,
     .help = "another k of n for pairs whose label was checked"},
    {.key = "human", .type = CONF_SECTION, .rows = human_rows,
     .help = "for pairs that people labelled"},
    {.key = "synthetic", .type = CONF_SECTION, .rows = synthetic_rows,
     .help = "for pairs whose worse answer was made on purpose"},
    {.key = "stop", .type = CONF_ENUM, .offset = AT(accept.stop), .names = stops,
     .fallback = "early",
     .help = "early: no call that can no longer matter; full: all n; adaptive: none that is not "
             "worth it"},
    {.key = "loss", .type = CONF_DOUBLE, .offset = AT(accept.loss), .fallback = "0.05", .min = 0,
     .max = 0.5, .help = "stop adaptive: share of the pairs early would accept that may be given up"},
    {.key = "keep_per_order", .type = CONF_INT, .offset = AT(accept.keep_per_order),
     .fallback = "1", .min = 1, .max = 64, .help = "traces exported of each order"},
    {.key = "keep", .type = CONF_ENUM, .offset = AT(accept.keep), .names = keeps,
     .fallback = "random", .help = "which of several; random: by hash"},
    {.key = "speculate", .type = CONF_INT, .offset = AT(accept.speculate), .fallback = "0",
     .min = 0, .max = 64, .help = "calls in flight per pair beyond those that are surely needed"},
    {.key = "cut", .type = CONF_BOOL, .offset = AT(accept.cut), .fallback = "true",
     .help = "cut calls in flight of a pair that is decided; there are some under speculate only"},
    {0},
};

static const struct conf_row quota_rows[] = {
    {.key = "domain", .type = CONF_STRING, .offset = IN(project_quota, domain), .fallback = "",
     .help = "of the seeds; empty: any"},
    {.key = "source", .type = CONF_STRING, .offset = IN(project_quota, source), .fallback = "",
     .help = "of the seeds; empty: any"},
    {.key = "trust", .type = CONF_STRING, .offset = IN(project_quota, trust), .fallback = "",
     .help = "of the label; empty: any"},
    {.key = "pass_from", .type = CONF_DOUBLE, .offset = IN(project_quota, pass_from),
     .fallback = "0", .min = 0, .max = 1,
     .help = "share of correct rollouts, from; needs stop: full"},
    {.key = "pass_to", .type = CONF_DOUBLE, .offset = IN(project_quota, pass_to), .fallback = "1",
     .min = 0, .max = 1, .help = "and up to"},
    {.key = "accepted", .type = CONF_INT, .offset = IN(project_quota, accepted), .fallback = "0",
     .min = 0, .max = 1e15, .help = "accepted pairs of this kind that are enough"},
    {0},
};

static const struct conf_row reflection_rows[] = {
    {.key = "mode", .type = CONF_ENUM, .offset = AT(reflection.mode), .names = reflections,
     .fallback = "mixed", .help = "how the teacher is made to reflect"},
    {.key = "share", .type = CONF_DOUBLE, .offset = AT(reflection.share), .fallback = "0.3",
     .min = 0, .max = 1, .part = PART_RULES, .help = "mixed: share of the correct rollouts that were given a cue"},
    {.key = "rounds", .type = CONF_INT, .offset = AT(reflection.rounds), .fallback = "1",
     .min = 1, .max = 8, .help = "cues of one rollout, at most"},
    {.key = "cues", .type = CONF_STRINGS, .offset = AT(reflection.cues), .fallback = "[]",
     .max = CUE_MAX, .help = "what is said; empty: built in, English and Chinese"},
    {.key = "min_tokens", .type = CONF_INT, .offset = AT(reflection.min_tokens), .fallback = "0",
     .min = 0, .max = 1e6, .help = "wait: shorter rollouts are given further cues"},
    {.key = "max_tokens", .type = CONF_INT, .offset = AT(reflection.max_tokens), .fallback = "0",
     .min = 0, .max = 1e6, .help = "longer ones are given none; 0: no bound"},
    {.key = "proportions", .type = CONF_SHARES, .offset = AT(reflection.proportions),
     .fallback = "{}", .max = 3, .part = PART_RULES,
     .help = "kinds among the exported traces: {natural, right_to_right, wrong_to_right}"},
    {.key = "flip_gap", .type = CONF_DOUBLE, .offset = AT(reflection.flip_gap), .fallback = "0",
     .min = 0, .max = 1, .part = PART_RULES,
     .help = "gate: most by which P(flip | cue) in a release may exceed all rollouts'; 0: none"},
    {0},
};

static const struct conf_row hint_rows[] = {
    {.key = "share", .type = CONF_DOUBLE, .offset = AT(hint.share), .fallback = "0", .min = 0,
     .max = 0.5, .help = "most accepted pairs that may come from a hinted second pass; 0: none"},
    {.key = "k", .type = CONF_INT, .offset = AT(hint.k), .fallback = "1", .min = 1, .max = 64,
     .help = "traces that must hold without the hint, in each order"},
    {.key = "n", .type = CONF_INT, .offset = AT(hint.n), .fallback = "2", .min = 1, .max = 64,
     .help = "of at most so many"},
    {0},
};

static const struct conf_row checker_rows[] = {
    {.key = "claims", .type = CONF_BOOL, .offset = AT(checker.claims), .fallback = "true",
     .help = "a claim that the checker finds wrong rejects the trace"},
    {0},
};

static const struct conf_row answer_rows[] = {
    {.key = "kind", .type = CONF_ENUM, .offset = AT(answers.kind), .names = kinds,
     .fallback = "auto", .part = PART_BUILDING,
     .help = "how answers are compared; auto: as math, unless the seed says its kind"},
    {.key = "percent", .type = CONF_ENUM, .offset = AT(answers.percent), .names = percents,
     .fallback = "drop", .part = PART_BUILDING,
     .help = "50% is 50, 0.5, either of them, or nothing but 50%"},
    {.key = "units", .type = CONF_ENUM, .offset = AT(answers.units), .names = units,
     .fallback = "optional", .part = PART_BUILDING,
     .help = "a unit that one side lacks is overlooked, or counts"},
    {.key = "relative", .type = CONF_DOUBLE, .offset = AT(answers.relative), .fallback = "0",
     .min = 0, .max = 1, .part = PART_BUILDING,
     .help = "kind number: how far an answer may be off, as a share of the known one; 0: exactly"},
    {.key = "absolute", .type = CONF_DOUBLE, .offset = AT(answers.absolute), .fallback = "0",
     .min = 0, .max = 1e15, .part = PART_BUILDING,
     .help = "kind number: or in all; the larger of the two counts"},
    {.key = "ratios", .type = CONF_BOOL, .offset = AT(answers.ratios), .fallback = "false",
     .part = PART_BUILDING, .help = "1:2 is 1/2"},
    {.key = "words", .type = CONF_BOOL, .offset = AT(answers.words), .fallback = "true",
     .part = PART_BUILDING, .help = "number words count: three is 3"},
    {.key = "fold_case", .type = CONF_BOOL, .offset = AT(answers.fold_case), .fallback = "false",
     .part = PART_BUILDING, .help = "kind text: letter case does not count"},
    {.key = "right_by", .type = CONF_ENUM, .offset = AT(answers.right_by), .names = right_bys,
     .fallback = "strict",
     .help = "what a right answer must pass: the strict comparison, where a unit or a percent sign "
             "that one side lacks counts, or the rules above"},
    {.key = "extract", .type = CONF_ENUM, .offset = AT(answers.extract), .names = extracts,
     .fallback = "auto", .part = PART_BUILDING,
     .help = "where the final answer stands; auto: a box, #### line, or answer line, whichever is "
             "there; last_number: else the last number"},
    {.key = "exec", .type = CONF_STRING, .offset = AT(answers.exec), .fallback = "",
     .part = PART_BUILDING,
     .help = "kind exec: your command, for /bin/sh -c; JSON lines in, JSON lines out"},
    {.key = "exec_timeout", .type = CONF_DOUBLE, .offset = AT(answers.exec_timeout),
     .fallback = "10", .min = 0.01, .max = 3600,
     .help = "seconds the command has for one comparison"},
    {.key = "exec_workers", .type = CONF_INT, .offset = AT(answers.exec_workers), .fallback = "2",
     .min = 1, .max = 64, .help = "processes of the command at once"},
    {0},
};

static const struct conf_row student_rows[] = {
    {.key = "n", .type = CONF_INT, .offset = AT(student_n), .fallback = "4", .min = 1, .max = 64,
     .help = "rollouts of each order"},
    {0},
};

static const struct conf_row budget_rows[] = {
    {.key = "calls", .type = CONF_INT, .offset = AT(budget.calls), .fallback = "0", .min = 0,
     .max = 1e15, .help = "most finished calls of one run; 0: no limit"},
    {.key = "tokens", .type = CONF_INT, .offset = AT(budget.tokens), .fallback = "0", .min = 0,
     .max = 1e15, .help = "most prompt and completion tokens of one run"},
    {.key = "cost_usd", .type = CONF_DOUBLE, .offset = AT(budget.cost_usd), .fallback = "0",
     .min = 0, .max = 1e9, .help = "most US dollars of one run; not in this version"},
    {.key = "wall_s", .type = CONF_DOUBLE, .offset = AT(budget.wall_s), .fallback = "0", .min = 0,
     .max = 1e9, .help = "most seconds of one run"},
    {0},
};

static const struct conf_row worker_rows[] = {
    {.key = "local", .type = CONF_INT, .offset = AT(workers.local), .fallback = "1", .min = 0,
     .max = 64, .help = "worker processes that `gavel run` starts"},
    {.key = "slots", .type = CONF_INT, .offset = AT(workers.slots), .fallback = "256", .min = 1,
     .max = 16384, .help = "calls in flight of one worker"},
    {.key = "listen", .type = CONF_STRING, .offset = AT(workers.listen), .fallback = "",
     .help = "address for workers on other machines, e.g. tcp://0.0.0.0:5555"},
    {0},
};

static const struct conf_row limit_rows[] = {
    {.key = "line_bytes", .type = CONF_INT, .offset = AT(limits.line_bytes),
     .fallback = "4194304", .min = 64, .max = 268435456, .help = "longest line of a seed file"},
    {.key = "body_bytes", .type = CONF_INT, .offset = AT(limits.body_bytes),
     .fallback = "8388608", .min = 256, .max = 268435456, .help = "longest answer of a teacher"},
    {.key = "message_bytes", .type = CONF_INT, .offset = AT(limits.message_bytes),
     .fallback = "33554432", .min = 65536, .max = 1073741824.0,
     .help = "longest message between coordinator and worker"},
    {.key = "lease_s", .type = CONF_DOUBLE, .offset = AT(limits.lease_s), .fallback = "30",
     .min = 1, .max = 3600, .help = "seconds after which a silent worker's calls are given away"},
    {0},
};

static const struct conf_row export_rows[] = {
    {.key = "dir", .type = CONF_STRING, .offset = AT(export.dir), .fallback = "",
     .help = "where releases go; empty: no export at the end of a run"},
    {.key = "formats", .type = CONF_STRINGS, .offset = AT(export.formats),
     .fallback = "[sft, dpo, rl]", .min = 1, .max = 16, .help = "which exporters run"},
    {.key = "shard_rows", .type = CONF_INT, .offset = AT(export.shard_rows), .fallback = "10000",
     .min = 1, .max = 1e9, .help = "rows of one file"},
    {.key = "compress", .type = CONF_ENUM, .offset = AT(export.compress), .names = compressions,
     .fallback = "none", .help = "of each file"},
    {.key = "split", .type = CONF_SHARES, .offset = AT(export.split),
     .fallback = "{train: 0.95, validation: 0.05}", .min = 1, .max = SPLIT_MAX,
     .help = "share of each split; a prompt and its group are never on two sides"},
    {.key = "trust", .type = CONF_STRINGS, .offset = AT(export.trust),
     .fallback = "[verified, human, synthetic]", .min = 1, .max = 3,
     .help = "trust classes of labels that may leave"},
    {0},
};

const struct conf_row project_rows[] = {
    {.key = "name", .type = CONF_STRING, .offset = AT(name), .fallback = "gavel",
     .help = "name of the project, used in the data set card"},
    {.key = "purpose", .type = CONF_ENUM, .offset = AT(purpose), .names = purposes,
     .fallback = "train", .help = "evaluate: measures the teachers; nothing is exported"},
    {.key = "store", .type = CONF_STRING, .offset = AT(store), .fallback = "judge.db",
     .help = "the SQLite file that holds everything"},
    {.key = "rng_seed", .type = CONF_INT, .offset = AT(rng_seed), .fallback = "1", .min = 0,
     .max = 9007199254740992.0, .help = "all random choices follow from it"},
    {.key = "seeds", .type = CONF_LIST, .offset = AT(seeds), .rows = seed_rows,
     .item_size = sizeof(struct project_seeds), .min = 0, .max = 1024, .help = "what is judged"},
    {.key = "import", .type = CONF_SECTION, .rows = import_rows,
     .help = "what becomes of ties, rankings and flags; all of it is counted"},
    {.key = "endpoints", .type = CONF_LIST, .offset = AT(endpoints), .rows = endpoint_rows,
     .item_size = sizeof(struct project_endpoint), .min = 1, .max = ENDPOINT_MAX,
     .help = "who judges"},
    {.key = "generation", .type = CONF_SECTION, .rows = generation_rows, .part = PART_RECIPE,
     .help = "settings of the request"},
    {.key = "build", .type = CONF_SECTION, .rows = build_rows, .part = PART_BUILDING,
     .help = "pairs of prompts that come without one"},
    {.key = "deadlines", .type = CONF_SECTION, .rows = deadline_rows,
     .help = "when a call is given up"},
    {.key = "tries", .type = CONF_INT, .offset = AT(tries), .fallback = "6", .min = 1, .max = 1000,
     .help = "attempts at one call in one run; then its pair is deferred"},
    {.key = "give_up_after", .type = CONF_DOUBLE, .offset = AT(give_up_after), .fallback = "900",
     .min = 1, .max = 1e7, .help = "seconds without any answer from the teacher"},
    {.key = "judge", .type = CONF_SECTION, .rows = judge_rows, .part = PART_RECIPE,
     .help = "how the question is put"},
    {.key = "accept", .type = CONF_SECTION, .rows = accept_rows, .part = PART_RULES,
     .help = "when a pair is accepted"},
    {.key = "calibration", .type = CONF_DOUBLE, .offset = AT(calibration), .fallback = "0.05",
     .min = 0, .max = 1, .part = PART_RULES,
     .help = "share of pairs that is always drawn in full: the unbiased view of the teacher"},
    {.key = "quotas", .type = CONF_LIST, .offset = AT(quotas), .rows = quota_rows,
     .item_size = sizeof(struct project_quota), .max = QUOTA_MAX, .part = PART_RULES,
     .help = "kinds of pairs of which there can be enough"},
    {.key = "redraw", .type = CONF_ENUM, .offset = AT(redraw), .names = redraws,
     .fallback = "undecided", .help = "all: a changed recipe judges decided pairs anew, too"},
    {.key = "reflection", .type = CONF_SECTION, .rows = reflection_rows, .part = PART_RECIPE,
     .help = "reflection of the teacher"},
    {.key = "hint", .type = CONF_SECTION, .rows = hint_rows, .part = PART_RULES,
     .help = "second pass for pairs that failed: the teacher is told the winner"},
    {.key = "checker", .type = CONF_SECTION, .rows = checker_rows, .part = PART_RULES,
     .help = "review by the endpoints with the role checker"},
    {.key = "answers", .type = CONF_SECTION, .rows = answer_rows,
     .help = "how final answers are checked against the known one"},
    {.key = "student", .type = CONF_SECTION, .rows = student_rows, .part = PART_RULES,
     .help = "measuring by the endpoints with the role student"},
    {.key = "filters", .type = CONF_NAMED, .offset = AT(filters),
     .fallback = "[length, repetition]", .max = 32, .part = PART_RULES,
     .help = "checks of each trace; [] for none (see `gavel filters`)"},
    {.key = "budget", .type = CONF_SECTION, .rows = budget_rows, .help = "limits of one run"},
    {.key = "workers", .type = CONF_SECTION, .rows = worker_rows, .help = "processes and slots"},
    {.key = "limits", .type = CONF_SECTION, .rows = limit_rows, .help = "bounds on what may grow"},
    {.key = "export", .type = CONF_SECTION, .rows = export_rows, .help = "what leaves the store"},
    {0},
};
/* clang-format on */
