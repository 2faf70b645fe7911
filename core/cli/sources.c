/* Reads a policy's file and the modules that it requires, and finds a module for the sandbox. */
#include "cli/sources.h"

#include "base/file.h"
#include "cli/files.h"
#include "cli/verb.h"
#include "host/host.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
}

/* "team.limits" -> "team/limits.lua". Only plain names: nothing can lead out of the folder. */
static bool module_path(char *out, size_t size, struct slice module)
{
    if (module.size == 0 || module.size + sizeof ".lua" > size || module.data[0] == '.')
        return false;
    for (size_t i = 0; i < module.size; i++) {
        bool twice = i > 0 && module.data[i] == '.' && module.data[i - 1] == '.';
        if (!is_name_char(module.data[i]) || twice)
            return false;
        out[i] = module.data[i] == '.' ? '/' : module.data[i];
    }
    memcpy(out + module.size, ".lua", sizeof ".lua");
    return true;
}

static bool is_known(const struct sources *sources, const char *name)
{
    for (size_t i = 0; i < sources->count; i++) {
        if (strcmp(sources->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static bool add(struct sources *sources, const char *name, struct buffer text, struct error *err)
{
    if (sources->count == SOURCES_MAX) {
        buffer_clear(&text);
        return error_set(err, ERROR_LIMIT, "a policy may consist of no more than %d files",
                         SOURCES_MAX);
    }
    struct source *source = &sources->items[sources->count];
    size_t size = strlen(name) + 1;
    if (value_utf8_end(slice_of(name)) + 1 != size) {
        buffer_clear(&text);
        return error_set(err, ERROR_INVALID, "the name of a policy's file must be UTF-8");
    }
    if (size > sizeof source->name) {
        buffer_clear(&text);
        return error_set(err, ERROR_INVALID, "%s: the name of a policy's file may have %zu bytes",
                         name, sizeof source->name - 1);
    }
    memcpy(source->name, name, size);
    source->text = text;
    sources->count++;
    return true;
}

/* A byte order mark in front, as some editors leave one, is none of the text. */
static void strip_mark(struct buffer *text)
{
    static const char mark[] = "\xEF\xBB\xBF";
    size_t size = sizeof mark - 1;
    if (text->size >= size && memcmp(text->data, mark, size) == 0) {
        text->size -= size;
        memmove(text->data, text->data + size, text->size + 1);
    }
}

static const char shipped_folder[] = "policies/";

/* The text of a shipped policy, by the name of its file: "policies/linear.lua". */
static bool shipped(const char *file, struct slice *text)
{
    return strncmp(file, shipped_folder, sizeof shipped_folder - 1) == 0 && host_file(file, text);
}

/* By its own name: "linear". */
static bool shipped_named(const char *name, char file[SOURCE_NAME_SIZE], struct slice *text)
{
    int size = snprintf(file, SOURCE_NAME_SIZE, "%s%s.lua", shipped_folder, name);
    return size > 0 && size < SOURCE_NAME_SIZE && shipped(file, text);
}

bool sources_is_shipped(const char *path)
{
    char file[SOURCE_NAME_SIZE];
    struct slice text;
    return !strchr(path, '/') && shipped_named(path, file, &text);
}

/* The name means the shipped one, to whoever reads `rollout.use("linear")`; another text under it
 * would be mistaken for it. A copy of it is as good. */
static bool check_copy(const char *name, struct slice meant, struct buffer *text, struct error *err)
{
    bool same = slice_equal(meant, buffer_slice(text));
    buffer_clear(text);
    return same ||
           error_set(err, ERROR_INVALID,
                     "%s is not the shipped policy of that name, and would be taken for it; "
                     "give a policy of your own another name (require \"team.canary\" is "
                     "team/canary.lua)",
                     name);
}

/* A file of such a name beside the policy is another one, which require does not find. */
static bool is_stdlib(const char *file)
{
    char path[SOURCE_NAME_SIZE + sizeof "stdlib/"];
    struct slice text;
    snprintf(path, sizeof path, "stdlib/%s", file);
    return host_file(path, &text);
}

static bool add_module(struct sources *sources, const char *folder, struct slice module,
                       struct error *err)
{
    char name[SOURCE_NAME_SIZE];
    bool there;
    struct buffer text;
    struct slice meant;
    if (!module_path(name, sizeof name, module) || is_known(sources, name) || is_stdlib(name))
        return true;
    int fd = file_open_below(folder, name, &there, err);
    if (fd < 0)
        return !there; /* not beside the policy: an error that require reports */
    if (!files_take(fd, name, SOURCE_SIZE_MAX, &text, err))
        return false;
    if (shipped(name, &meant))
        return check_copy(name, meant, &text, err);
    strip_mark(&text);
    return add(sources, name, text, err);
}

/* The literal after `at`, which stands behind "require": "name", 'name', ("name"). */
static bool take_literal(struct slice text, size_t at, struct slice *literal)
{
    while (at < text.size && strchr(" \t\r\n(", text.data[at]) && text.data[at])
        at++;
    if (at >= text.size || (text.data[at] != '"' && text.data[at] != '\''))
        return false;
    const char *from = text.data + at + 1;
    const char *end = memchr(from, text.data[at], text.size - at - 1);
    if (!end)
        return false;
    *literal = (struct slice){from, (size_t)(end - from)};
    return true;
}

static bool add_required(struct sources *sources, const char *folder, struct slice text,
                         struct error *err)
{
    static const char word[] = "require";
    size_t size = sizeof word - 1;
    for (size_t at = 0; at + size < text.size; at++) {
        struct slice module;
        if (memcmp(text.data + at, word, size) != 0 || !take_literal(text, at + size, &module))
            continue;
        if (!add_module(sources, folder, module, err))
            return false;
    }
    return true;
}

/* The shipped policy that may have been meant. */
static bool no_such(const char *name, struct error *err)
{
    enum { POLICIES_MAX = 32 };
    char names[POLICIES_MAX][64];
    const char *known[POLICIES_MAX];
    const char *path;
    size_t count = 0;
    for (size_t i = 0; count < POLICIES_MAX && (path = host_file_name(shipped_folder, i)); i++) {
        path += sizeof shipped_folder - 1;
        snprintf(names[count], sizeof names[count], "%.*s", (int)strcspn(path, "."), path);
        known[count] = names[count];
        count++;
    }
    const char *closest = options_closest(name, known, count);
    return error_set(err, ERROR_INVALID,
                     "%s: no such file, and no shipped policy of that name%s%s%s", name,
                     closest ? "; did you mean " : "", closest ? closest : "", closest ? "?" : "");
}

static bool add_shipped(struct sources *sources, const char *name, struct error *err)
{
    char file[SOURCE_NAME_SIZE];
    struct slice text;
    struct buffer copy;
    if (!shipped_named(name, file, &text))
        return no_such(name, err);
    buffer_init(&copy, SOURCE_SIZE_MAX);
    return buffer_append(&copy, text, err) &&
           add(sources, file + sizeof shipped_folder - 1, copy, err);
}

bool sources_read_shipped(struct sources *sources, const char *name, struct error *err)
{
    *sources = (struct sources){0};
    return add_shipped(sources, name, err);
}

bool sources_read(struct sources *sources, const char *path, struct error *err)
{
    char copy[PATH_MAX];
    struct buffer text;
    *sources = (struct sources){0};
    bool is_name = strcmp(path, "-") != 0 && !strchr(path, '/');
    if (sources_is_shipped(path) || (is_name && access(path, F_OK) != 0))
        return add_shipped(sources, path, err);
    if (strlen(path) >= sizeof copy)
        return error_set(err, ERROR_INVALID, "the path of the policy is too long");
    if (!files_read(path, SOURCE_SIZE_MAX, &text, err))
        return false;
    strip_mark(&text);
    memcpy(copy, path, strlen(path) + 1);
    if (!add(sources, strcmp(path, "-") == 0 ? "stdin" : basename(copy), text, err))
        return false;
    memcpy(copy, path, strlen(path) + 1);
    const char *folder = dirname(copy);
    for (size_t i = 0; i < sources->count; i++) {
        if (!add_required(sources, folder, buffer_slice(&sources->items[i].text), err))
            return false;
    }
    return true;
}

static bool add_recorded(struct sources *sources, const struct member *member, struct error *err)
{
    char name[128];
    struct buffer text;
    if (member->value.kind != VALUE_STRING || member->name.size >= sizeof name)
        return error_set(err, ERROR_DAMAGED, "the journal's sources are not {name: text}");
    snprintf(name, sizeof name, "%.*s", (int)member->name.size, member->name.data);
    buffer_init(&text, SOURCE_SIZE_MAX);
    return buffer_append(&text, member->value.string, err) && add(sources, name, text, err);
}

bool sources_from_journal(struct sources *sources, const struct value *recorded, struct slice first,
                          struct error *err)
{
    *sources = (struct sources){0};
    if (!recorded || recorded->kind != VALUE_OBJECT)
        return error_set(err, ERROR_DAMAGED, "the journal does not hold its policy's sources");
    for (int others = 0; others < 2; others++) {
        for (size_t i = 0; i < recorded->object.count; i++) {
            const struct member *member = &recorded->object.members[i];
            if (slice_equal(member->name, first) != (others == 0))
                continue;
            if (!add_recorded(sources, member, err))
                return false;
        }
    }
    if (sources->count == 0 || !slice_is(first, sources->items[0].name))
        return error_set(err, ERROR_DAMAGED, "the journal does not hold the text of its policy");
    return true;
}

void sources_clear(struct sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        buffer_clear(&sources->items[i].text);
    sources->count = 0;
}

bool sources_place(const struct sources *sources, struct error *err)
{
    for (size_t i = 0; i < sources->count; i++) {
        size_t size = strlen(sources->items[i].name);
        if (strncmp(err->message, sources->items[i].name, size) == 0 && err->message[size] == ':')
            return false;
    }
    return error_wrap(err, "%s", sources->items[0].name);
}

bool sources_value(const struct sources *sources, struct value *out, struct pool *pool,
                   struct error *err)
{
    if (!value_object(out, sources->count, pool, err))
        return false;
    for (size_t i = 0; i < sources->count; i++) {
        out->object.members[i].name = slice_of(sources->items[i].name);
        out->object.members[i].value = value_string(buffer_slice(&sources->items[i].text));
    }
    return value_object_sort(out, err);
}

static bool find_embedded(const char *folder, const char *module, struct slice *text,
                          const char **chunk)
{
    char path[160];
    char name[128];
    if (!module_path(name, sizeof name, slice_of(module)))
        return false;
    snprintf(path, sizeof path, "%s%s", folder, name);
    if (!host_file(path, text))
        return false;
    for (size_t i = 0; (*chunk = host_file_name(folder, i)); i++) {
        if (strcmp(*chunk, path) == 0)
            return true;
    }
    return false;
}

enum { KINDS_SIZE = 4096 };

/* Adds the name in "lua/targets/NAME/policy.lua", if that is what the path is like. */
static void add_kind(char text[KINDS_SIZE], const char *path)
{
    const char *name = path + sizeof "lua/targets/" - 1;
    size_t size = strcspn(name, "/");
    size_t used = strlen(text);
    if (strcmp(name + size, "/policy.lua") == 0)
        snprintf(text + used, KINDS_SIZE - used, "%.*s = true, ", (int)size, name);
}

/* The module "target_kinds": the types of target, which are there because their folders are. */
static bool find_kinds(struct slice *text, const char **chunk)
{
    static char kinds[KINDS_SIZE];
    const char *path;
    if (!*kinds) {
        snprintf(kinds, sizeof kinds, "return { ");
        for (size_t i = 0; (path = host_file_name("lua/targets/", i)); i++)
            add_kind(kinds, path);
        snprintf(kinds + strlen(kinds), sizeof kinds - strlen(kinds), "}");
    }
    *text = slice_of(kinds);
    *chunk = "stdlib/target_kinds.lua";
    return true;
}

/* What policies read of lua/: of each type of target "targets.NAME.policy", and what those share.
 */
static bool is_of_targets(const char *module)
{
    static const char folder[] = "targets.";
    static const char half[] = "policy";
    size_t size = strlen(module);
    return size > sizeof half && strncmp(module, folder, sizeof folder - 1) == 0 &&
           strcmp(module + size - (sizeof half - 1), half) == 0;
}

bool sources_find(void *context, const char *module, struct slice *text, const char **chunk)
{
    const struct sources *sources = context;
    char name[128];
    if (!module_path(name, sizeof name, slice_of(module)))
        return false;
    if (find_embedded("stdlib/", module, text, chunk) ||
        (strncmp(name, shipped_folder, sizeof shipped_folder - 1) == 0 &&
         find_embedded("", module, text, chunk)))
        return true;
    if (strcmp(module, "target_kinds") == 0)
        return find_kinds(text, chunk);
    if (is_of_targets(module))
        return find_embedded("lua/", module, text, chunk);
    for (size_t i = 1; i < sources->count; i++) {
        if (strcmp(sources->items[i].name, name) == 0) {
            *text = buffer_slice(&sources->items[i].text);
            *chunk = sources->items[i].name;
            return true;
        }
    }
    return false;
}
