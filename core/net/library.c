/* Finds libcurl's functions by name when they are first needed. */
#include "net/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

struct library library;

static const struct {
    const char *name;
    size_t offset;
} functions[] = {
#define X(function) {#function, offsetof(struct library, function)},
    LIBRARY_FUNCTIONS(X)
#undef X
};

bool library_open(struct error *err)
{
    static void *handle;
    struct library found;
    if (handle)
        return true;
    void *opened = dlopen(LIBCURL, RTLD_LAZY | RTLD_LOCAL);
    if (!opened)
        return error_set(err, ERROR_IO, "libcurl cannot be loaded: %s", dlerror());
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        void *function = dlsym(opened, functions[i].name);
        if (!function) {
            dlclose(opened);
            return error_set(err, ERROR_IO, "%s has no %s: a newer libcurl is needed", LIBCURL,
                             functions[i].name);
        }
        memcpy((char *)&found + functions[i].offset, &function, sizeof function);
    }
    library = found;
    handle = opened;
    return true;
}
