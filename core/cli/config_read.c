/* Reads the operator's file and the team's: finds them, evaluates each in a locked-in process,
 * checks every member against a table of what may stand there. */
#include "base/time.h"
#include "cli/config.h"
#include "cli/files.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "script/child.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FILE_SIZE_MAX = 256 << 10, POOL_MAX = 16 << 20, FIELDS_MAX = 8 };

/* --- what may stand in it -------------------------------------------------------------------- */

enum shape { TEXT, COUNT, DURATION, TABLE, OPERATIONS, RESOURCES };

static const char *const expected[] = {
    [TEXT] = "some text",
    [COUNT] = "a whole number from 1 to 60000",
    [DURATION] = "a duration from 1s to 366d (\"30m\")",
    [TABLE] = "a table with names",
    [OPERATIONS] = "a list of operations (\"SERVICE.OPERATION\") and patterns (\"SERVICE.*\")",
    [RESOURCES] = "a list of resources and patterns (\"arn:aws:SERVICE:*:NAME*\")",
};

enum { COUNT_MAX = 60000 };

#define DURATION_MIN INT64_C(1000)
#define DURATION_MAX INT64_C(31622400000)

struct field {
    const char *name;
    enum shape shape;
};

static const struct field top_fields[] = {
    {"allow", TABLE}, {"metrics", TABLE},  {"profile", TEXT}, {"providers", TABLE},
    {"region", TEXT}, {"rollback", TABLE}, {"state", TEXT},
};

static const struct field rollback_fields[] = {
    {"lateness", DURATION},
    {"patience", DURATION},
};

static const struct field allow_fields[] = {
    {"at_a_time", COUNT},
    {"calls_per_minute", COUNT},
    {"operations", OPERATIONS},
    {"resources", RESOURCES},
};

/* Where a message points: "tidelock.lua: allow.operations[2]". */
struct place {
    const char *file, *table; /* table: "allow.", or "" */
};

static const char *found(const struct value *value)
{
    static const char *const names[] = {
        [VALUE_NULL] = "nothing",
        [VALUE_BOOLEAN] = "a boolean",
        [VALUE_INTEGER] = "an integer",
        [VALUE_FLOAT] = "a number with a fraction",
        [VALUE_STRING] = "text",
        [VALUE_ARRAY] = "a list",
        [VALUE_OBJECT] = "a table with names",
    };
    return names[value->kind];
}

static bool unexpected(const struct place *place, const struct field *field,
                       const struct value *value, struct error *err)
{
    char shown[64] = "";
    struct slice text = value->kind == VALUE_STRING ? value->string : slice_of("");
    if (value->kind == VALUE_INTEGER)
        snprintf(shown, sizeof shown, " %lld", (long long)value->integer);
    else if (value->kind == VALUE_STRING)
        snprintf(shown, sizeof shown, " \"%.*s\"", (int)(text.size < 50 ? text.size : 50),
                 text.data);
    return error_set(err, ERROR_INVALID, "%s: %s%s: expected %s, not %s%s", place->file,
                     place->table, field->name, expected[field->shape], found(value), shown);
}

/* A pattern that could never fit says so: names are lower case, with one dot. */
static bool is_operation(struct slice text)
{
    size_t dots = 0;
    size_t stars = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        dots += c == '.';
        stars += c == '*';
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_' && c != '.' && c != '*')
            return false;
    }
    return dots == 1 || (dots == 0 && stars > 0);
}

static bool check_item(const struct place *place, const struct field *field, size_t index,
                       const struct value *item, struct error *err)
{
    static const char *const kinds[] = {
        [OPERATIONS] = "an operation (\"SERVICE.OPERATION\") or a pattern (\"SERVICE.*\")",
        [RESOURCES] = "a resource or a pattern (\"arn:aws:SERVICE:*:NAME*\")",
    };
    bool text = item->kind == VALUE_STRING && item->string.size > 0;
    if (text && (field->shape != OPERATIONS || is_operation(item->string)))
        return true;
    struct slice shown = text ? item->string : slice_of(found(item));
    const char *quote = text ? "\"" : "";
    return error_set(err, ERROR_INVALID, "%s: %s%s[%zu]: expected %s, not %s%.*s%s", place->file,
                     place->table, field->name, index + 1, kinds[field->shape], quote,
                     (int)(shown.size < 200 ? shown.size : 200), shown.data, quote);
}

