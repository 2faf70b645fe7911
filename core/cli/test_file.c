/* Carries out the tests of one file: asks its process for their names, then runs each in a new one,
 * and answers what they ask for. */
#include "cli/test_file.h"

#include "base/clock.h"
#include "engine/record.h"
#include "script/child.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_POOL_MAX = 64 << 20, CASE_POOL_MAX = 512 << 20, PRINTED_MAX = 256 << 10 };
enum { COVERED_MAX = 256, SIMULATIONS_MAX = 10000 };
enum { STEP_MS = 60 * 1000 }; /* far more than budgets last, on a machine full of tests */

struct test_file {
    const char *path;
    const struct test_options *options;
    test_tell_fn *tell;
    void *context;
    struct sources sources;
    struct value source_texts;
    struct test_place place;
    struct pool pool;
};

/* One test under way. */
struct test_case {
    const struct test_file *file;
    struct child *child;
    struct sandbox_step step;
    struct pool pool;
    struct buffer printed;
    struct value covered[COVERED_MAX];
    size_t covered_count;
    int64_t simulations;
};

/* --- telling --------------------------------------------------------------------------------- */

static bool tell(const struct test_file *file, struct member *members, size_t count,
                 struct error *err)
{
    struct value event = {.kind = VALUE_OBJECT, .object = {members, count}};
    members[count - 1] = (struct member){slice_of("file"), value_text(file->path)};
    return value_object_sort(&event, err) && file->tell(file->context, &event, err);
}

static bool tell_error(const struct test_file *file, const char *message, struct error *err)
{
    struct member members[] = {{slice_of("error"), value_text(message)}, {{0}, {0}}};
    return tell(file, members, RECORD_COUNT(members), err);
}

static bool tell_read(const struct test_file *file, const struct value *effect, const char *name,
                      struct error *err)
{
    char path[PATH_MAX];
    struct slice given = value_get_slice(effect, name, "");
    int size = snprintf(path, sizeof path, "%s/%.*s", file->place.folder, (int)given.size,
                        given.data);
    if (size < 0 || (size_t)size >= sizeof path)
        return true;
    struct member members[] = {{slice_of("read"), value_text(path)}, {{0}, {0}}};
    return tell(file, members, RECORD_COUNT(members), err);
}

/* What a test printed may be cut in the middle of a letter. */
static struct slice readable(struct buffer *printed)
{
    for (size_t bad; (bad = value_utf8_end(buffer_slice(printed))) < printed->size;)
        printed->data[bad] = '?';
    for (size_t i = 0; i < printed->size; i++)
        printed->data[i] = printed->data[i] ? printed->data[i] : '?';
    return buffer_slice(printed);
}

static bool tell_case(struct test_case *one, const struct value *named, int64_t ms,
                      struct error *err)
{
    bool ok = one->step.state == SANDBOX_RETURNED;
    struct value covered = {.kind = VALUE_ARRAY, .array = {one->covered, one->covered_count}};
    struct member members[] = {
        {slice_of("case"), value_string(value_get_slice(named, "name", ""))},
        {slice_of("covered"), covered},
        {slice_of("message"), value_text(ok ? "" : one->step.error.message)},
        {slice_of("ms"), value_integer(ms)},
        {slice_of("ok"), value_boolean(ok)},
        {slice_of("place"), value_string(value_get_slice(named, "place", ""))},
        {slice_of("printed"), value_string(readable(&one->printed))},
        {{0}, {0}},
    };
    return tell(one->file, members, RECORD_COUNT(members), err);
}

/* --- a process ------------------------------------------------------------------------------- */

static void print(void *context, struct slice text)
{
    struct test_case *one = context;
    struct error ignored;
    buffer_append(&one->printed, text, &ignored);
}

static bool start(struct test_case *one, int64_t number, struct error *err)
{
    const struct test_file *file = one->file;
    struct child_params params = {.step_ms = STEP_MS, .print = print, .context = one};
    struct child_policy policy = {
        .limits = sandbox_limits_default,
        .name = file->sources.items[0].name,
        .sources = &file->source_texts,
    };
    struct member asked = {slice_of("case"), value_integer(number)};
    struct member test = {slice_of("test"),
                          {.kind = VALUE_OBJECT, .object = {&asked, number > 0 ? 1 : 0}}};
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&test, 1}};
    if (!child_new(&one->child, &params, err) ||
        !child_load(one->child, &policy, &one->step, &one->pool, err))
        return false;
    struct script *script = child_script(one->child);
    if (one->step.state == SANDBOX_RETURNED)
        script->ops->start(script, &arguments, &one->step, &one->pool);
    return true;
}

static void init(struct test_case *one, const struct test_file *file)
{
    *one = (struct test_case){.file = file};
    pool_init(&one->pool, CASE_POOL_MAX);
    buffer_init(&one->printed, PRINTED_MAX);
}

static void clear(struct test_case *one)
{
    child_free(one->child);
    pool_clear(&one->pool);
    buffer_clear(&one->printed);
}

/* --- what it asks for ------------------------------------------------------------------------ */

static bool cover(struct test_case *one, const struct test_request *request,
                  const struct value *lines, struct error *err)
{
    struct value sources;
    struct value *copy = &one->covered[one->covered_count];
    if (lines->kind != VALUE_OBJECT || one->covered_count == COVERED_MAX)
        return true;
    if (!sources_value(&request->input.sources, &sources, &one->pool, err))
        return false;
    const struct member members[] = {{slice_of("lines"), *lines}, {slice_of("sources"), sources}};
    struct value both;
    one->covered_count++;
    return record_object(&both, members, 2, &one->pool, err) &&
           value_copy(copy, &both, &one->pool, err); /* the request's texts end with it */
}

