/* A line of a seed file: a record that can be stored, or a sentence. */
#include "base/json.h"
#include "coordinator/imports/seed_line.h"
#include "tests/fuzz/fuzz.h"

static void check_json(struct slice text, enum json_type type)
{
    struct err e;
    json *root = json_parse(text, JSON_STRICT, &e);
    fuzz_check(root && json_type(root) == type);
    json_free(root);
}

static void check_record(const struct seed_record *r)
{
    struct err e;
    fuzz_check(!chat_is_blank(&r->prompt) && r->n_responses <= SEED_MAX_RESPONSES);
    fuzz_check(r->trust < TRUST_COUNT);
    for (size_t i = 0; i < r->n_responses; i++)
        fuzz_check(!chat_is_blank(&r->responses[i].chat) && r->responses[i].rank >= 0);
    if (r->meta.n) {
        json *meta = json_parse(r->meta, JSON_STRICT, &e);
        fuzz_check(meta);
        json_free(meta);
    }
    fuzz_check((r->n_pairs == 0) == (r->reason != SEED_PAIRED) && r->n_pairs <= SEED_MAX_PAIRS);
    for (size_t i = 0; i < r->n_pairs; i++) {
        const struct seed_pair *p = &r->pairs[i];
        fuzz_check(p->chosen < r->n_responses && p->rejected < r->n_responses);
        fuzz_check(!chat_eq(&r->responses[p->chosen].chat, &r->responses[p->rejected].chat));
        check_json(p->evidence, JSON_OBJECT);
    }
}

/* What is stored of a conversation is read back as the same. */
static void check_chat(const struct chat *chat, struct arena *arena)
{
    struct err e;
    struct buf text;
    struct chat again;
    buf_init(&text, 1 << 24);
    struct jsonw w = jsonw_to(&text);
    chat_write(&w, chat);
    fuzz_check(chat_parse(buf_view(&text), &again, arena, &e) && chat_eq(chat, &again));
    buf_free(&text);
}

/* The first byte chooses the format: 0 is auto. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct seed_record record;
    struct slice line = fuzz_input(data, n);
    const struct importer *importer = NULL;
    struct err e = {0};
    struct arena arena;
    size_t formats = 0;
    while (importer_table[formats])
        formats++;
    uint8_t choice = fuzz_byte(&line);
    size_t format = choice % (formats + 1);
    struct seed_line_options options = {.format = format ? importer_table[format - 1] : NULL,
                                        .trust_given = choice & 128,
                                        .trust = TRUST_HUMAN};
    arena_init(&arena, 1 << 24);
    if (seed_line_read(&options, line, &record, &importer, &arena, &e)) {
        fuzz_check(importer && (!options.format || importer == options.format));
        check_record(&record);
        check_chat(&record.prompt, &arena);
        for (size_t i = 0; i < record.n_responses; i++)
            check_chat(&record.responses[i].chat, &arena);
    } else {
        fuzz_check(e.code != ERR_OK && e.code != ERR_NOMEM && e.text[0]);
    }
    arena_free(&arena);
    return 0;
}