/* An empty table in Lua is neither a list nor has it names: it counts as both. */
static bool check_list(const struct place *place, const struct field *field,
                       const struct value *value, struct error *err)
{
    if (value->kind == VALUE_OBJECT && value->object.count == 0)
        return true;
    if (value->kind != VALUE_ARRAY)
        return unexpected(place, field, value, err);
    for (size_t i = 0; i < value->array.count; i++) {
        if (!check_item(place, field, i, &value->array.items[i], err))
            return false;
    }
    return true;
}

static bool read_duration(const struct value *value, int64_t *ms)
{
    struct error ignored;
    return value->kind == VALUE_STRING && time_parse_duration(ms, value->string, &ignored) &&
           *ms >= DURATION_MIN && *ms <= DURATION_MAX;
}

static bool check_field(const struct place *place, const struct field *field,
                        const struct value *value, struct error *err)
{
    bool ok = true;
    switch (field->shape) {
    case TEXT:
        ok = value->kind == VALUE_STRING && value->string.size > 0 &&
             !memchr(value->string.data, '\0', value->string.size);
        break;
    case COUNT:
        ok = value->kind == VALUE_INTEGER && value->integer >= 1 && value->integer <= COUNT_MAX;
        break;
    case DURATION:
        ok = read_duration(value, &(int64_t){0});
        break;
    case TABLE:
        ok = value->kind == VALUE_OBJECT;
        break;
    case OPERATIONS:
    case RESOURCES:
        return check_list(place, field, value, err);
    }
    return ok || unexpected(place, field, value, err);
}

static bool unknown_member(const struct place *place, struct slice name, const struct field *fields,
                           size_t count, struct error *err)
{
    const char *names[FIELDS_MAX];
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)(name.size < 63 ? name.size : 63), name.data);
    for (size_t i = 0; i < count; i++)
        names[i] = fields[i].name;
    const char *closest = options_closest(text, names, count);
    if (closest)
        return error_set(err, ERROR_INVALID, "%s: %s%s: there is no such member; did you mean %s?",
                         place->file, place->table, text, closest);
    return error_set(err, ERROR_INVALID, "%s: %s%s: there is no such member", place->file,
                     place->table, text);
}

static bool check_members(const struct place *place, const struct value *object,
                          const struct field *fields, size_t count, struct error *err)
{
    for (size_t i = 0; i < object->object.count; i++) {
        const struct member *member = &object->object.members[i];
        size_t k = 0;
        while (k < count && !slice_is(member->name, fields[k].name))
            k++;
        if (k == count)
            return unknown_member(place, member->name, fields, count, err);
        if (!check_field(place, &fields[k], &member->value, err))
            return false;
    }
    return true;
}

/* --- from a value ---------------------------------------------------------------------------- */

/* An absolute path stays; another begins where the file is. */
static bool set_state(struct config *config, const char *name, struct error *err)
{
    char copy[PATH_MAX];
    struct slice state = value_get_slice(config->value, "state", "");
    const char *folder = ".";
    if (*config->path) {
        memcpy(copy, config->path, sizeof copy);
        folder = dirname(copy);
    }
    bool as_it_is = strcmp(folder, ".") == 0 || (state.size > 0 && state.data[0] == '/');
    if (state.size == 0)
        state = slice_of(CONFIG_STATE);
    int size = snprintf(config->state, sizeof config->state, "%s%s%.*s", as_it_is ? "" : folder,
                        as_it_is ? "" : "/", (int)state.size, state.data);
    return (size > 0 && (size_t)size < sizeof config->state) ||
           error_set(err, ERROR_INVALID, "%s: state: the path is too long", name);
}

