/*
 * ledger_fixture: a store with pairs, judgments and decisions, made through the calls a run makes.
 * A failure ends the test with the error's sentence.
 */
#ifndef TESTS_LEDGER_FIXTURE_H
#define TESTS_LEDGER_FIXTURE_H

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coordinator/store/ledger.h"
#include "coordinator/store/samples.h"
#include "coordinator/store/seeds.h"

struct ledger_fixture {
    struct arena arena;
    struct project project;
    struct seats seats; /* of the project; their recipes are those of fixture_run */
    struct store *store;
    struct seeds_file file;
    struct ledger_run run;
    int64_t endpoint, line;
    uint64_t pairs; /* rows so far, from 1 */
};

/* A pair as a test wants it; what is NULL or 0 gets a fallback. */
struct fixture_pair {
    const char *prompt, *chosen, *rejected;
    const char *group, *source, *domain, *eval_set;
    enum trust trust;
    const char *language, *reference, *rubric, *meta, *evidence;
};

struct fixture_rollout {
    enum lane lane;
    int k;
    enum verdict verdict;
    const char *thought, *answer, *filter;
    int seat; /* index in the project's seats */
    enum format format;
    bool scored; /* has these scores; else none */
    int score_a, score_b;
    int cues;             /* as many calls went on with it; each of them says `verdict` */
    enum verdict first;   /* with cues: what its first call said */
    const char *segments; /* of the last call, JSON */
    bool unfinished;      /* it was to go on and has not yet */
    bool closed;          /* with cues: the last of them only closed the thought */
};

static inline void fixture_must(bool ok, const struct err *e)
{
    if (ok)
        return;
    fprintf(stderr, "fixture: %s\n", e->text);
    abort();
}

/* fixture_project(f, yaml): replaces the project; `yaml` goes after the keys every project needs,
 * of which it may bring its own `endpoints`. */
static inline void fixture_project(struct ledger_fixture *f, const char *yaml)
{
    struct err e;
    struct buf text;
    buf_init(&text, 65536);
    if (!strstr(yaml, "endpoints:"))
        buf_str(&text, "endpoints: [{url: \"http://127.0.0.1:1/v1\", model: teacher-1}]\n");
    buf_str(&text, yaml);
    f->project = (struct project){0};
    fixture_must(project_from_text(&f->project, &f->arena, "/test/gavel.yaml", buf_view(&text), &e),
                 &e);
    fixture_must(seats_build(&f->seats, &f->project, &e), &e);
    buf_free(&text);
}

/* fixture_recipe(f, recipe): every seat's recipe gets an id that follows from this text. */
static inline void fixture_recipe(struct ledger_fixture *f, const char *recipe)
{
    for (size_t i = 0; i < f->seats.n; i++) {
        char text[512];
        int n = snprintf(text, sizeof text, "%zu: %s", i, recipe);
        f->seats.all[i].recipe = project_fingerprint("recipe", (struct slice){text, (size_t)n});
    }
}

/* fixture_run(f, recipe): a new run under the project's rules and the recipes of this name. */
static inline void fixture_run(struct ledger_fixture *f, const char *recipe)
{
    struct err e;
    fixture_recipe(f, recipe);
    ledger_free_run(&f->run);
    f->run = (struct ledger_run){0};
    fixture_must(ledger_begin_run(f->store, &f->project, &f->seats, S("{}"), &f->run, &e), &e);
    fixture_must(store_begin(f->store, &e), &e);
    fixture_must(ledger_endpoint(f->store, project_teacher(&f->project), &f->endpoint, &e), &e);
    fixture_must(store_commit(f->store, &e), &e);
}

/* fixture_open(f, path, yaml): an empty store with one run. */
static inline void fixture_open(struct ledger_fixture *f, const char *path, const char *yaml)
{
    struct err e;
    *f = (struct ledger_fixture){0};
    arena_init(&f->arena, 16 << 20);
    fixture_project(f, yaml);
    f->store = store_open(path, STORE_WRITE, &e);
    fixture_must(f->store != NULL, &e);
    fixture_must(store_begin(f->store, &e), &e);
    fixture_must(seeds_file(f->store, "seeds.jsonl", &f->file, &e), &e);
    fixture_must(store_commit(f->store, &e), &e);
    fixture_run(f, "first");
}