static bool simulate(struct test_case *one, const struct value *effect, struct value *told,
                     struct error *err)
{
    static struct test_request request;
    struct value covered;
    bool ok = test_request_read(&request, effect, &one->file->place, err) &&
              test_simulate(&request, &one->file->options->simulation, told, &covered, &one->pool,
                            err) &&
              cover(one, &request, &covered, err);
    test_request_clear(&request);
    return ok;
}

/* The answer to an effect: {"value"} or {"error"}. */
static bool answer(struct test_case *one, struct value *out, struct error *err)
{
    const struct value *effect = &one->step.value;
    struct value told, problem;
    struct error why;
    bool known = value_is_text(value_get(effect, "kind"), "simulate");
    if (!known)
        error_set(&why, ERROR_INVALID,
                  "a test asks for simulations; this is what a policy asks for");
    else if (++one->simulations > SIMULATIONS_MAX)
        error_set(&why, ERROR_LIMIT, "a test may ask for no more than %d simulations",
                  SIMULATIONS_MAX);
    else if (!tell_read(one->file, effect, "policy", err) ||
             !tell_read(one->file, effect, "recording", err))
        return false;
    else if (simulate(one, effect, &told, &why))
        return record_object(out, &(struct member){slice_of("value"), told}, 1, &one->pool, err);
    const struct member members[] = {{slice_of("code"), value_text("invalid")},
                                     {slice_of("message"), value_text(why.message)}};
    struct value copy;
    return record_object(&problem, members, 2, &one->pool, err) &&
           value_copy(&copy, &problem, &one->pool, err) &&
           record_object(out, &(struct member){slice_of("error"), copy}, 1, &one->pool, err);
}

static bool carry_on(struct test_case *one, struct error *err)
{
    struct script *script = child_script(one->child);
    while (one->step.state == SANDBOX_EFFECT) {
        struct value result;
        if (!answer(one, &result, err))
            return false;
        script->ops->resume(script, 0, &result, &one->step, &one->pool);
    }
    if (one->step.state == SANDBOX_PARALLEL) {
        one->step.state = SANDBOX_RAISED;
        error_set(&one->step.error, ERROR_POLICY,
                  "%s: a test asks for one thing after the other: rollout.parallel is a policy's",
                  one->file->sources.items[0].name);
    }
    return true;
}

/* --- the file -------------------------------------------------------------------------------- */

static bool run_case(const struct test_file *file, const struct value *named, int64_t number,
                     struct error *err)
{
    static struct test_case one;
    int64_t began = clock_steady();
    init(&one, file);
    bool ok = start(&one, number, err) && carry_on(&one, err) &&
              tell_case(&one, named, clock_steady() - began, err);
    clear(&one);
    return ok;
}

static bool is_wanted(const struct test_file *file, const struct value *named)
{
    struct slice name = value_get_slice(named, "name", "");
    const char *only = file->options->only;
    return !only || memmem(name.data, name.size, only, strlen(only));
}

static bool run_all(const struct test_file *file, const struct value *names, struct error *err)
{
    for (size_t i = 0; i < names->array.count; i++) {
        const struct value *named = &names->array.items[i];
        if (is_wanted(file, named) && !run_case(file, named, (int64_t)i + 1, err))
            return false;
    }
    return true;
}

/* *found is false where the file is wrong, which was told. */
static bool find_names(struct test_file *file, struct value *names, bool *found, struct error *err)
{
    static struct test_case one;
    init(&one, file);
    bool ok = start(&one, 0, err);
    *found = ok && one.step.state == SANDBOX_RETURNED && one.step.value.kind == VALUE_ARRAY;
    if (ok && !*found) {
        if (one.step.state == SANDBOX_RETURNED || one.step.state == SANDBOX_EFFECT)
            error_set(&one.step.error, ERROR_INVALID, "it is no file of tests");
        sources_place(&file->sources, &one.step.error);
        ok = tell_error(file, one.step.error.message, err);
    } else if (ok && one.step.value.array.count == 0) {
        *found = false;
        ok = tell_error(file, "it declares no tests (test.case)", err);
    }
    ok = ok && (!*found || value_copy(names, &one.step.value, &file->pool, err));
    clear(&one);
    return ok;
}

static bool find_place(struct test_file *file, struct error *err)
{
    char copy[PATH_MAX];
    int size = snprintf(copy, sizeof copy, "%s", file->path);
    if (size < 0 || (size_t)size >= sizeof copy)
        return error_set(err, ERROR_INVALID, "the path of a file of tests is too long");
    return (realpath(dirname(copy), file->place.folder) && realpath(".", file->place.start)) ||
           error_set(err, ERROR_IO, "%s: %s", file->path, strerror(errno));
}

static bool read_file(struct test_file *file, struct error *err)
{
    char path[PATH_MAX + 2];
    snprintf(path, sizeof path, "%s%s", strchr(file->path, '/') ? "" : "./", file->path);
    return find_place(file, err) && sources_read(&file->sources, path, err) &&
           sources_value(&file->sources, &file->source_texts, &file->pool, err);
}

bool test_file_run(const char *path, const struct test_options *options, test_tell_fn *tell_event,
                   void *context, struct error *err)
{
    static struct test_file file;
    struct value names;
    bool found = false;
    file = (struct test_file){
        .path = path, .options = options, .tell = tell_event, .context = context};
    pool_init(&file.pool, FILE_POOL_MAX);
    struct error why;
    bool read = read_file(&file, &why);
    bool ok = read ? find_names(&file, &names, &found, err) &&
                         (!found || run_all(&file, &names, err))
                   : tell_error(&file, why.message, err);
    sources_clear(&file.sources);
    pool_clear(&file.pool);
    return ok;
}