/* 0 where it is not said. */
static void take_duration(const struct value *from, const char *name, int64_t *ms)
{
    const struct value *text = value_get(from, name);
    *ms = 0;
    if (text)
        read_duration(text, ms);
}

static void take_members(struct config *config)
{
    static const struct value none = {.kind = VALUE_ARRAY};
    const struct value *allow = value_get(config->value, "allow");
    const struct value *operations = value_get(allow, "operations");
    const struct value *resources = value_get(allow, "resources");
    const struct value *rollback = value_get(config->value, "rollback");
    take_duration(rollback, "patience", &config->patience);
    take_duration(rollback, "lateness", &config->lateness);
    config->profile = value_get_slice(config->value, "profile", "");
    config->region = value_get_slice(config->value, "region", "");
    config->operations = operations && operations->kind == VALUE_OBJECT ? &none : operations;
    config->resources = resources && resources->kind == VALUE_OBJECT ? &none : resources;
    config->calls_per_minute = value_get_integer(allow, "calls_per_minute", 0);
    config->at_a_time = value_get_integer(allow, "at_a_time", 0);
}

bool config_check(struct config *config, const char *name, const struct value *value,
                  struct error *err)
{
    struct place top = {name, ""};
    struct place inside = {name, "allow."};
    struct place back = {name, "rollback."};
    const struct value *allow = value_get(value, "allow");
    const struct value *rollback = value_get(value, "rollback");
    if (value->kind != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID, "%s: it must return a table with names, not %s", name,
                         found(value));
    if (!check_members(&top, value, top_fields, sizeof top_fields / sizeof *top_fields, err) ||
        (allow && !check_members(&inside, allow, allow_fields,
                                 sizeof allow_fields / sizeof *allow_fields, err)) ||
        (rollback && !check_members(&back, rollback, rollback_fields,
                                    sizeof rollback_fields / sizeof *rollback_fields, err)))
        return false;
    config->value = value;
    take_members(config);
    return set_state(config, name, err);
}

/* --- from a file ----------------------------------------------------------------------------- */

static void print(void *context, struct slice text)
{
    (void)context;
    fwrite(text.data, 1, text.size, stderr);
}

static bool load(struct child *child, const char *name, struct slice text,
                 struct sandbox_step *step, struct pool *pool, struct error *err)
{
    struct member source = {slice_of(name), value_string(text)};
    struct value sources = {.kind = VALUE_OBJECT, .object = {&source, 1}};
    struct child_policy policy = {
        .limits = sandbox_limits_default, .name = name, .sources = &sources, .plain = true};
    return child_load(child, &policy, step, pool, err);
}

static bool take_step(struct config *config, const struct sandbox_step *step, const char *name,
                      struct value **value, struct error *err)
{
    if (step->state == SANDBOX_EFFECT || step->state == SANDBOX_PARALLEL)
        return error_set(err, ERROR_POLICY, "%s: a configuration has no effects", name);
    if (step->state != SANDBOX_RETURNED) {
        *err = step->error;
        return step->state == SANDBOX_DIED ? error_wrap(err, "%s", name) : false;
    }
    *value = pool_alloc(&config->pool, sizeof **value, err);
    if (!*value)
        return false;
    **value = step->value;
    return true;
}

static bool evaluate(struct config *config, const char *name, struct slice text,
                     struct value **value, struct error *err)
{
    struct child *child = NULL;
    struct child_params params = {.print = print};
    struct sandbox_step step;
    if (!child_new(&child, &params, err))
        return false;
    bool ok = load(child, name, text, &step, &config->pool, err) &&
              take_step(config, &step, name, value, err);
    child_free(child);
    return ok;
}

static bool read_file(struct config *config, bool team, struct error *err)
{
    char copy[PATH_MAX];
    struct buffer text;
    struct value *value = NULL;
    memcpy(copy, config->path, sizeof copy);
    const char *name = basename(copy);
    if (!files_read(config->path, FILE_SIZE_MAX, &text, err))
        return false;
    bool ok = evaluate(config, name, buffer_slice(&text), &value, err) &&
              config_check(config, name, value, err) && config_team_check(name, value, team, err);
    buffer_clear(&text);
    return ok;
}