static inline void fixture_close(struct ledger_fixture *f)
{
    ledger_free_run(&f->run);
    store_close(f->store);
    arena_free(&f->arena);
}

static inline struct chat fixture_chat(struct message *m, const char *role, const char *text)
{
    *m = (struct message){slice_of(role), slice_of(text)};
    return (struct chat){m, 1};
}

/* fixture_import(f, spec, line): as an import meets this record; it and its file may be new or
 * known. */
static inline enum seeds_got fixture_import(struct ledger_fixture *f,
                                            const struct fixture_pair *spec, int64_t line,
                                            struct id *id)
{
    struct err e;
    struct seeds_added added = {.pairs = 0};
    struct message m[3];
    struct seed_record *r = calloc(1, sizeof *r);
    assert(r);
    r->prompt = fixture_chat(&m[0], "user", spec->prompt);
    r->responses[0].chat = fixture_chat(&m[1], "assistant", spec->chosen ? spec->chosen : "good");
    r->responses[1].chat = fixture_chat(&m[2], "assistant",
                                        spec->rejected ? spec->rejected : "bad");
    r->responses[1].rank = 1;
    r->n_responses = 2;
    r->pairs[0] = (struct seed_pair){.chosen = 0, .rejected = 1};
    r->n_pairs = 1;
    r->trust = spec->trust;
    r->group = slice_of(spec->group);
    r->source = slice_of(spec->source);
    r->domain = slice_of(spec->domain);
    r->eval_set = slice_of(spec->eval_set);
    r->pairs[0].evidence = slice_of(spec->evidence ? spec->evidence : "{}");
    r->language = slice_of(spec->language);
    r->reference = slice_of(spec->reference);
    r->rubric = slice_of(spec->rubric);
    r->meta = slice_of(spec->meta);
    buf_init(&added.where, 1024);
    enum seeds_got got = seeds_add(f->store, &f->file, line, "gavel", r, &added, &e);
    fixture_must(got != SEEDS_FAILED, &e);
    *id = seeds_pair_id(r, 0);
    buf_free(&added.where);
    free(r);
    return got;
}

/* fixture_add_pair(f, spec): within a transaction; the pair's row. */
static inline uint64_t fixture_add_pair(struct ledger_fixture *f, const struct fixture_pair *spec)
{
    struct err e;
    struct id id;
    struct fixture_pair whole = *spec;
    char fallback[64];
    bool found = false;
    snprintf(fallback, sizeof fallback, "question %llu", (unsigned long long)f->pairs + 1);
    if (!whole.prompt)
        whole.prompt = fallback;
    enum seeds_got got = fixture_import(f, &whole, ++f->line, &id);
    assert(got == SEEDS_NEW);
    (void)got;
    fixture_must(ledger_pair(f->store, f->pairs + 1, &id, &found, &e) && found, &e);
    return ++f->pairs;
}

/* fixture_add_seed(f, prompt, answer, kind): within a transaction; a prompt without a pair: its
 * row. `answer`: the known one; NULL: none. */
static inline uint64_t fixture_add_seed(struct ledger_fixture *f, const char *prompt,
                                        const char *answer, const char *kind)
{
    struct err e;
    struct seeds_added added = {.pairs = 0};
    struct message m;
    struct seed_record *r = calloc(1, sizeof *r);
    struct builder_seed seeds[256];
    size_t n;
    assert(r);
    r->prompt = fixture_chat(&m, "user", prompt);
    r->answer = slice_of(answer);
    r->answer_kind = slice_of(kind);
    r->reason = answer ? SEED_ANSWER_ONLY : SEED_PROMPT_ONLY;
    buf_init(&added.where, 1024);
    enum seeds_got got = seeds_add(f->store, &f->file, ++f->line, "gavel", r, &added, &e);
    fixture_must(got != SEEDS_FAILED, &e);
    assert(got == SEEDS_NEW);
    buf_free(&added.where);
    free(r);
    fixture_must(samples_open_seeds(f->store, &f->project, 0, seeds, 256, &n, &e), &e);
    assert(n > 0 && n < 256);
    return seeds[n - 1].row;
}

