/*
 * judgment: one completion request as understood, and all that is decided about its answer.
 * Everything random is a hash of the character's seed and the request's body, so a run is the same
 * in whatever order requests come; only the faults of the transport also look at how often the body
 * was seen, so that asking again can help.
 */
#ifndef SIM_TEACHER_JUDGMENT_H
#define SIM_TEACHER_JUDGMENT_H

#include "cli/sim_teacher/choice.h"
#include "cli/sim_teacher/generator.h"
#include "cli/sim_teacher/latency.h"
#include "cli/sim_teacher/models.h"

#define JUDGMENT_MODEL_MAX 256
#define JUDGMENT_MAX_CHOICES 64

/* Who the simulated teacher is. */
struct character {
    uint64_t seed;
    struct oracle oracle;
    struct temper temper;
    struct generator generator;
    struct latency latency;
    struct faults faults;
    enum thought_field thought;     /* where the thought is put; ABSENT: no thought at all */
    enum continuation continuation; /* how it is made to go on with an answer; TURN: it is not */
    bool echoes;                    /* an answer that was gone on with begins with its beginning */
    int64_t max_choices;            /* of one request; more are refused */
    bool counts_first;              /* usage counts the tokens of the first choice alone */
    struct models models;
    const char *key; /* NULL: none is asked for */
    int64_t context; /* tokens a prompt must stay under */
    struct truth truth;
};

/* Why a request is not answered, in the words of the protocol. */
struct refusal {
    int status;
    const char *type;
    char message[512];
};

struct judgment {
    uint64_t body;    /* hash of the request's body */
    char sha[17];     /* for the log: first 16 digits of its SHA-256; "" without a log */
    uint32_t seen;    /* how many times the body has come, this time included */
    enum fault fault; /* of the transport, else of the first choice */
    struct asked asked;
    struct choice choices[JUDGMENT_MAX_CHOICES];
    int64_t n;     /* choices asked for */
    char *prefill; /* to be repeated before the answer; NULL: nothing is */
    char *about;   /* what asked.about is a slice of; NULL: no generator is asked */
    double p_correct;
    int64_t latency_ms;
    int64_t max_tokens; /* 0: no limit */
    int64_t prompt_tokens;
    bool stream, usage_chunk;
    char model[JUDGMENT_MODEL_MAX];
};

/* judgment_read(j, c, body, arena, why): everything but what depends on `seen`; in any case to be
 * given to judgment_free. */
bool judgment_read(struct judgment *j, const struct character *c, struct slice body,
                   struct arena *arena, struct refusal *why);
void judgment_free(struct judgment *j);
/* judgment_decide(j, c, seen): fault, verdicts and latency. */
void judgment_decide(struct judgment *j, const struct character *c, uint32_t seen);
/* judgment_hash(j, c, salt): for all that is drawn about this request. */
uint64_t judgment_hash(const struct judgment *j, const struct character *c, uint64_t salt);
/* judgment_choice_hash(j, c, i): of one of its answers. */
uint64_t judgment_choice_hash(const struct judgment *j, const struct character *c, size_t i);
/* judgment_tokens(bytes): about four bytes a token. */
int64_t judgment_tokens(size_t bytes);

#endif
