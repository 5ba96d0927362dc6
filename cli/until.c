#include "cli/until.h"

#include <string.h>
#include <time.h>

#include "base/slice.h"

static bool parse_span(struct slice text, int64_t now, int64_t *at)
{
    int64_t n, unit;
    if (text.n < 3 || text.p[0] != '+')
        return false;
    char last = text.p[text.n - 1];
    unit = last == 's' ? 1000 : last == 'm' ? 60 * 1000 : last == 'h' ? 3600 * 1000 : 0;
    if (!unit || !slice_i64(slice_sub(text, 1, text.n - 2), &n) || n < 0 || n > 1000000)
        return false;
    *at = now + n * unit;
    return true;
}

static bool parse_clock(const char *text, int64_t now, int64_t *at)
{
    time_t seconds = (time_t)(now / 1000);
    struct tm tm;
    if (!localtime_r(&seconds, &tm))
        return false;
    const char *end = strptime(text, "%H:%M", &tm);
    if (!end || *end)
        return false;
    tm.tm_sec = 0;
    tm.tm_isdst = -1;
    time_t then = mktime(&tm);
    if ((int64_t)then * 1000 <= now) {
        tm.tm_mday++;
        tm.tm_isdst = -1;
        then = mktime(&tm);
    }
    *at = (int64_t)then * 1000;
    return then != (time_t)-1;
}

static bool parse_date(const char *text, int64_t *at)
{
    struct tm tm = {.tm_isdst = -1};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!end || *end) {
        tm = (struct tm){.tm_isdst = -1};
        end = strptime(text, "%Y-%m-%dT%H:%M", &tm);
    }
    time_t then = end && !*end ? mktime(&tm) : (time_t)-1;
    *at = (int64_t)then * 1000;
    return then != (time_t)-1;
}

bool until_parse(const char *text, int64_t now_wall_ms, int64_t *at, struct err *e)
{
    if (!parse_span(slice_of(text), now_wall_ms, at) && !parse_clock(text, now_wall_ms, at) &&
        !parse_date(text, at))
        return err_set(e, ERR_USAGE,
                       "--until takes +90s, +30m, +2h, 07:30 or 2026-11-23T07:30, not '%s'", text);
    return *at > now_wall_ms || err_set(e, ERR_USAGE, "--until %s has passed", text);
}
