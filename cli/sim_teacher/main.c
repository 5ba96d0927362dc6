/* gavel-sim-teacher: plays a teacher, judge or generator, for rehearsing runs and for tests. */
#include <stdio.h>
#include <stdlib.h>

#include "base/args.h"
#include "base/log.h"
#include "cli/sim_teacher/server.h"

static const char about[] =
    "A server that speaks the OpenAI chat-completions protocol and plays a judge: it finds the "
    "two\n"
    "answers in a judge's question, decides for one of them and writes a short reasoned judgment.\n"
    "Use it to rehearse a run: how many pairs get accepted with a teacher this good, how long it\n"
    "takes, what happens when the teacher is slow, biased, overloaded or broken.\n"
    "\n"
    "It answers in each of Gavel's judge formats, as the question asks for it; goes on with a\n"
    "judgment that was cut, by one of the ways that servers have for it (--prefill) or when a\n"
    "further turn asks for it; answers for a thought that was closed; reviews critiques; follows\n"
    "a hint about the winner; and gives several choices when `n` asks for them.\n"
    "\n"
    "It also plays a generator. A prompt of --truth whose answer is known gets a solution with a "
    "final\n"
    "answer, right or wrong; any other prompt gets an answer that says something about it; and "
    "who\n"
    "asks for a changed prompt gets one with an answer to it. Pairs built of these are judged as\n"
    "those of --truth: it knows the right answer again.\n"
    "\n"
    "Everything random is a hash of --seed and the request's bytes: the same requests get the "
    "same\n"
    "answers in every run and in any order. Only the faults of the transport look also at how "
    "often\n"
    "the same bytes came, so that asking again can help. The first line of standard output is\n"
    "\"listening on HOST:PORT\"; SIGTERM or SIGINT ends it at once.\n"
    "\n"
    "Faults of the transport (KIND of --fault): 429 (with Retry-After), 500, 503, hang (never "
    "answers),\n"
    "drop (closes before or within the answer), truncate (ends before its announced length), "
    "badjson,\n"
    "error200 (200 with an error inside), drip (whole, but over three seconds). Faults of the "
    "content,\n"
    "whole answers without a usable verdict: no_verdict, tie, both, unclosed (the thought never "
    "ends),\n"
    "length (cut off), refused (content filter), empty.\n"
    "\n"
    "POST /v1/chat/completions (also /chat/completions), GET /v1/models, GET /health, and GET "
    "/stats:\n"
    "calls (whole answers served), requests, in_flight, connections, their peaks, repeated_bodies\n"
    "(requests whose whole answer was served more than once) and faults; of the calls, those to a\n"
    "generator: answers, modifications, and what they generated.\n"
    "\n"
    "example: gavel-sim-teacher --listen 127.0.0.1:8000 --truth seeds.jsonl --p-correct 0.85 \\\n"
    "             --position-bias 0.1 --latency lognormal:800,0.6 --capacity 64 --fault 429=0.02";

struct options {
    const char *listen, *latency, *thought, *log, *key, *prefill, *form;
    double p_correct, position_bias, hopeless;
    struct temper temper;
    struct generator generator;
    int64_t capacity, seed, context, choices;
    bool echo, counts_first;
    struct args_strings truth, faults, models;
};

static bool in_range(const char *name, double v, double min, double max, struct err *e)
{
    return (v >= min && v <= max) ||
           err_set(e, ERR_USAGE, "--%s must be from %g to %g, not %g", name, min, max, v);
}

static bool read_thought(const char *name, enum thought_field *field, struct err *e)
{
    static const struct {
        const char *name;
        enum thought_field field;
    } rows[] = {{"tag", THOUGHT_THINK_TAG},
                {"reasoning", THOUGHT_REASONING},
                {"reasoning_content", THOUGHT_REASONING_CONTENT},
                {"none", THOUGHT_ABSENT}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (slice_is(slice_of(name), rows[i].name)) {
            *field = rows[i].field;
            return true;
        }
    }
    return err_set(e, ERR_USAGE,
                   "--thought must be tag, reasoning, reasoning_content or none, not '%s'", name);
}

