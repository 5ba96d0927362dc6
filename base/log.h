/*
 * log: one line an event on stderr: time, level, text. Every line is one line whatever the text
 * holds (see text_quote), and every registered secret is replaced by "[secret]".
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/slice.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* log_setup(name, max): `name` stands in every line ("coordinator", "worker 2"). */
void log_setup(const char *name, enum log_level max);
/* log_hook(fn, context): called before a line is written (the live block clears itself); NULL ends
 * it. */
void log_hook(void (*before)(void *context), void *context);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* secret_register(text): from now on log lines and secret_redact() hide it. At most 16 secrets
 * (asserted); texts shorter than 4 bytes are not hidden (they would blank ordinary words). */
void secret_register(const char *text);
/* secret_redact(text, n): overwrites every registered secret within the n bytes with '*'. */
void secret_redact(char *text, size_t n);

#endif
