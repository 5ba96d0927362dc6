#include "cli/page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cli/command.h"
#include "schemas/chat.h"

#define TAB "    "

static void add_indent(struct buf *out, size_t indent)
{
    for (size_t i = 0; i < indent; i++)
        buf_char(out, ' ');
}

static void add_line(struct buf *out, struct slice line)
{
    if (slice_ends(line, S("\r")))
        line.n--;
    for (;;) {
        struct slice rest, part = slice_cut(line, '\t', &rest);
        text_quote(out, part, 0);
        if (part.n == line.n)
            break;
        buf_str(out, TAB);
        line = rest;
    }
}

static size_t count_lines(struct slice text)
{
    size_t n = 0;
    while (text.n) {
        slice_cut(text, '\n', &text);
        n++;
    }
    return n;
}

void page_text(struct buf *out, struct slice text, size_t indent, size_t max_lines)
{
    for (size_t n = 0; text.n; n++) {
        if (max_lines && n == max_lines) {
            size_t more = count_lines(text);
            add_indent(out, indent);
            buf_addf(out, "... %zu more line%s\n", more, more == 1 ? "" : "s");
            return;
        }
        struct slice line = slice_cut(text, '\n', &text);
        if (line.n)
            add_indent(out, indent);
        add_line(out, line);
        buf_char(out, '\n');
    }
}

/* What was stored by hand may be no conversation: then it is shown as it is. */
static bool read_chat(struct slice text, struct chat *chat, struct arena *arena)
{
    struct err ignored;
    arena_init(arena, 16 * text.n + 65536);
    if (chat_parse(text, chat, arena, &ignored) && chat->n)
        return true;
    arena_free(arena);
    return false;
}

void page_chat(struct buf *out, struct slice text, size_t indent, size_t max_lines)
{
    struct arena arena;
    struct chat chat;
    if (!read_chat(text, &chat, &arena)) {
        page_text(out, text, indent, max_lines);
        return;
    }
    for (size_t i = 0; i < chat.n; i++) {
        if (chat.n > 1) {
            add_indent(out, indent);
            buf_char(out, '[');
            text_quote(out, chat.messages[i].role, 40);
            buf_str(out, "]\n");
        }
        page_text(out, chat.messages[i].content, indent, max_lines);
    }
    arena_free(&arena);
}

void page_excerpt(struct buf *out, struct slice text, size_t max_chars)
{
    struct arena arena;
    struct chat chat;
    if (!read_chat(text, &chat, &arena)) {
        text_quote(out, text, max_chars);
        return;
    }
    text_quote(out, chat.messages[chat.n - 1].content, max_chars);
    arena_free(&arena);
}

bool page_flush(struct buf *out, struct err *e)
{
    if (!buf_ok(out, "the output", e))
        return false;
    size_t written = out->n ? fwrite(out->p, 1, out->n, stdout) : 0;
    bool ok = written == out->n && fflush(stdout) == 0;
    buf_clear(out);
    return ok || err_sys(e, "cannot write to standard output");
}

int page_end(struct buf *out, int exit_status)
{
    struct err e;
    bool ok = page_flush(out, &e);
    buf_free(out);
    if (ok)
        return exit_status;
    return e.sys == EPIPE ? EXIT_FAILED : command_fail(&e); /* a reader that has seen enough */
}
