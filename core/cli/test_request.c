/* Reads a test's effect "simulate": what is to be simulated, what is done to it, and the files. */
#include "cli/test_request.h"

#include "cli/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECORDING_SIZE_MAX = 1 << 30, INPUT_POOL_MAX = 16 << 20, RUNS_MAX = 1000000 };

static const struct value *list_of(const struct value *effect, const char *name)
{
    static const struct value none = {.kind = VALUE_ARRAY};
    const struct value *list = value_get(effect, name);
    return list && list->kind == VALUE_ARRAY ? list : &none;
}

static bool fits(const struct value *list, const char *name, struct error *err)
{
    return list->array.count <= INJECTION_MAX ||
           error_set(err, ERROR_INVALID, "%s: no more than %d", name, INJECTION_MAX);
}

/* A text without zeros, as the system's names are. */
static bool read_text(const struct value *effect, const char *name, const char **out,
                      struct pool *pool, struct error *err)
{
    const struct value *given = value_get(effect, name);
    struct slice copy;
    *out = NULL;
    if (!given || given->kind == VALUE_NULL)
        return true;
    if (given->kind != VALUE_STRING || memchr(given->string.data, 0, given->string.size))
        return error_set(err, ERROR_INVALID, "%s: expected a text", name);
    char *text = pool_alloc(pool, given->string.size + 1, err);
    if (!text)
        return false;
    memcpy(text, given->string.data, given->string.size);
    text[given->string.size] = '\0';
    copy = (struct slice){text, given->string.size};
    *out = copy.data;
    return true;
}

/* --- files ----------------------------------------------------------------------------------- */

static bool is_below(const char *folder, const char *path)
{
    size_t size = strlen(folder);
    return strncmp(folder, path, size) == 0 &&
           (path[size] == '/' || (size > 0 && folder[size - 1] == '/'));
}

/* A test is a stranger's, too: it names no file of anybody else's. */
static bool find_file(const struct test_place *place, const char *name, char real[PATH_MAX],
                      struct error *err)
{
    char path[PATH_MAX];
    int size = *name == '/' ? snprintf(path, sizeof path, "%s", name)
                            : snprintf(path, sizeof path, "%s/%s", place->folder, name);
    if (size < 0 || (size_t)size >= sizeof path)
        return error_set(err, ERROR_INVALID, "the path of a file is too long");
    if (!realpath(path, real))
        return error_set(err, ERROR_INVALID, "%s: %s", name, strerror(errno));
    return is_below(place->folder, real) || is_below(place->start, real) ||
           error_set(err, ERROR_INVALID,
                     "%s lies neither beside the test nor in the folder that `tidelock test` was "
                     "started in",
                     name);
}

