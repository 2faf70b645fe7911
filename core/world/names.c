/* Keys, the reads that tell them, and what was told. */
#include "world/names.h"

#include "engine/home.h"
#include "engine/record.h"

static bool refuse(const struct value *key, const struct reads_answer *answer, struct error *err)
{
    struct slice code = value_get_slice(&answer->value, "code", "no answer");
    struct slice message = value_get_slice(&answer->value, "message", "");
    bool gone = slice_is(code, "ResourceNotFoundException");
    return error_set(err, gone ? ERROR_INVALID : ERROR_IO, "the id of %.*s %s: %.*s%s%.*s",
                     (int)key->string.size, key->string.data,
                     gone ? "is not to be had" : "could not be asked", (int)code.size, code.data,
                     message.size ? ": " : "", (int)message.size, message.data);
}

static bool learn(const struct names_source *source, const struct value *key, struct value *path,
                  struct pool *pool, struct error *err)
{
    struct value request;
    struct reads_answer answer;
    if (!host_call(source->host, "aws.names", "read", key, 1, &request, pool, err) ||
        !source->ask(source->context, &request, &answer, pool, err))
        return false;
    if (answer.outcome != OUTCOME_OK)
        return refuse(key, &answer, err);
    struct value arguments[] = {*key, answer.value};
    return host_call(source->host, "aws.names", "told", arguments, 2, path, pool, err);
}

bool names_learn(const struct names_source *source, const struct value *keys, struct value *learned,
                 struct pool *pool, struct error *err)
{
    size_t count = keys->kind == VALUE_ARRAY ? keys->array.count : 0;
    struct member *members = pool_alloc(pool, count * sizeof *members + 1, err);
    size_t known = 0;
    if (!members)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value *key = &keys->array.items[i];
        struct value so_far = {.kind = VALUE_OBJECT, .object = {members, known}};
        if (home_known(&so_far, key->string))
            continue;
        members[known].name = key->string;
        if (!learn(source, key, &members[known++].value, pool, err))
            return false;
    }
    return record_object(learned, members, known, pool, err);
}

static bool learn_targets(const struct names_source *source, const struct value *targets,
                          struct value *home, struct pool *pool, struct error *err)
{
    struct value keys;
    struct value learned;
    struct value arguments[] = {*targets, *home};
    if (!host_call(source->host, "targets", "unknown", arguments, 2, &keys, pool, err))
        return false;
    if (keys.kind != VALUE_ARRAY || keys.array.count == 0)
        return true;
    return names_learn(source, &keys, &learned, pool, err) && home_learn(home, &learned, pool, err);
}

bool names_of_targets(const struct names_source *source, const struct value *targets,
                      struct value *home, struct pool *pool, struct error *err)
{
    struct value ignored;
    if (!learn_targets(source, targets, home, pool, err))
        return false;
    struct value arguments[] = {*targets, *home};
    return host_call(source->host, "targets", "distinct", arguments, 2, &ignored, pool, err);
}