static bool read_prefill(const char *name, enum continuation *how, struct err *e)
{
    static const struct {
        const char *name;
        enum continuation how;
    } rows[] = {{"none", CONTINUATION_TURN},
                {"trailing", CONTINUATION_TRAILING},
                {"flag", CONTINUATION_FLAG},
                {"prefix", CONTINUATION_PREFIX}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (slice_is(slice_of(name), rows[i].name)) {
            *how = rows[i].how;
            return true;
        }
    }
    return err_set(e, ERR_USAGE, "--prefill must be trailing, flag, prefix or none, not '%s'",
                   name);
}

static bool check_temper(const struct temper *t, struct err *e)
{
    return in_range("reflects", t->reflects, 0, 1, e) && in_range("fix", t->fix, 0, 1, e) &&
           in_range("break", t->breaks, 0, 1, e) &&
           in_range("empty-reflection", t->empty, 0, 1, e) && in_range("hold", t->hold, 0, 1, e) &&
           in_range("p-hinted", t->hinted, 0, 1, e) && in_range("mention", t->mention, 0, 1, e) &&
           in_range("dispute", t->dispute, 0, 1, e);
}

/* left(taken): of a whole, when shares of it are taken; as exact as their sum is. */
static double left(double taken)
{
    return 1 - taken + 1e-9;
}

static bool check_generator(const struct generator *g, struct err *e)
{
    return in_range("p-answer", g->right, 0, 1, e) && in_range("hard-prompts", g->hard, 0, 1, e) &&
           in_range("easy-prompts", g->easy, 0, left(g->hard), e) &&
           in_range("p-no-answer", g->no_answer, 0, 1, e) &&
           in_range("p-conflict", g->conflict, 0, left(g->no_answer), e) &&
           in_range("p-unparseable", g->unparseable, 0, 1, e) &&
           in_range("p-identical", g->identical, 0, left(g->unparseable), e) &&
           in_range("p-off-topic", g->off_topic, 0, left(g->unparseable + g->identical), e);
}

static bool read_form(const char *name, enum final_form *form, struct err *e)
{
    static const char *const names[] = {
        [FINAL_BOXED] = "boxed", [FINAL_HASHES] = "hashes", [FINAL_PLAIN] = "plain"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (slice_is(slice_of(name), names[i])) {
            *form = (enum final_form)i;
            return true;
        }
    }
    return err_set(e, ERR_USAGE, "--answer-form must be boxed, hashes or plain, not '%s'", name);
}

static bool load_truth(struct truth *t, const struct args_strings *files, struct err *e)
{
    for (int i = 0; i < files->n; i++)
        if (!truth_load(t, files->items[i], e))
            return false;
    if (files->n)
        log_info("%zu pairs are known; %zu lines gave none, of which %zu gave a prompt with its "
                 "answer and %zu an open prompt",
                 t->pairs, t->skipped, t->answered, t->open);
    return true;
}

