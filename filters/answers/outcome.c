#include "filters/answers/outcome.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

static void set(struct answer_result *r, enum answer_verdict strict, enum answer_verdict verdict,
                enum answer_verdict lenient, const char *why, va_list args)
    __attribute__((format(printf, 5, 0)));

static void set(struct answer_result *r, enum answer_verdict strict, enum answer_verdict verdict,
                enum answer_verdict lenient, const char *why, va_list args)
{
    assert(strict != ANSWER_EQUAL || verdict == ANSWER_EQUAL);
    assert(verdict != ANSWER_EQUAL || lenient == ANSWER_EQUAL);
    r->strict = strict;
    r->verdict = verdict;
    r->lenient = lenient;
    vsnprintf(r->why, sizeof r->why, why, args);
}

void outcome_set(struct answer_result *r, enum answer_verdict strict, enum answer_verdict verdict,
                 enum answer_verdict lenient, const char *why, ...)
{
    va_list args;
    va_start(args, why);
    set(r, strict, verdict, lenient, why, args);
    va_end(args);
}

void outcome_all(struct answer_result *r, enum answer_verdict v, const char *why, ...)
{
    va_list args;
    va_start(args, why);
    set(r, v, v, v, why, args);
    va_end(args);
}

bool outcome_without_look(struct slice gold, struct slice candidate, struct answer_result *r)
{
    if (slice_trim(gold).n == 0)
        outcome_all(r, ANSWER_UNKNOWN, "there is no known answer");
    else if (gold.n > ANSWER_MAX || candidate.n > ANSWER_MAX)
        outcome_all(r, ANSWER_UNKNOWN, "longer than %u bytes", ANSWER_MAX);
    else if (text_utf8_error(gold) != SIZE_MAX || text_utf8_error(candidate) != SIZE_MAX)
        outcome_all(r, ANSWER_UNKNOWN, "not UTF-8");
    else if (slice_trim(candidate).n == 0)
        outcome_all(r, ANSWER_DIFFERENT, "the candidate is empty");
    else
        return false;
    return true;
}

bool outcome_check_text(struct slice gold, struct err *e)
{
    if (slice_trim(gold).n == 0)
        return err_set(e, ERR_SYNTAX, "is empty");
    if (gold.n > ANSWER_MAX)
        return err_set(e, ERR_LIMIT, "is longer than %u bytes", ANSWER_MAX);
    size_t bad = text_utf8_error(gold);
    return bad == SIZE_MAX || err_set(e, ERR_SYNTAX, "is not UTF-8 at byte %zu", bad);
}