/* Only a name that is not there stands for the defaults: a file that cannot be reached may forbid
 * what they allow. */
static bool look(struct config *config, struct error *err)
{
    struct stat about;
    if (stat(config->path, &about) == 0)
        return true;
    int problem = errno;
    bool link = lstat(config->path, &about) == 0;
    if (!link && problem == ENOENT) {
        config->path[0] = '\0';
        return true;
    }
    return error_set(err, ERROR_INVALID, "%s: %s%s", config->path,
                     link ? "it is a link, and where it leads: " : "", strerror(problem));
}

static bool set_path(struct config *config, const char *folder, const char *name, struct error *err)
{
    int size = snprintf(config->path, sizeof config->path, "%s%s%s", folder, *folder ? "/" : "",
                        name);
    return (size > 0 && (size_t)size < sizeof config->path) ||
           error_set(err, ERROR_INVALID, "the path of the configuration is too long");
}

/* Beside the policy; a shipped policy, and one from a pipe, lies beside nothing. */
static bool find_team(struct config *config, const char *policy, struct error *err)
{
    char copy[PATH_MAX] = ".";
    if (policy && strlen(policy) < sizeof copy)
        memcpy(copy, policy, strlen(policy) + 1);
    const char *folder = dirname(copy);
    return set_path(config, strcmp(folder, ".") == 0 ? "" : folder, CONFIG_FILE, err) &&
           look(config, err);
}

/* A relative XDG_CONFIG_HOME is none, as its specification says. */
static bool find_users(struct config *config, struct error *err)
{
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    if (folder && *folder == '/')
        return set_path(config, folder, CONFIG_USERS, err) && look(config, err);
    return !home || *home != '/' ||
           (set_path(config, home, ".config/" CONFIG_USERS, err) && look(config, err));
}

static bool find_operators(struct config *config, const char *path, struct error *err)
{
    const char *named = path ? path : getenv("TIDELOCK_CONFIG");
    config->is_named = named && *named;
    if (config->is_named)
        return set_path(config, "", named, err);
    return find_users(config, err) &&
           (*config->path || (set_path(config, "/etc", CONFIG_USERS, err) && look(config, err)));
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* Where runs are kept: what the operator says, else what the team says; else beside the file that
 * was named for the run, or that of the team. */
static void choose_state(struct config *config, const struct config *team)
{
    bool team_speaks = value_get(team->value, "state") || !config->is_named;
    if (!value_get(config->value, "state") && team_speaks)
        memcpy(config->state, team->state, sizeof config->state);
}

static const struct value empty = {.kind = VALUE_OBJECT};

static bool read_or_default(struct config *config, bool team, struct error *err)
{
    return *config->path ? read_file(config, team, err)
                         : config_check(config, CONFIG_FILE, &empty, err);
}

/* With its tables in the pool of the operator's, as they are used together. */
static bool read_team(struct config *config, struct config *team, const char *policy,
                      struct error *err)
{
    team->pool = config->pool;
    bool ok = find_team(team, policy, err);
    if (ok && *config->path && is_same_file(config->path, team->path))
        team->path[0] = '\0';
    ok = ok && read_or_default(team, true, err);
    config->pool = team->pool;
    return ok;
}

bool config_read(struct config *config, const char *path, const char *policy, struct error *err)
{
    struct config team = {.value = &empty};
    *config = (struct config){.value = &empty};
    pool_init(&config->pool, POOL_MAX);
    if (!find_operators(config, path, err) || !read_or_default(config, false, err) ||
        !read_team(config, &team, policy, err))
        return false;
    config->is_operators = *config->path;
    if (!config->is_operators) {
        team.pool = config->pool;
        *config = team;
        return true;
    }
    choose_state(config, &team);
    memcpy(config->team_path, team.path, sizeof team.path);
    return !*team.path || config_team_join(config, &team, err);
}

void config_clear(struct config *config)
{
    pool_clear(&config->pool);
    *config = (struct config){.value = NULL};
}
