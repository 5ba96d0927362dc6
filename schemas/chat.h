/* chat: a list of messages, as the chat-completions protocol has it, and its one JSON form. */
#ifndef SCHEMAS_CHAT_H
#define SCHEMAS_CHAT_H

#include "base/arena.h"
#include "base/json.h"
#include "base/jsonw.h"

#define CHAT_MAX_MESSAGES 512

struct message {
    struct slice role; /* "system", "user", "assistant" */
    struct slice content;
};

struct chat {
    struct message *messages;
    size_t n;
};

/* chat_read(node, role, chat, arena, what, e): a string becomes one message of `role`; an object
 * {role, content} one message; a list of such objects the whole conversation. content may be a
 * string or a list of text parts [{type: "text", text}]. Contents are copied to the arena. Errors
 * name `what`. */
bool chat_read(const json *node, const char *role, struct chat *chat, struct arena *arena,
               const char *what, struct err *e);
/* chat_parse(text, chat, arena, e): as chat_read, from the JSON text that chat_write made. */
bool chat_parse(struct slice text, struct chat *chat, struct arena *arena, struct err *e);
/* chat_write(w, chat): [{"role":…,"content":…},…]: canonical, used for storing, hashing and
 * requests. */
void chat_write(struct jsonw *w, const struct chat *chat);
/* chat_bytes(chat): sum of the contents' lengths. */
size_t chat_bytes(const struct chat *chat);
/* chat_is_blank(chat): no message, or none with anything but white space. */
bool chat_is_blank(const struct chat *chat);
/* chat_eq(a, b): same roles and contents. */
bool chat_eq(const struct chat *a, const struct chat *b);
/* chat_says_the_same(a, b): as chat_eq, but white space at the ends does not count: it is nothing
 * that an answer could be better for. */
bool chat_says_the_same(const struct chat *a, const struct chat *b);

#endif
