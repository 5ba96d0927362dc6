/* A project file and `--set` assignments: a project that means the same when it is written down. */
#include <string.h>

#include "schemas/project.h"
#include "tests/fuzz/fuzz.h"

static char *c_string(struct slice s)
{
    char *text = malloc(s.n + 1);
    fuzz_check(text);
    memcpy(text, s.p, s.n);
    text[s.n] = '\0';
    return text;
}

static bool set_all(struct conf_tree *tree, struct slice sets, struct err *e)
{
    bool ok = true;
    while (ok && sets.n) {
        char *assignment = c_string(slice_cut(sets, '\0', &sets));
        ok = conf_set(tree, assignment, e);
        free(assignment);
    }
    return ok;
}

/* Bound a second time from its own dump, the struct dumps the same. */
static void check_dump(const struct project *p)
{
    struct err e;
    struct arena arena;
    struct buf once, twice;
    struct conf_tree tree;
    struct project again = {0};
    arena_init(&arena, 1 << 24);
    buf_init(&once, 1 << 22);
    buf_init(&twice, 1 << 22);
    conf_dump(project_rows, p, 0, &once);
    fuzz_check(!once.failed && conf_parse(&tree, &arena, "dump", buf_view(&once), &e));
    fuzz_check(conf_bind(&tree, project_rows, &again, &e));
    conf_dump(project_rows, &again, 0, &twice);
    fuzz_check(slice_eq(buf_view(&once), buf_view(&twice)));
    buf_free(&once);
    buf_free(&twice);
    arena_free(&arena);
}

/* A project that is handed to workers is accepted by them, and is the same one. */
static void check_project(struct slice yaml)
{
    struct err e = {0};
    struct arena arena;
    struct buf text, again;
    struct project p, q;
    arena_init(&arena, 1 << 24);
    buf_init(&text, 1 << 22);
    buf_init(&again, 1 << 22);
    if (project_from_text(&p, &arena, "gavel.yaml", yaml, &e)) {
        project_text(&p, 0, &text);
        fuzz_check(project_from_text(&q, &arena, "welcome", buf_view(&text), &e));
        project_text(&q, 0, &again);
        fuzz_check(slice_eq(buf_view(&text), buf_view(&again)) && project_teacher(&q));
    } else {
        fuzz_check(e.code != ERR_OK && e.text[0]);
    }
    buf_free(&text);
    buf_free(&again);
    arena_free(&arena);
}

/* The file ends at the first NUL; what follows are assignments, each ended by a NUL. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct slice sets, yaml = slice_cut(fuzz_input(data, n), '\0', &sets);
    struct err e = {0};
    struct arena arena;
    struct conf_tree tree;
    struct project p = {0};
    char place[64];
    arena_init(&arena, 1 << 24);
    bool ok = conf_parse(&tree, &arena, "gavel.yaml", yaml, &e) && set_all(&tree, sets, &e) &&
              conf_bind(&tree, project_rows, &p, &e);
    if (ok) {
        conf_place(&tree, "accept.k", place, sizeof place);
        fuzz_check(slice_starts(slice_of(place), S("gavel.yaml")) ||
                   slice_starts(slice_of(place), S("--set accept")));
        check_dump(&p);
    } else {
        fuzz_check(e.code != ERR_OK && e.text[0]);
    }
    arena_free(&arena);
    check_project(yaml);
    return 0;
}