static bool make_character(const struct options *o, struct character *c, struct err *e)
{
    c->seed = (uint64_t)o->seed;
    c->oracle = (struct oracle){o->p_correct, o->position_bias, o->hopeless};
    c->temper = o->temper;
    c->generator = o->generator;
    c->key = o->key;
    c->context = o->context;
    c->echoes = o->echo;
    c->max_choices = o->choices;
    c->counts_first = o->counts_first;
    if (!in_range("p-correct", o->p_correct, 0, 1, e) ||
        !in_range("position-bias", o->position_bias, -1, 1, e) ||
        !in_range("hopeless", o->hopeless, 0, 1, e) ||
        !in_range("capacity", (double)o->capacity, 0, 1e9, e) ||
        !in_range("context", (double)o->context, 1, 1e9, e) ||
        !in_range("choices", (double)o->choices, 1, JUDGMENT_MAX_CHOICES, e) ||
        !check_temper(&o->temper, e) || !check_generator(&o->generator, e) ||
        !read_form(o->form, &c->generator.form, e))
        return false;
    for (int i = 0; i < o->models.n; i++)
        if (!models_add(&c->models, o->models.items[i], o->p_correct, e))
            return false;
    for (int i = 0; i < o->faults.n; i++)
        if (!faults_add(&c->faults, o->faults.items[i], e))
            return false;
    return latency_parse(&c->latency, o->latency, e) && read_thought(o->thought, &c->thought, e) &&
           read_prefill(o->prefill, &c->continuation, e) && load_truth(&c->truth, &o->truth, e);
}

/* What the command line says. */
static struct options given = {.latency = "0",
                               .thought = "tag",
                               .prefill = "none",
                               .p_correct = 0.9,
                               .context = 131072,
                               .choices = JUDGMENT_MAX_CHOICES,
                               .form = "boxed",
                               .generator = {.right = 0.5},
                               .temper = {.reflects = 0.15,
                                          .fix = 0.4,
                                          .breaks = 0.04,
                                          .empty = 0.1,
                                          .hold = 1,
                                          .hinted = 0.95,
                                          .mention = 0.2,
                                          .dispute = 0.1}};
