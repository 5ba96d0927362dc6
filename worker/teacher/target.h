/* target: where the requests of one endpoint go: the address, and header lines with the key. */
#ifndef WORKER_TEACHER_TARGET_H
#define WORKER_TEACHER_TARGET_H

#include <curl/curl.h>

#include "schemas/project.h"

struct target {
    char *url;                  /* of chat completions */
    struct curl_slist *headers; /* the only place that holds the key */
};

/* target_open(t, project, index, e): the endpoint with that index in the project. Its key comes
 * from the environment or, when no variable is named, from a file relative to the project's folder,
 * and is registered as a secret. A url or key that cannot be used is ERR_USAGE. */
bool target_open(struct target *t, const struct project *p, size_t index, struct err *e);
/* target_close(t): also after a failed target_open, and for one that is all zero. */
void target_close(struct target *t);

#endif
