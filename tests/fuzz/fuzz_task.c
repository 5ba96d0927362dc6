/* A judge task from the wire: refused with a sentence, or written again it is the same task. */
#include "judges/task.h"
#include "tests/fuzz/fuzz.h"

static struct slice chat_text(const struct chat *chat, struct buf *out)
{
    struct jsonw w = jsonw_to(out);
    if (chat->n)
        chat_write(&w, chat);
    fuzz_check(!out->failed);
    return buf_view(out);
}

static void check_again(const struct judge_task *task, struct arena *arena)
{
    struct buf b[4];
    for (size_t i = 0; i < 4; i++)
        buf_init(&b[i], 1 << 24);
    struct task_text text = {.prompt = chat_text(&task->prompt, &b[0]),
                             .answer_a = chat_text(&task->answer_a, &b[1]),
                             .answer_b = chat_text(&task->answer_b, &b[2]),
                             .reference = task->reference,
                             .rubric = task->rubric,
                             .language = task->language,
                             .nonce = task->nonce,
                             .hint = task->hint};
    struct jsonw w = jsonw_to(&b[3]);
    struct judge_task again;
    struct err e;
    task_write(&w, &text);
    fuzz_check(!b[3].failed && task_read(buf_view(&b[3]), &again, arena, &e));
    fuzz_check(chat_eq(&again.prompt, &task->prompt) && chat_eq(&again.answer_a, &task->answer_a));
    fuzz_check(chat_eq(&again.answer_b, &task->answer_b) && again.hint == task->hint);
    fuzz_check(slice_eq(again.reference, task->reference) && slice_eq(again.rubric, task->rubric));
    fuzz_check(slice_eq(again.language, task->language) && slice_eq(again.nonce, task->nonce));
    for (size_t i = 0; i < 4; i++)
        buf_free(&b[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena arena;
    struct judge_task task;
    struct err e = {0};
    arena_init(&arena, 64 << 20);
    if (task_read(fuzz_input(data, n), &task, &arena, &e))
        check_again(&task, &arena);
    else
        fuzz_check(e.code == ERR_PROTOCOL && e.text[0]);
    arena_free(&arena);
    return 0;
}
