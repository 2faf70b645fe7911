/* What the team's file may add to the operator's: it chooses among what is allowed and narrows it,
 * and can name neither a secret that is not meant for it nor a host that the operator did not. */
#include "cli/config.h"

#include <string.h>

/* --- secrets --------------------------------------------------------------------------------- */

#define TEAMS_VARIABLES "TIDELOCK_"

static bool begins_with(struct slice text, const char *start)
{
    size_t size = strlen(start);
    return text.size >= size && memcmp(text.data, start, size) == 0;
}

static bool check_variable(const char *file, struct slice provider, struct slice header,
                           struct slice variable, bool team, struct error *err)
{
    if (begins_with(variable, "AWS_"))
        return error_set(
            err, ERROR_INVALID,
            "%s: providers.%.*s.headers.%.*s: %.*s is AWS's, and is sent to nobody else", file,
            (int)provider.size, provider.data, (int)header.size, header.data, (int)variable.size,
            variable.data);
    if (!team || begins_with(variable, TEAMS_VARIABLES))
        return true;
    return error_set(err, ERROR_INVALID,
                     "%s: providers.%.*s.headers.%.*s: it lies beside the policies, and names no "
                     "variable but those that begin with " TEAMS_VARIABLES ", not %.*s (the "
                     "operator's file may: --config)",
                     file, (int)provider.size, provider.data, (int)header.size, header.data,
                     (int)variable.size, variable.data);
}

/* What is no table of headers is told elsewhere (lua/metrics/config.lua). */
static bool check_provider(const char *file, const struct member *provider, bool team,
                           struct error *err)
{
    const struct value *headers = value_get(&provider->value, "headers");
    size_t count = headers && headers->kind == VALUE_OBJECT ? headers->object.count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct member *header = &headers->object.members[i];
        const struct value *variable = value_get(&header->value, "env");
        if (variable && variable->kind == VALUE_STRING &&
            !check_variable(file, provider->name, header->name, variable->string, team, err))
            return false;
    }
    return true;
}

static const struct value *table(const struct value *value, const char *name)
{
    static const struct value none = {.kind = VALUE_OBJECT};
    const struct value *found = value_get(value, name);
    return found && found->kind == VALUE_OBJECT ? found : &none;
}

bool config_team_check(const char *file, const struct value *value, bool team, struct error *err)
{
    const struct value *providers = table(value, "providers");
    for (size_t i = 0; i < providers->object.count; i++) {
        if (!check_provider(file, &providers->object.members[i], team, err))
            return false;
    }
    return true;
}

/* --- hosts ----------------------------------------------------------------------------------- */

/* "https://host:8080/path" -> "https://host:8080"; an address of another form is all of itself. */
static struct slice origin(struct slice url)
{
    static const char mark[] = "://";
    for (size_t i = 0; i + sizeof mark <= url.size; i++) {
        if (memcmp(url.data + i, mark, sizeof mark - 1) != 0)
            continue;
        size_t end = i + sizeof mark - 1;
        while (end < url.size && !memchr("/?#", url.data[end], 3))
            end++;
        return (struct slice){url.data, end};
    }
    return url;
}

static bool is_declared(const struct value *providers, struct slice wanted)
{
    for (size_t i = 0; i < providers->object.count; i++) {
        const struct value *url = value_get(&providers->object.members[i].value, "url");
        if (url && url->kind == VALUE_STRING && slice_equal(origin(url->string), wanted))
            return true;
    }
    return false;
}

static bool check_hosts(const struct config *config, const struct config *team, struct error *err)
{
    const struct value *declared = table(config->value, "providers");
    const struct value *providers = table(team->value, "providers");
    for (size_t i = 0; i < providers->object.count; i++) {
        const struct member *provider = &providers->object.members[i];
        const struct value *url = value_get(&provider->value, "url");
        if (!url || url->kind != VALUE_STRING || is_declared(declared, origin(url->string)))
            continue;
        struct slice host = origin(url->string);
        return error_set(err, ERROR_INVALID,
                         "%s: providers.%.*s.url: %.*s is no host of a provider in %s, which is "
                         "the operator's",
                         team->path, (int)provider->name.size, provider->name.data,
                         (int)(host.size < 200 ? host.size : 200), host.data, config->path);
    }
    return true;
}

/* How patient a rollback is, is not for a branch to say; and what is given is never passed over. */
static bool check_rollback(const struct config *config, const struct config *team,
                           struct error *err)
{
    return !value_get(team->value, "rollback") ||
           error_set(err, ERROR_INVALID,
                     "%s: rollback is said in the operator's file, and that is %s", team->path,
                     config->path);
}

/* --- both ------------------------------------------------------------------------------------ */

/* One table of what both say; a name of the operator's is not the team's to give. */
static bool join(struct value *out, const char *name, const struct config *config,
                 const struct config *team, struct pool *pool, struct error *err)
{
    const struct value *first = table(config->value, name);
    const struct value *second = table(team->value, name);
    size_t count = first->object.count;
    if (!value_object(out, count + second->object.count, pool, err))
        return false;
    for (size_t i = 0; i < count; i++)
        out->object.members[i] = first->object.members[i];
    for (size_t i = 0; i < second->object.count; i++) {
        const struct member *member = &second->object.members[i];
        for (size_t k = 0; k < count; k++) {
            if (slice_equal(first->object.members[k].name, member->name))
                return error_set(
                    err, ERROR_INVALID, "%s: %s.%.*s is defined in %s, which is the operator's",
                    team->path, name, (int)member->name.size, member->name.data, config->path);
        }
        out->object.members[count + i] = *member;
    }
    return value_object_sort(out, err);
}

static int64_t fewer(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

/* The operator's, with the tables of both in the place of its own. */
static bool join_values(struct config *config, const struct config *team, struct error *err)
{
    static const char *const names[] = {"metrics", "providers"};
    struct pool *pool = &config->pool;
    const struct value *allow = value_get(config->value, "allow");
    struct value *all = pool_alloc(pool, sizeof *all, err);
    if (!all || !value_object(all, allow ? 3 : 2, pool, err))
        return false;
    for (size_t i = 0; i < 2; i++) {
        struct member *member = &all->object.members[i];
        member->name = slice_of(names[i]);
        if (!join(&member->value, names[i], config, team, pool, err))
            return false;
    }
    if (allow)
        all->object.members[2] = (struct member){slice_of("allow"), *allow};
    config->value = all;
    return value_object_sort(all, err);
}

bool config_team_join(struct config *config, const struct config *team, struct error *err)
{
    if (!check_hosts(config, team, err) || !check_rollback(config, team, err) ||
        !join_values(config, team, err))
        return false;
    config->profile = config->profile.size ? config->profile : team->profile;
    config->region = config->region.size ? config->region : team->region;
    config->calls_per_minute = fewer(config->calls_per_minute, team->calls_per_minute);
    config->at_a_time = fewer(config->at_a_time, team->at_a_time);
    config->team_allow = value_get(team->value, "allow");
    config->team_operations = team->operations;
    config->team_resources = team->resources;
    return true;
}

void config_team_leave(struct config *config)
{
    config->team_allow = config->team_operations = NULL;
    config->team_resources = NULL;
    config->team_path[0] = '\0';
}
