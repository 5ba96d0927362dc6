/* What option rows cannot say: keys that depend on each other, and keys whose capability comes
 * later. How judgments are asked for and decided on is in project_check_judging.c. */
#include "schemas/project_check.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

#define LIKE_A_KEY 20 /* a name of so many characters with small letters and digits is none */

bool project_check_complain(const struct project *p, const char *path, struct err *e,
                            const char *format, ...)
{
    char place[300], what[300];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    conf_place(&p->tree, path, place, sizeof place);
    return err_set(e, ERR_USAGE, "%s: %s %s", place, path, what);
}

/* One row a value that the design knows and this version does not have yet. */
static bool check_later(const struct project *p, struct err *e)
{
    const struct {
        bool asked;
        const char *path, *what;
    } later[] = {
        {p->budget.cost_usd > 0, "budget.cost_usd",
         "is not enforced in this version; limit calls, tokens or wall_s instead"},
    };
    for (size_t i = 0; i < sizeof later / sizeof later[0]; i++)
        if (later[i].asked)
            return project_check_complain(p, later[i].path, e, "%s", later[i].what);
    return true;
}

static bool check_url(const struct project *p, const char *path, const char *url, struct err *e)
{
    struct slice s = slice_of(url);
    size_t scheme = slice_starts(s, S("http://")) ? 7 : slice_starts(s, S("https://")) ? 8 : 0;
    if (!scheme || s.n == scheme)
        return project_check_complain(p, path, e,
                                      "must start with http:// or https:// and name a host");
    struct slice rest, authority = slice_cut(slice_from(s, scheme), '/', &rest);
    if (slice_find(authority, S("@")) != SIZE_MAX)
        return project_check_complain(
            p, path, e, "must not hold a user or password; name the key's variable in api_key_env");
    if (slice_find(s, S("?")) != SIZE_MAX || slice_find(s, S("#")) != SIZE_MAX)
        return project_check_complain(p, path, e, "must be a plain base URL, without ? or #");
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] <= ' ' || (unsigned char)s.p[i] >= 0x7f)
            return project_check_complain(p, path, e, "must be plain ASCII without blanks");
    return true;
}

/* The key itself, put where its variable's name belongs, must not get into messages and the store.
 */
static bool check_key_variable(const struct project *p, const char *path, const char *name,
                               struct err *e)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    bool digit = strpbrk(name, "0123456789") != NULL;
    bool small = strpbrk(name, "abcdefghijklmnopqrstuvwxyz") != NULL;
    bool is_name = !name[n] && !(name[0] >= '0' && name[0] <= '9');
    if (is_name && !(n >= LIKE_A_KEY && digit && small))
        return true;
    return project_check_complain(
        p, path, e,
        "must be the name of an environment variable, e.g. TEACHER_KEY, and not the "
        "key itself");
}

static bool check_endpoints(const struct project *p, struct err *e)
{
    const struct project_endpoint *all = p->endpoints.items;
    if (!project_teacher(p))
        return project_check_complain(p, "endpoints", e,
                                      "must list at least one with the role teacher");
    for (size_t i = 0; i < p->endpoints.n; i++) {
        char path[64];
        snprintf(path, sizeof path, "endpoints[%zu].url", i);
        if (!all[i].url || !all[i].url[0])
            return project_check_complain(p, path, e, "is missing");
        if (!check_url(p, path, all[i].url, e))
            return false;
        snprintf(path, sizeof path, "endpoints[%zu].model", i);
        if (!all[i].model || !all[i].model[0])
            return project_check_complain(p, path, e, "is missing");
        snprintf(path, sizeof path, "endpoints[%zu].api_key_file", i);
        if (all[i].api_key_env[0] && all[i].api_key_file[0])
            return project_check_complain(p, path, e, "and api_key_env exclude each other");
        snprintf(path, sizeof path, "endpoints[%zu].api_key_env", i);
        if (!check_key_variable(p, path, all[i].api_key_env, e))
            return false;
    }
    return true;
}

static bool check_temperatures(const struct project *p, struct err *e)
{
    const char *const *all = p->build.temperatures.items;
    for (size_t i = 0; i < p->build.temperatures.n; i++) {
        char *end, path[64];
        double t = strtod(all[i], &end);
        snprintf(path, sizeof path, "build.temperatures[%zu]", i);
        if (end == all[i] || *end || !(t >= 0 && t <= 10))
            return project_check_complain(p, path, e, "must be a number from 0 to 10");
    }
    return true;
}

static bool is_taught(const struct project *p, const char *model)
{
    const struct project_endpoint *all = p->endpoints.items;
    for (size_t i = 0; i < p->endpoints.n; i++)
        if (all[i].role == ROLE_TEACHER && strcmp(all[i].model, model) == 0)
            return true;
    return false;
}

