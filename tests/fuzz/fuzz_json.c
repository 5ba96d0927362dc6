/* Both modes of reading JSON, and what is printed of it. */
#include "base/json.h"
#include "base/text.h"
#include "tests/fuzz/fuzz.h"

static size_t walk(const json *node, int depth)
{
    int64_t whole;
    double number;
    size_t n = 1, children = 0;
    fuzz_check(depth <= JSON_MAX_DEPTH + 1);
    fuzz_check(json_type_name(json_type(node))[0]);
    if (json_i64(node, &whole))
        fuzz_check(json_type(node) == JSON_NUMBER && json_double(node, &number));
    fuzz_check((json_number_text(node).n > 0) == (json_type(node) == JSON_NUMBER));
    for (const json *child = json_first(node); child; child = json_next(child), children++)
        n += walk(child, depth + 1);
    fuzz_check(children == json_count(node));
    return n;
}

static bool is_printed(struct slice text, enum json_mode mode, struct buf *out)
{
    struct err e = {0};
    json *root = json_parse(text, mode, &e);
    fuzz_check(root ? true : e.code == ERR_SYNTAX && e.text[0]);
    buf_clear(out);
    if (root) {
        walk(root, 0);
        json_print(root, out);
    }
    json_free(root);
    fuzz_check(!out->failed);
    return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice text = fuzz_input(data, n);
    struct buf strict, answer, again;
    buf_init(&strict, 1 << 24);
    buf_init(&answer, 1 << 24);
    buf_init(&again, 1 << 24);
    bool is_strict = is_printed(text, JSON_STRICT, &strict);
    bool is_answer = is_printed(text, JSON_ANSWER, &answer);
    if (is_strict)
        fuzz_check(is_answer && slice_eq(buf_view(&strict), buf_view(&answer)));
    if (is_answer) {
        fuzz_check(is_printed(buf_view(&answer), JSON_STRICT, &again));
        fuzz_check(slice_eq(buf_view(&answer), buf_view(&again)));
    }
    buf_free(&strict);
    buf_free(&answer);
    buf_free(&again);
    return 0;
}