/* clang-format off */
static const struct args_row rows[] = {
    {"listen", 'l', ARGS_STRING, &given.listen, "HOST:PORT",
     "where to listen; port 0: any free one"},
    {"truth", 't', ARGS_STRINGS, &given.truth, "SEEDS",
     "seed file that tells the right answers, and prompts; may be repeated"},
    {"p-correct", 'p', ARGS_DOUBLE, &given.p_correct, "P",
     "probability of a correct verdict (0.9); an unknown pair gets a coin's"},
    {"position-bias", 'b', ARGS_DOUBLE, &given.position_bias, "B",
     "-1 to 1: added to P when the right answer is shown first, else subtracted"},
    {"hopeless", 0, ARGS_DOUBLE, &given.hopeless, "SHARE",
     "share of pairs, by hash, whose P is 0.02"},
    {"latency", 0, ARGS_STRING, &given.latency, "MS",
     "time of one answer, or lognormal:MEDIAN_MS,SIGMA (0)"},
    {"capacity", 'c', ARGS_INT, &given.capacity, "N",
     "answers generated at once; the rest queue (0: no limit)"},
    {"fault", 'f', ARGS_STRINGS, &given.faults, "KIND=RATE",
     "share of answers that go wrong so; may be repeated"},
    {"thought", 0, ARGS_STRING, &given.thought, "WHERE",
     "where the thought is put: tag, reasoning, reasoning_content, none (tag)"},
    {"seed", 's', ARGS_INT, &given.seed, "S", "another number, other answers (0)"},
    {"log", 0, ARGS_STRING, &given.log, "FILE", "one JSON line for each completion that ended"},
    {"key", 0, ARGS_STRING, &given.key, "K", "asks for \"Authorization: Bearer K\", else 401"},
    {"model", 'm', ARGS_STRINGS, &given.models, "NAME[=P]",
     "a model that is served, with its own --p-correct; may be repeated; none: any name is"},
    {"prefill", 0, ARGS_STRING, &given.prefill, "HOW",
     "goes on with a last message of the assistant's: always (trailing), when "
     "continue_final_message (flag) or \"prefix\": true (prefix) asks for it, or never (none)"},
    {"echo", 0, ARGS_FLAG, &given.echo, NULL, "and repeats it, as llama.cpp does"},
    {"reflects", 0, ARGS_DOUBLE, &given.temper.reflects, "P",
     "it reflects in a judgment by itself (0.15)"},
    {"fix", 0, ARGS_DOUBLE, &given.temper.fix, "P",
     "a wrong judgment that it goes on with becomes right (0.4)"},
    {"break", 0, ARGS_DOUBLE, &given.temper.breaks, "P", "a right one becomes wrong (0.04)"},
    {"empty-reflection", 0, ARGS_DOUBLE, &given.temper.empty, "P",
     "nothing new follows the cue (0.1)"},
    {"hold", 0, ARGS_DOUBLE, &given.temper.hold, "P",
     "the answer asked for after a thought is the thought's (1)"},
    {"p-hinted", 0, ARGS_DOUBLE, &given.temper.hinted, "P",
     "who is told the winner names it (0.95)"},
    {"mention", 0, ARGS_DOUBLE, &given.temper.mention, "P", "and mentions the hint (0.2)"},
    {"dispute", 0, ARGS_DOUBLE, &given.temper.dispute, "P",
     "as a checker, it finds a claim of a critique false (0.1)"},
    {"p-answer", 0, ARGS_DOUBLE, &given.generator.right, "P",
     "as a generator, the final answer of a solution is right (0.5)"},
    {"hard-prompts", 0, ARGS_DOUBLE, &given.generator.hard, "SHARE",
     "share of prompts, by hash, for which that P is 0.02"},
    {"easy-prompts", 0, ARGS_DOUBLE, &given.generator.easy, "SHARE", "and for which it is 0.98"},
    {"p-no-answer", 0, ARGS_DOUBLE, &given.generator.no_answer, "P",
     "a solution has no final answer"},
    {"p-conflict", 0, ARGS_DOUBLE, &given.generator.conflict, "P",
     "it has two different ones, both boxed"},
    {"answer-form", 0, ARGS_STRING, &given.form, "FORM",
     "how it is written: boxed (\\boxed{7}), hashes (#### 7), plain (The answer is 7.)"},
    {"p-unparseable", 0, ARGS_DOUBLE, &given.generator.unparseable, "P",
     "a changed prompt and its answer do not stand between their marks"},
    {"p-identical", 0, ARGS_DOUBLE, &given.generator.identical, "P",
     "the changed prompt is the old one"},
    {"p-off-topic", 0, ARGS_DOUBLE, &given.generator.off_topic, "P",
     "it has nothing to do with the old one"},
    {"choices", 0, ARGS_INT, &given.choices, "N", "the largest `n` of a request (64; 1: none)"},
    {"usage-first-choice", 0, ARGS_FLAG, &given.counts_first, NULL,
     "usage counts the tokens of the first choice only"},
    {"context", 0, ARGS_INT, &given.context, "TOKENS",
     "max_model_len: longer prompts get 400 (131072)"},
    {0},
};
/* clang-format on */

static bool parse(int argc, char **argv, struct err *e)
{
    const struct args_command command = {
        .usage = "gavel-sim-teacher --listen HOST:PORT [options]", .about = about, .rows = rows};
    char **operands;
    int n_operands;
    if (!args_parse(&command, argc, argv, &operands, &n_operands, e))
        return false;
    return given.listen || err_set(e, ERR_USAGE, "--listen HOST:PORT is needed; see --help");
}

static int failed(const struct err *e)
{
    if (e->code == ERR_OK) /* --help was asked for */
        return EXIT_SUCCESS;
    fprintf(stderr, "gavel-sim-teacher: %s\n", e->text);
    return e->code == ERR_USAGE ? 2 : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    log_setup("sim-teacher", LOG_INFO);
    if (!parse(argc, argv, &e))
        return failed(&e);
    struct character c = {0};
    truth_init(&c.truth);
    const struct server_options s = {
        .listen = given.listen, .log = given.log, .capacity = given.capacity, .character = &c};
    bool ok = make_character(&given, &c, &e) && server_run(&s, &e);
    truth_free(&c.truth);
    return ok ? EXIT_SUCCESS : failed(&e);
}
