#include "cli/figure.h"

#include <stdlib.h>

#define NANO 1000000000

void figure_count(struct buf *out, int64_t n)
{
    char digits[24];
    size_t count = 0;
    uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest);
    if (n < 0)
        buf_char(out, '-');
    while (count--) {
        buf_char(out, digits[count]);
        if (count && count % 3 == 0)
            buf_char(out, ',');
    }
}

void figure_short(struct buf *out, double n)
{
    static const char *const units[] = {"", " k", " M", " G", " T", " P", " E"};
    size_t unit = 0;
    while (n >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
        n /= 1000;
        unit++;
    }
    int decimals = unit == 0 && n == (double)(int64_t)n ? 0 : n < 9.995 ? 2 : n < 99.95 ? 1 : 0;
    buf_addf(out, "%.*f%s", decimals, n, units[unit]);
}

void figure_percent(struct buf *out, double part, double whole)
{
    if (whole > 0)
        buf_addf(out, "%.1f %%", 100 * part / whole);
    else
        buf_char(out, '-');
}

void figure_duration(struct buf *out, int64_t ms)
{
    int64_t s = ms / 1000;
    if (ms < 9950)
        buf_addf(out, "%.1f s", (double)ms / 1000);
    else if (s < 100)
        buf_addf(out, "%d s", (int)s);
    else if (s < 3600)
        buf_addf(out, "%d min %d s", (int)(s / 60), (int)(s % 60));
    else if (s < 86400)
        buf_addf(out, "%d h %d min", (int)(s / 3600), (int)(s % 3600 / 60));
    else {
        figure_count(out, s / 86400);
        buf_addf(out, " d %d h", (int)(s % 86400 / 3600));
    }
}

void figure_dollars(struct buf *out, int64_t nano_usd)
{
    bool small = llabs(nano_usd) < NANO;
    int64_t unit = small ? NANO / 10000 : NANO / 100;
    int64_t rounded = (nano_usd + (nano_usd < 0 ? -unit : unit) / 2) / unit;
    int64_t whole = rounded / (NANO / unit), part = llabs(rounded % (NANO / unit));
    buf_str(out, nano_usd < 0 && whole == 0 ? "-$" : "$");
    figure_count(out, whole);
    buf_addf(out, small ? ".%04lld" : ".%02lld", (long long)part);
}
