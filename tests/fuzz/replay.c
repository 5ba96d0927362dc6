/* Stands in for libFuzzer: every file named, and every beginning of it, is one input. */
#include <dirent.h>
#include <string.h>

#include "base/files.h"
#include "tests/fuzz/fuzz.h"

enum { INPUT_MAX = 1 << 20, BEGINNINGS = 64 };

/* The bytes stand in memory of their own, so that a read past their end is seen. */
static void run(struct slice input)
{
    uint8_t *copy = malloc(input.n ? input.n : 1);
    if (!copy)
        abort();
    if (input.n)
        memcpy(copy, input.p, input.n);
    LLVMFuzzerTestOneInput(copy, input.n);
    free(copy);
}

static bool replay(const char *path, struct err *e)
{
    struct buf input;
    buf_init(&input, INPUT_MAX);
    bool ok = files_read(path, &input, e);
    size_t step = input.n / BEGINNINGS + 1;
    for (size_t n = 0; ok && n < input.n; n += step)
        run(slice_sub(buf_view(&input), 0, n));
    if (ok)
        run(buf_view(&input));
    buf_free(&input);
    return ok;
}

/* The number of inputs in the folder, -1 when one cannot be read. */
static int replay_folder(const char *folder, struct err *e)
{
    char path[4096];
    int n = 0;
    DIR *dir = opendir(folder);
    if (!dir) {
        err_sys(e, "cannot read %s", folder);
        return -1;
    }
    for (struct dirent *d; n >= 0 && (d = readdir(dir));) {
        if (d->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, d->d_name);
        n = replay(path, e) ? n + 1 : -1;
    }
    closedir(dir);
    return n;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        struct err e;
        int n = replay_folder(argv[i], &e);
        if (n <= 0) {
            fprintf(stderr, "%s: %s\n", argv[i], n ? e.text : "no inputs");
            return 1;
        }
        printf("%s: %d inputs and their beginnings\n", argv[i], n);
    }
    return argc < 2;
}