static const char *without_folders(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool read_policy(struct test_request *request, const struct value *effect,
                        const struct test_place *place, struct error *err)
{
    struct simulation_input *input = &request->input;
    char path[PATH_MAX];
    const char *name;
    if (!read_text(effect, "policy", &name, &input->pool, err))
        return false;
    if (!name)
        return error_set(err, ERROR_INVALID, "policy: expected a name or a file");
    if (!strchr(name, '/') && !strstr(name, ".lua"))
        return sources_read(&input->sources, name, err);
    if (!find_file(place, name, path, err))
        return false;
    return sources_read(&input->sources, path, err);
}

static bool read_recording(struct test_request *request, const struct value *effect,
                           const struct test_place *place, struct error *err)
{
    struct simulation_input *input = &request->input;
    char path[PATH_MAX];
    const char *name;
    if (!read_text(effect, "recording", &name, &input->pool, err))
        return false;
    if (!name)
        return error_set(err, ERROR_INVALID, "recording: expected a file");
    input->recording_name = without_folders(name);
    return find_file(place, name, path, err) &&
           files_read(path, RECORDING_SIZE_MAX, &input->recording, err);
}

/* --- the run --------------------------------------------------------------------------------- */

static bool is_pair(const struct value *pair)
{
    return pair->kind == VALUE_ARRAY && pair->array.count == 2 &&
           pair->array.items[0].kind == VALUE_STRING && pair->array.items[1].kind == VALUE_STRING;
}

static bool read_arguments(struct test_request *request, const struct value *effect,
                           struct error *err)
{
    const struct value *list = list_of(effect, "arguments");
    for (size_t i = 0; i < list->array.count; i++) {
        if (!is_pair(&list->array.items[i]))
            return error_set(err, ERROR_INVALID, "params: expected names and texts");
    }
    return value_copy(&request->input.arguments, list, &request->input.pool, err);
}

static bool read_injects(struct test_request *request, const struct value *effect,
                         struct error *err)
{
    struct simulation_input *input = &request->input;
    const struct value *list = list_of(effect, "inject");
    if (!fits(list, "inject", err))
        return false;
    for (size_t i = 0; i < list->array.count; i++) {
        struct member named = {slice_of("inject"), list->array.items[i]};
        struct value one = {.kind = VALUE_OBJECT, .object = {&named, 1}};
        const char **text = &input->inject_texts[i];
        if (!read_text(&one, "inject", text, &input->pool, err))
            return false;
        if (!*text || !inject_parse(&input->injects[i], slice_of(*text), err))
            return error_wrap(err, "inject");
        input->inject_count++;
    }
    return true;
}

static bool read_numbers(struct test_request *request, const struct value *effect,
                         struct error *err)
{
    request->seed = value_get_integer(effect, "seed", 1);
    request->runs = value_get_integer(effect, "runs", 1);
    request->records = value_get_boolean(effect, "records", false);
    request->input.settle = value_get_integer(effect, "settle", 0);
    if (request->seed < 0)
        return error_set(err, ERROR_INVALID, "seed: expected 0 or more");
    if (request->runs < 1 || request->runs > RUNS_MAX)
        return error_set(err, ERROR_INVALID, "runs: expected 1 to %d", RUNS_MAX);
    if (request->input.settle < 0)
        return error_set(err, ERROR_INVALID, "settle: expected 0 or more");
    return read_text(effect, "start", &request->input.start, &request->input.pool, err);
}

/* Nobody is there to approve, unless it is said. */
static bool read_person(struct test_request *request, const struct value *effect, struct error *err)
{
    struct slice text = value_get_slice(effect, "approve", "never");
    return person_parse(&request->input.person, text, err) || error_wrap(err, "approve");
}

static bool read_kill(struct test_request *request, const struct value *effect, struct error *err)
{
    const struct value *kill = value_get(effect, "kill");
    struct slice name = value_get_slice(kill, "as", "");
    int64_t records = value_get_integer(kill, "records", 0);
    request->everywhere = value_get_boolean(kill, "everywhere", false);
    if (!kill || kill->kind != VALUE_OBJECT || request->everywhere)
        return true;
    if (!crash_kind_parse(&request->death.kind, name))
        return error_set(err, ERROR_INVALID, "kill: nobody dies as \"%.*s\"",
                         (int)(name.size < 80 ? name.size : 80), name.data);
    request->death.records = records > 0 ? (size_t)records : 1;
    return true;
}

/* --- what is done to it ---------------------------------------------------------------------- */

static bool unknown_fault(struct slice name, struct error *err)
{
    return error_set(err, ERROR_INVALID, "faults: there is none called \"%.*s\"",
                     (int)(name.size < 80 ? name.size : 80), name.data);
}

static size_t count_of(const struct value *given, const char *name)
{
    int64_t count = value_get_integer(given, name, 0);
    return count > 0 ? (size_t)count : 0;
}

static bool read_calls(struct injection *injection, const struct value *list, struct error *err)
{
    if (!fits(list, "faults", err))
        return false;
    for (size_t i = 0; i < list->array.count; i++) {
        const struct value *given = &list->array.items[i];
        struct slice name = value_get_slice(given, "fate", "");
        struct call_fault *fault = &injection->calls[injection->call_count++];
        *fault = (struct call_fault){
            .operation = value_get_slice(given, "operation", ""),
            .from = value_get_integer(given, "from", 0),
            .nth = count_of(given, "nth"),
            .times = count_of(given, "times"),
            .length = value_get_integer(given, "length", 0),
        };
        if (!fate_parse(&fault->fate, name))
            return unknown_fault(name, err);
    }
    return true;
}

static bool read_metrics(struct injection *injection, const struct value *list, struct error *err)
{
    if (!fits(list, "faults", err))
        return false;
    for (size_t i = 0; i < list->array.count; i++) {
        const struct value *given = &list->array.items[i];
        struct slice name = value_get_slice(given, "fate", "");
        struct metric_fault *fault = &injection->metrics[injection->metric_count++];
        *fault = (struct metric_fault){
            .metric = value_get_slice(given, "metric", ""),
            .arm = value_get_slice(given, "arm", ""),
            .from = value_get_integer(given, "from", 0),
            .length = value_get_integer(given, "length", 0),
            .by = value_get_integer(given, "by", 0),
        };
        if (!metric_fate_parse(&fault->fate, name))
            return unknown_fault(name, err);
    }
    return true;
}

static bool read_deed(struct deed *deed, const struct value *given, struct error *err)
{
    struct slice name = value_get_slice(given, "request", "");
    *deed = (struct deed){
        .at = value_get_integer(given, "at", 0),
        .by = value_get_slice(given, "by", "a test"),
        .change = value_get(given, "change"),
    };
    if (deed->at < 0)
        return error_set(err, ERROR_INVALID, "hands: before the rollout there is nothing to ask");
    bool known = request_parse(&deed->request, name);
    if (known && (deed->request == REQUEST_APPROVE || deed->request == REQUEST_REJECT))
        return error_set(err, ERROR_INVALID,
                         "hands: approvals are answered by approve = \"after=20m\"");
    return deed->change || known ||
           error_set(err, ERROR_INVALID, "hands: nobody can ask for \"%.*s\"",
                     (int)(name.size < 80 ? name.size : 80), name.data);
}

static bool read_deeds(struct injection *injection, const struct value *list, struct error *err)
{
    if (!fits(list, "hands", err))
        return false;
    for (size_t i = 0; i < list->array.count; i++) {
        if (!read_deed(&injection->deeds[injection->deed_count++], &list->array.items[i], err))
            return false;
    }
    return true;
}

/* What is done points into a copy of the effect, which lives as long as the request. */
static bool read_injection(struct test_request *request, const struct value *effect,
                           struct error *err)
{
    struct injection *injection = &request->injection;
    struct value *copy = pool_alloc(&request->input.pool, sizeof *copy, err);
    if (!copy || !value_copy(copy, effect, &request->input.pool, err))
        return false;
    const struct value *account = list_of(copy, "account");
    injection->account = account;
    return read_calls(injection, list_of(copy, "calls"), err) &&
           read_metrics(injection, list_of(copy, "metrics"), err) &&
           read_deeds(injection, list_of(copy, "deeds"), err) && fits(account, "account", err);
}

bool test_request_read(struct test_request *request, const struct value *effect,
                       const struct test_place *place, struct error *err)
{
    memset(request, 0, sizeof *request);
    pool_init(&request->input.pool, INPUT_POOL_MAX);
    request->input.injection = &request->injection;
    return read_numbers(request, effect, err) && read_arguments(request, effect, err) &&
           read_injects(request, effect, err) && read_kill(request, effect, err) &&
           read_person(request, effect, err) && read_injection(request, effect, err) &&
           read_policy(request, effect, place, err) &&
           simulation_input_zones(&request->input, err) &&
           read_recording(request, effect, place, err);
}

void test_request_clear(struct test_request *request)
{
    simulation_input_clear(&request->input);
}
