/* A file of records: whatever it holds, reading ends, keeps to the maximum and goes forward; a
 * sound JSON list gives just its elements. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "base/records.h"
#include "tests/fuzz/fuzz.h"

enum { LONGEST = 200, MOST = 1 << 16 };

static void print(const json *node, struct buf *out)
{
    buf_clear(out);
    json_print(node, out);
}

/* The next element of a list must be what the file's next record is. */
static void check_element(const json *element, struct slice record)
{
    struct err e;
    struct buf a, b;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    json *tree = json_parse(record, JSON_STRICT, &e);
    fuzz_check(tree != NULL);
    print(element, &a);
    print(tree, &b);
    fuzz_check(slice_eq(buf_view(&a), buf_view(&b)));
    json_free(tree);
    buf_free(&a);
    buf_free(&b);
}

static void check(const char *path, size_t max, const json *list)
{
    struct err e;
    struct slice record;
    struct records *r = records_open(path, max, &e);
    const json *element = json_first(list);
    uint64_t line = 0;
    fuzz_check(r != NULL);
    for (int i = 0;; i++) {
        e = (struct err){0};
        enum records_got got = records_next(r, &record, &e);
        if (got == RECORDS_END)
            break;
        if (got == RECORDS_ERROR) { /* it looked packed, and was not */
            fuzz_check(e.text[0] && !list);
            break;
        }
        fuzz_check(record.n <= max && i < MOST);
        fuzz_check(records_line(r) >= line && records_line(r) > 0);
        fuzz_check(got == RECORDS_RECORD || e.text[0]);
        line = records_line(r);
        if (!list)
            continue;
        fuzz_check(got == RECORDS_RECORD && element);
        check_element(element, record);
        element = json_next(element);
    }
    fuzz_check(!element);
    records_close(r);
}

/* The first byte chooses the maximum, and the name: that of a table or not. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice text = fuzz_input(data, n);
    struct err e;
    uint8_t choice = fuzz_byte(&text);
    char path[64];
    int fd = memfd_create("records", 0);
    fuzz_check(fd >= 0 && write(fd, text.p, text.n) == (ssize_t)text.n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    json *list = json_parse(text, JSON_STRICT, &e);
    bool is_list = list && json_type(list) == JSON_LIST;
    check(path, choice & 1 ? LONGEST : 1 << 20, is_list && !(choice & 1) ? list : NULL);
    json_free(list);
    close(fd);
    return 0;
}
