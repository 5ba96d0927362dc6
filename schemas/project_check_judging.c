/* How judgments are asked for and decided on: keys that do not go together. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "schemas/project_check.h"

#define PATH_BYTES 80

static bool format_of(const char *name, enum format *format)
{
    for (int f = 0; f < FORMAT_COUNT; f++) {
        if (strcmp(name, format_name((enum format)f)) == 0) {
            *format = (enum format)f;
            return true;
        }
    }
    return false;
}

static bool has_scores(enum format format)
{
    return format == FORMAT_SCORES || format == FORMAT_SCORES_VERDICT || format == FORMAT_POINTWISE;
}

/* The formats that pairs can get, as bits. */
static unsigned formats_in_use(const struct project *p)
{
    const struct conf_share *mix = p->judge.mix.items;
    enum format format;
    unsigned used = p->judge.mix.n ? 0 : 1u << p->judge.format;
    for (size_t i = 0; i < p->judge.mix.n; i++)
        if (format_of(mix[i].name, &format))
            used |= 1u << format;
    return used;
}

static bool check_mix(const struct project *p, struct err *e)
{
    const struct conf_share *mix = p->judge.mix.items;
    enum format ignored;
    for (size_t i = 0; i < p->judge.mix.n; i++) {
        if (!format_of(mix[i].name, &ignored))
            return project_check_complain(
                p, "judge.mix", e,
                "knows no format '%.40s'; there are verdict, scores, scores_verdict, pointwise and "
                "plan",
                mix[i].name);
        if (!(mix[i].value > 0) || !isfinite(mix[i].value))
            return project_check_complain(
                p, "judge.mix", e, "must give %s a weight above 0, or leave it out", mix[i].name);
    }
    return true;
}

static bool check_templates(const struct project *p, struct err *e)
{
    const struct project_template *all = p->judge.templates.items;
    char path[PATH_BYTES];
    for (size_t i = 0; i < p->judge.templates.n; i++) {
        snprintf(path, sizeof path, "judge.templates[%zu]", i);
        if (!all[i].path[0] == !all[i].text[0])
            return project_check_complain(p, path, e, "must have one of path and text%s",
                                          all[i].path[0] ? ", not both" : "");
        for (size_t j = 0; j < i; j++)
            if (all[i].format == all[j].format && strcmp(all[i].language, all[j].language) == 0)
                return project_check_complain(
                    p, path, e, "is for the same format and language as judge.templates[%zu]", j);
    }
    return true;
}

static bool check_bars(const struct project *p, struct err *e)
{
    if (p->accept.rule != RULE_K_OF_N)
        return true;
    if (p->accept.k > p->accept.n)
        return project_check_complain(p, "accept.k", e, "must not be larger than accept.n");
    for (int t = 0; t < TRUST_COUNT; t++) {
        char path[PATH_BYTES];
        struct project_bar bar = project_bar(p, (enum trust)t);
        snprintf(path, sizeof path, "accept.%s", trust_name((enum trust)t));
        if (bar.k > bar.n)
            return project_check_complain(
                p, path, e,
                "asks for %lld correct of at most %lld (what it does not say is as in accept)",
                (long long)bar.k, (long long)bar.n);
    }
    return true;
}

static bool check_mean_score(const struct project *p, struct err *e)
{
    unsigned used = formats_in_use(p);
    if (p->accept.rule != RULE_MEAN_SCORE)
        return true;
    if (p->accept.stop == STOP_ADAPTIVE)
        return project_check_complain(p, "accept.stop", e,
                                      "adaptive does not go with the rule mean_score, which needs "
                                      "all n scores of both orders; set full");
    for (int f = 0; f < FORMAT_COUNT; f++)
        if (used >> f & 1 && !has_scores((enum format)f))
            return project_check_complain(
                p, "accept.rule", e,
                "mean_score needs scores, which the format %s has none of; use scores, "
                "scores_verdict or pointwise",
                format_name((enum format)f));
    return true;
}

static bool has_role(const struct project *p, int role)
{
    const struct project_endpoint *all = p->endpoints.items;
    for (size_t i = 0; i < p->endpoints.n; i++)
        if (all[i].role == role)
            return true;
    return false;
}

