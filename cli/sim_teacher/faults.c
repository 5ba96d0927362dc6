#include "cli/sim_teacher/faults.h"

#include <assert.h>

#include "base/text.h"
#include "cli/sim_teacher/mix.h"

#define FIRST_OF_CONTENT FAULT_NO_VERDICT

static const char *const names[FAULT_COUNT + 1] = {
#define X(name, text, help) text,
    FAULTS(X)
#undef X
};

const char *faults_name(enum fault v)
{
    assert(v < FAULT_COUNT);
    return names[v];
}

bool faults_refuses(enum fault v)
{
    return v >= FAULT_429 && v <= FAULT_HANG;
}

bool faults_spoils(enum fault v)
{
    return v >= FAULT_429 && v < FIRST_OF_CONTENT && v != FAULT_DRIP;
}

static enum fault kind_of(struct slice name)
{
    for (int i = FAULT_429; i < FAULT_COUNT; i++)
        if (slice_is(name, names[i]))
            return (enum fault)i;
    return FAULT_NONE;
}

static double sum(const struct faults *f, int from, int to)
{
    double total = 0;
    for (int i = from; i < to; i++)
        total += f->rates[i];
    return total;
}

bool faults_add(struct faults *f, const char *assignment, struct err *e)
{
    struct slice rate_text, name = slice_cut(slice_of(assignment), '=', &rate_text);
    enum fault v = kind_of(name);
    double rate = 0;
    if (v == FAULT_NONE) {
        const char *near = text_nearest(name, names + FAULT_429, FAULT_COUNT - FAULT_429);
        return err_set(e, ERR_USAGE, "--fault %s: no fault of this kind%s%s%s", assignment,
                       near ? "; did you mean " : "; see --help", near ? near : "",
                       near ? "?" : "");
    }
    if (!slice_double(rate_text, &rate) || rate < 0 || rate > 1)
        return err_set(e, ERR_USAGE,
                       "--fault %s: the rate must be a number from 0 to 1, as in %s=0.05",
                       assignment, names[v]);
    f->rates[v] = rate;
    if (sum(f, FAULT_429, FIRST_OF_CONTENT) > 1 + 1e-9 ||
        sum(f, FIRST_OF_CONTENT, FAULT_COUNT) > 1 + 1e-9)
        return err_set(e, ERR_USAGE, "--fault %s: the rates sum to more than 1", assignment);
    return true;
}

static enum fault draw(const struct faults *f, int from, int to, double u)
{
    for (int i = from; i < to; i++) {
        if (u < f->rates[i])
            return (enum fault)i;
        u -= f->rates[i];
    }
    return FAULT_NONE;
}

enum fault faults_transport(const struct faults *f, uint64_t attempt)
{
    return draw(f, FAULT_429, FIRST_OF_CONTENT, mix_share(attempt));
}

enum fault faults_content(const struct faults *f, uint64_t answer)
{
    return draw(f, FIRST_OF_CONTENT, FAULT_COUNT, mix_share(answer));
}
