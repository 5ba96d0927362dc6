/*
 * err: one error value, set where the failure happens, prefixed with context on the way up, handled
 * once. The text is bounded and lives inside the struct, so an error needs no memory of its own.
 *
 * Convention of the whole house: a function that can fail returns false and fills its last
 * argument, `struct err *e`; `e` must not be NULL.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

/* name, what it means */
#define ERR_CODES(X)                                  \
    X(OK, "no error")                                 \
    X(NOMEM, "out of memory")                         \
    X(LIMIT, "a declared maximum was exceeded")       \
    X(SYNTAX, "text is not of the form it must have") \
    X(USAGE, "wrong usage, project file or input")    \
    X(NOTFOUND, "something named does not exist")     \
    X(BUSY, "somebody else holds it")                 \
    X(IO, "the system refused an operation")          \
    X(FULL, "no space left")                          \
    X(CORRUPT, "stored data is not what was written") \
    X(PROTOCOL, "a peer broke the protocol")

enum err_code {
#define X(name, text) ERR_##name,
    ERR_CODES(X)
#undef X
};

struct err {
    enum err_code code;
    int sys;          /* errno at the origin, 0 when the system was not involved */
    const char *file; /* where the error was set */
    int line;
    char text[512]; /* a sentence for people: no trailing newline, no secrets */
};

/* err_set(e, code, format, ...): fill e; always false, so that `return err_set(...)` reads well. */
#define err_set(e, code, ...) err_set_at((e), (code), 0, __FILE__, __LINE__, __VA_ARGS__)
/* err_sys(e, format, ...): as err_set, from errno, whose text is appended; ENOSPC, EDQUOT:
 * ERR_FULL. */
#define err_sys(e, ...) err_sys_at((e), __FILE__, __LINE__, __VA_ARGS__)

bool err_set_at(struct err *e, enum err_code code, int sys, const char *file, int line,
                const char *format, ...) __attribute__((format(printf, 6, 7)));
bool err_sys_at(struct err *e, const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* err_wrap(e, format, ...): put "context: " before the text of e; always false. */
bool err_wrap(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* err_name(code): "LIMIT" and so on, for logs. */
const char *err_name(enum err_code code);

#endif