/* One half of a pointwise judgment is neither right nor wrong: it takes both. */
static bool check_pointwise(const struct project *p, struct err *e)
{
    static const char why[] = "does not go with the format pointwise: a judgment of one answer "
                              "alone is neither right nor wrong";
    int mode = p->reflection.mode;
    if (!(formats_in_use(p) >> FORMAT_POINTWISE & 1))
        return true;
    if (mode == REFLECT_WRONG_TO_RIGHT || mode == REFLECT_RIGHT_TO_RIGHT)
        return project_check_complain(p, "reflection.mode", e, "%s; use wait or mixed", why);
    if (p->hint.share > 0)
        return project_check_complain(p, "hint.share", e,
                                      "%s, and a hint names one of two; leave hint out", why);
    if (has_role(p, ROLE_CHECKER))
        return project_check_complain(
            p, "endpoints", e, "with the role checker: a review %s; leave the checker out", why);
    return true;
}

static bool check_proportions(const struct project *p, struct err *e)
{
    static const char path[] = "reflection.proportions";
    static const char *const names[] = {"natural", "right_to_right", "wrong_to_right"};
    const struct conf_share *all = p->reflection.proportions.items;
    double sum = 0;
    for (size_t i = 0; i < p->reflection.proportions.n; i++) {
        bool known = false;
        for (size_t j = 0; j < sizeof names / sizeof names[0]; j++)
            known = known || strcmp(all[i].name, names[j]) == 0;
        if (!known)
            return project_check_complain(p, path, e,
                                          "knows natural, right_to_right and wrong_to_right, not "
                                          "'%.40s'",
                                          all[i].name);
        if (!(all[i].value >= 0 && all[i].value <= 1))
            return project_check_complain(p, path, e, "must be shares between 0 and 1");
        sum += all[i].value;
    }
    return sum <= 1 + 1e-9 || project_check_complain(p, path, e, "must not add up to more than 1");
}

static bool check_reflection(const struct project *p, struct err *e)
{
    const struct project_reflection *r = &p->reflection;
    const char *const *cues = r->cues.items;
    for (size_t i = 0; i < r->cues.n; i++)
        if (slice_trim(slice_of(cues[i])).n == 0)
            return project_check_complain(p, "reflection.cues", e, "must not be blank");
    if (r->max_tokens && r->min_tokens > r->max_tokens)
        return project_check_complain(p, "reflection.min_tokens", e,
                                      "must not be larger than reflection.max_tokens");
    return check_proportions(p, e);
}

static bool check_quota(const struct project *p, const struct project_quota *q, const char *path,
                        struct err *e)
{
    enum trust ignored;
    bool window = q->pass_from > 0 || q->pass_to < 1;
    bool drawn_in_full = p->accept.stop == STOP_FULL || p->accept.rule == RULE_MEAN_SCORE;
    if (q->trust[0] && !trust_parse(slice_of(q->trust), &ignored))
        return project_check_complain(p, path, e,
                                      "has an unknown trust; there are verified, human and "
                                      "synthetic");
    if (q->pass_from > q->pass_to)
        return project_check_complain(p, path, e, "must not have pass_from above pass_to");
    if (window && !drawn_in_full)
        return project_check_complain(
            p, path, e,
            "looks at the share of correct rollouts, which is known only when all are drawn: set "
            "accept.stop to full");
    return q->accepted > 0 ||
           project_check_complain(p, path, e, "must say in accepted how many pairs are enough");
}

static bool check_quotas(const struct project *p, struct err *e)
{
    const struct project_quota *all = p->quotas.items;
    char path[PATH_BYTES];
    for (size_t i = 0; i < p->quotas.n; i++) {
        snprintf(path, sizeof path, "quotas[%zu]", i);
        if (!check_quota(p, &all[i], path, e))
            return false;
    }
    return true;
}

bool project_check_judging(const struct project *p, struct err *e)
{
    if (!check_mix(p, e) || !check_templates(p, e) || !check_bars(p, e) ||
        !check_mean_score(p, e) || !check_pointwise(p, e) || !check_reflection(p, e) ||
        !check_quotas(p, e))
        return false;
    if (p->hint.k > p->hint.n)
        return project_check_complain(p, "hint.k", e, "must not be larger than hint.n");
    if (p->purpose == PURPOSE_EVALUATE && p->export.dir[0])
        return project_check_complain(p, "export.dir", e,
                                      "does not go with `purpose: evaluate`, which measures and "
                                      "exports nothing; leave it out");
    return true;
}