/* The answer that says so, in the form of FORMAT_VERDICT. */
static inline const char *fixture_answer(enum verdict v)
{
    return v == VERDICT_A ? "<answer> [[A]] </answer>" : "<answer> [[B]] </answer>";
}

/* fixture_add_call(f, pair, spec, step, last): one call of a rollout. */
static inline void fixture_add_call(struct ledger_fixture *f, uint64_t pair,
                                    const struct fixture_rollout *spec, int step, bool last)
{
    struct err e;
    enum verdict v = step < spec->cues ? spec->first : spec->verdict;
    struct wire_call call = {
        .attempt = 1,
        .recipe = f->seats.all[spec->seat].recipe,
        .key = {.row = pair,
                .seat = (uint8_t)spec->seat,
                .lane = (uint8_t)spec->lane,
                .k = (uint8_t)spec->k,
                .step = (uint8_t)step},
    };
    struct call_result result = {
        .http_status = 200,
        .finish = FINISH_STOP,
        .thought = slice_of(spec->thought ? spec->thought : "I compare."),
        .answer = slice_of(spec->answer ? spec->answer : fixture_answer(v)),
        .model = S("served-name"),
        .request_id = S(""),
        .completion_tokens = 10,
        .trace_tokens = 10 * (uint32_t)(step + 1),
        .ask = step == 0                            ? ASK_JUDGE
               : spec->closed && step == spec->cues ? ASK_CLOSE
                                                    : ASK_CONTINUE,
        .format = spec->format,
        .verdict = v,
        .first = spec->cues ? spec->first : v,
        .score_a = spec->scored ? spec->score_a : SCORE_NONE,
        .score_b = spec->scored ? spec->score_b : SCORE_NONE,
        .segments = slice_of(last ? spec->segments : ""),
        .filter = slice_of(spec->filter),
    };
    fixture_must(ledger_add_call(f->store, f->run.recipes[spec->seat],
                                 f->seats.all[spec->seat].kind, &call, &result, last, f->endpoint,
                                 0, 1, &e),
                 &e);
}

/* fixture_add_rollout(f, pair, spec): within a transaction. */
static inline void fixture_add_rollout(struct ledger_fixture *f, uint64_t pair,
                                       const struct fixture_rollout *spec)
{
    for (int step = 0; step <= spec->cues; step++)
        fixture_add_call(f, pair, spec, step, step == spec->cues && !spec->unfinished);
}

/* fixture_decide(f, pair, state, reason): within a transaction. */
static inline void fixture_decide(struct ledger_fixture *f, uint64_t pair, enum pair_state state,
                                  enum reason reason)
{
    struct err e;
    struct ledger_decision d = {
        .pair = pair,
        .recipe = f->run.recipe.row,
        .rules = f->run.rules.row,
        .run = f->run.run,
        .state = state,
        .reason = reason,
        .detail = "",
    };
    fixture_must(ledger_decide(f->store, &d, 1, &e), &e);
}

/* fixture_judge(f, pair, verdicts): both orders from letters, e.g. "AAB BB-": first the rollouts
 * with the chosen answer first, then the others; '-' is no verdict, lower case is right or wrong
 * all the same but rejected by the filter "length". */
static inline void fixture_judge(struct ledger_fixture *f, uint64_t pair, const char *verdicts)
{
    enum lane lane = LANE_CHOSEN_FIRST;
    int k = 0;
    for (const char *v = verdicts; *v; v++) {
        if (*v == ' ') {
            lane = LANE_REJECTED_FIRST;
            k = 0;
            continue;
        }
        bool a = *v == 'A' || *v == 'a', b = *v == 'B' || *v == 'b';
        struct fixture_rollout r = {
            .lane = lane,
            .k = k++,
            .verdict = a   ? VERDICT_A
                       : b ? VERDICT_B
                           : VERDICT_NONE,
            .filter = *v == 'a' || *v == 'b' ? "length" : "",
        };
        fixture_add_rollout(f, pair, &r);
    }
}

#endif