/* Whether the generator's answers are all a judging model's own. */
static bool writes_only_own(const struct project *p)
{
    const struct project_endpoint *all = p->endpoints.items;
    for (size_t i = 0; i < p->endpoints.n; i++)
        if (all[i].role == ROLE_GENERATOR && !is_taught(p, all[i].model))
            return false;
    return true;
}

static bool check_build(const struct project *p, struct err *e)
{
    const struct project_build *b = &p->build;
    if (b->right + b->wrong > b->samples)
        return project_check_complain(p, "build.samples", e,
                                      "must be at least build.right + build.wrong");
    if (b->min_overlap > b->max_overlap)
        return project_check_complain(p, "build.min_overlap", e,
                                      "must not be larger than build.max_overlap");
    if (b->exclude_judge && writes_only_own(p))
        return project_check_complain(p, "build.exclude_judge", e,
                                      "needs an endpoint with the role generator whose model is "
                                      "no teacher's");
    return check_temperatures(p, e);
}

static bool check_extra(const struct project *p, struct err *e)
{
    static const char *const ours[] = {"model",       "messages", "max_tokens", "seed", "stream",
                                       "temperature", "top_p",    "top_k",      "n"};
    if (!p->generation.extra[0])
        return true;
    struct err why;
    json *root = json_parse(slice_of(p->generation.extra), JSON_STRICT, &why);
    bool ok = root && json_type(root) == JSON_OBJECT;
    if (!ok)
        project_check_complain(p, "generation.extra", e,
                               "must be a JSON object in quotes, e.g. '{\"min_p\": 0.1}'");
    for (size_t i = 0; ok && i < sizeof ours / sizeof ours[0]; i++)
        if (json_get(root, ours[i]))
            ok = project_check_complain(p, "generation.extra", e,
                                        "must not hold a member that Gavel sets itself");
    json_free(root);
    return ok;
}

static bool is_plain_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    return n > 0 && n <= 64 && !name[n];
}

static bool check_export(const struct project *p, struct err *e)
{
    const struct conf_share *splits = p->export.split.items;
    double sum = 0;
    for (size_t i = 0; i < p->export.split.n; i++) {
        if (!is_plain_name(splits[i].name))
            return project_check_complain(p, "export.split", e,
                                          "names must be made of letters, digits and _");
        if (!(splits[i].value >= 0 && splits[i].value <= 1))
            return project_check_complain(p, "export.split", e, "shares must lie between 0 and 1");
        sum += splits[i].value;
    }
    if (fabs(sum - 1) > 1e-9)
        return project_check_complain(p, "export.split", e, "shares must add up to 1");
    const char *const *trusts = p->export.trust.items;
    enum trust ignored;
    for (size_t i = 0; i < p->export.trust.n; i++)
        if (!trust_parse(slice_of(trusts[i]), &ignored))
            return project_check_complain(p, "export.trust", e,
                                          "knows verified, human and synthetic");
    return true;
}

static bool check_seeds(const struct project *p, struct err *e)
{
    const struct project_seeds *all = p->seeds.items;
    enum trust ignored;
    for (size_t i = 0; i < p->seeds.n; i++) {
        char path[64];
        snprintf(path, sizeof path, "seeds[%zu].path", i);
        if (!all[i].path || !all[i].path[0])
            return project_check_complain(p, path, e, "is missing");
        snprintf(path, sizeof path, "seeds[%zu].trust", i);
        if (all[i].trust[0] && !trust_parse(slice_of(all[i].trust), &ignored))
            return project_check_complain(p, path, e, "must be verified, human or synthetic");
    }
    return true;
}

/* ZeroMQ itself would cut a port of six digits down to some other one. */
static bool check_listen(const struct project *p, struct err *e)
{
    static const char what[] = "must look like tcp://0.0.0.0:5555, with a port up to 65535";
    struct slice s = slice_of(p->workers.listen), scheme = S("tcp://");
    if (!s.n)
        return true;
    size_t colon = s.n;
    while (colon > 0 && s.p[colon - 1] != ':')
        colon--;
    int64_t port;
    bool ok = slice_starts(s, scheme) && colon > scheme.n + 1;
    ok = ok && (slice_eq(slice_from(s, colon), S("*")) ||
                (slice_i64(slice_from(s, colon), &port) && port >= 0 && port <= 65535));
    return ok || project_check_complain(p, "workers.listen", e, "%s", what);
}

bool project_check(const struct project *p, struct err *e)
{
    if (!check_later(p, e) || !check_endpoints(p, e) || !check_build(p, e) || !check_extra(p, e) ||
        !check_seeds(p, e) || !check_export(p, e))
        return false;
    if (!project_check_judging(p, e) || !project_check_answers(p, e) || !check_listen(p, e))
        return false;
    if (p->deadlines.total < p->deadlines.first_byte && p->deadlines.total < p->deadlines.connect)
        return project_check_complain(p, "deadlines.total", e,
                                      "must not be shorter than the other deadlines");
    return true;
}
