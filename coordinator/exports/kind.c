#include "coordinator/exports/kind.h"

#include "judges/reflection.h"

static const char *const names[] = {
#define X(name, text, help) text,
    KINDS(X)
#undef X
};

static const char *const helps[] = {
#define X(name, text, help) help,
    KINDS(X)
#undef X
};

const char *kind_name(enum kind kind)
{
    return names[kind];
}

const char *kind_help(enum kind kind)
{
    return helps[kind];
}

enum kind kind_of(const struct release_rollout *rollout)
{
    if (rollout->cues == 0)
        return reflection_found(rollout->thought) == SIZE_MAX ? KIND_PLAIN : KIND_NATURAL;
    enum outcome before = outcome_of(rollout->first, rollout->lane);
    if (before == OUTCOME_PENDING)
        return KIND_CONTINUED;
    if (rollout->outcome == OUTCOME_CORRECT)
        return before == OUTCOME_CORRECT ? KIND_RIGHT_TO_RIGHT : KIND_WRONG_TO_RIGHT;
    return before == OUTCOME_CORRECT ? KIND_RIGHT_TO_WRONG : KIND_WRONG_TO_WRONG;
}

void kind_count(struct flip_counts *counts, const struct release_rollout *rollout)
{
    if (rollout->cues == 0)
        counts->plain[rollout->outcome]++;
    else
        counts->cued[outcome_of(rollout->first, rollout->lane)][rollout->outcome]++;
}

struct flips kind_flips(const struct flip_counts *counts)
{
    struct flips f = {0};
    for (int before = 0; before < OUTCOME_COUNT; before++)
        for (int after = 0; after < OUTCOME_COUNT; after++) {
            uint64_t n = counts->cued[before][after];
            if (before == OUTCOME_PENDING)
                continue;
            if (after == OUTCOME_CORRECT)
                *(before == OUTCOME_CORRECT ? &f.kept : &f.fixed) += n;
            else
                *(before == OUTCOME_CORRECT ? &f.broken : &f.stuck) += n;
        }
    return f;
}

uint64_t kind_cued(const struct flips *f)
{
    return f->fixed + f->broken + f->kept + f->stuck;
}

double kind_flip_share(const struct flips *f)
{
    uint64_t cued = kind_cued(f);
    return cued ? (double)(f->fixed + f->broken) / (double)cued : 0;
}

bool kind_gate(const struct flips *sft, const struct flips *all, double gap, struct err *e)
{
    double here = kind_flip_share(sft), everywhere = kind_flip_share(all);
    if (gap <= 0 || kind_cued(sft) == 0 || here - everywhere <= gap)
        return true;
    return err_set(e, ERR_LIMIT,
                   "reflection.flip_gap: P(flip | cue) is %.3f in the sft rows (%llu of %llu) and "
                   "%.3f in all judgments (%llu of %llu), more than %.3f apart; keep more "
                   "right_to_right traces (reflection.proportions) or allow a larger gap",
                   here, (unsigned long long)(sft->fixed + sft->broken),
                   (unsigned long long)kind_cued(sft), everywhere,
                   (unsigned long long)(all->fixed + all->broken),
                   (unsigned long long)kind_cued(all), gap);
}
