#include "cli/sim_teacher/final.h"

#include <string.h>
#include <strings.h>

#include "cli/sim_teacher/mix.h"

#define PLAIN "The answer is "
#define MAX_DIGITS 15 /* of a number that is changed as one */

static const char *const leads[] = {"So the final answer is ", "Therefore the answer is ",
                                    "That leaves ", "All in all we get ", "This comes to "};
#define N_LEADS (sizeof leads / sizeof leads[0])

void final_write(enum final_form form, struct slice value, uint64_t h, struct buf *out)
{
    const char *dollar = h / N_LEADS % 2 ? "$" : "";
    switch (form) {
    case FINAL_BOXED:
        buf_addf(out, "%s%s\\boxed{" SLICE_FMT "}%s.", leads[h % N_LEADS], dollar, SLICE_ARG(value),
                 dollar);
        break;
    case FINAL_HASHES:
        buf_addf(out, "\n#### " SLICE_FMT, SLICE_ARG(value));
        break;
    case FINAL_PLAIN:
        buf_addf(out, "\n" PLAIN SLICE_FMT ".", SLICE_ARG(value));
        break;
    }
}

static struct slice first_line(struct slice text)
{
    struct slice rest;
    return slice_trim(slice_cut(text, '\n', &rest));
}

/* braced(text): up to the brace that closes the one before the text; all of it when none does. */
static struct slice braced(struct slice text)
{
    size_t open = 1;
    for (size_t i = 0; i < text.n; i++) {
        open += text.p[i] == '{';
        open -= text.p[i] == '}';
        if (open == 0)
            return slice_trim(slice_sub(text, 0, i));
    }
    return slice_trim(text);
}

bool final_find(struct slice text, struct slice *value)
{
    const struct slice box = S("\\boxed{"), hashes = S("####"), plain = S("\n" PLAIN);
    size_t boxed = slice_rfind(text, box), hashed = slice_rfind(text, hashes);
    size_t said = slice_rfind(text, plain);
    if (boxed != SIZE_MAX && (hashed == SIZE_MAX || hashed < boxed)) {
        *value = braced(slice_from(text, boxed + box.n));
    } else if (hashed != SIZE_MAX) {
        *value = first_line(slice_from(text, hashed + hashes.n));
    } else if (said != SIZE_MAX) {
        *value = first_line(slice_from(text, said + plain.n));
        if (slice_ends(*value, S(".")))
            value->n--;
    } else {
        return false;
    }
    return value->n > 0;
}

/* bare(value, room, size): without commas and dollar signs; one that does not fit is left as it is.
 */
static struct slice bare(struct slice value, char *room, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < value.n; i++) {
        if (value.p[i] == ',' || value.p[i] == '$')
            continue;
        if (n == size)
            return value;
        room[n++] = value.p[i];
    }
    return slice_trim((struct slice){room, n});
}

bool final_is(struct slice value, struct slice right)
{
    char room_a[128], room_b[128];
    double x, y;
    struct slice a = bare(slice_trim(value), room_a, sizeof room_a);
    struct slice b = bare(slice_trim(right), room_b, sizeof room_b);
    if (slice_eq(a, b))
        return true;
    return a.n <= MAX_DIGITS && b.n <= MAX_DIGITS && slice_double(a, &x) && slice_double(b, &y) &&
           x == y;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* last_digits(text, at, n): the last run of digits, or the end of it. */
static bool last_digits(struct slice text, size_t *at, size_t *n)
{
    size_t end = text.n;
    while (end > 0 && !is_digit(text.p[end - 1]))
        end--;
    size_t from = end;
    while (from > 0 && end - from < MAX_DIGITS && is_digit(text.p[from - 1]))
        from--;
    *at = from;
    *n = end - from;
    return *n > 0;
}

/* A near number; what stands behind a comma or point keeps its width, as in "1,000" and "0.50". */
static void near_number(struct slice right, size_t at, size_t n, uint64_t id, unsigned which,
                        struct buf *out)
{
    static const int64_t offsets[][FINAL_WRONG] = {{1, 2, 10}, {1, -1, 2},  {-1, 5, 3},
                                                   {2, 4, -2}, {10, 1, -3}, {-2, 1, 20}};
    int64_t step = offsets[id % (sizeof offsets / sizeof offsets[0])][which], value = 0, limit = 1;
    char digits[MAX_DIGITS + 2];
    for (size_t i = 0; i < n; i++) {
        value = value * 10 + (right.p[at + i] - '0');
        limit *= 10;
    }
    bool whole = at == 0 || !strchr(".,0123456789", right.p[at - 1]);
    if (value + step < 0 || (!whole && value + step >= limit))
        step = -step;
    if (!whole && (value + step < 0 || value + step >= limit))
        step = value > 0 ? -1 : 1; /* one digit, and a step as large as ten */
    value += step;
    size_t width = whole ? 1 : n, from = sizeof digits;
    while (value > 0 || width > 0) {
        digits[--from] = (char)('0' + value % 10);
        value /= 10;
        width -= width > 0;
    }
    buf_slice(out, slice_sub(right, 0, at));
    buf_add(out, digits + from, sizeof digits - from);
    buf_slice(out, slice_from(right, at + n));
}

/* same_word(a, b): but for the case of ASCII letters. */
static bool same_word(struct slice a, const char *b)
{
    return a.n == strlen(b) && strncasecmp(a.p, b, a.n) == 0;
}

/* other_choice(right, which, out): of four; false when `right` is none of A to E. */
static bool other_choice(char right, uint64_t which, char *out)
{
    char first = (right | 32) == right ? 'a' : 'A';
    int at = right - first, step = (int)(which % 12); /* every one of them as often */
    if (at < 0 || at > 4)
        return false;
    *out = (char)(first + (at == 4 ? step % 4 : (at + 1 + step % 3) % 4));
    return true;
}

static void other_word(struct slice right, uint64_t id, unsigned which, struct buf *out)
{
    static const char *const opposites[][2] = {
        {"yes", "no"}, {"true", "false"}, {"correct", "incorrect"}, {"even", "odd"}};
    static const char *const words[] = {"copper", "autumn", "Lisbon", "seven", "mercury", "Friday"};
    const size_t n = sizeof words / sizeof words[0];
    char choice;
    for (size_t i = 0; i < 2 * sizeof opposites / sizeof opposites[0]; i++) {
        if (same_word(right, opposites[i / 2][i % 2])) {
            buf_str(out, opposites[i / 2][1 - i % 2]);
            return;
        }
    }
    size_t at = right.n == 3 && right.p[0] == '(' && right.p[2] == ')' ? 1 : 0;
    if (right.n == 1 + 2 * at && other_choice(right.p[at], id + which, &choice)) {
        buf_slice(out, slice_sub(right, 0, at));
        buf_char(out, choice);
        buf_slice(out, slice_from(right, at + 1));
        return;
    }
    const char *word = words[(id + which) % n];
    buf_str(out, same_word(right, word) ? words[(id + which + FINAL_WRONG) % n] : word);
}

void final_wrong(struct slice right, uint64_t id, unsigned which, struct buf *out)
{
    size_t at, n;
    right = slice_trim(right);
    if (last_digits(right, &at, &n))
        near_number(right, at, n, id, which, out);
    else
        other_word(right, id, which, out);
}
