/* Seals plans and reads them: the format, the seal, and the kind of every member are checked. */
#include "cli/plan_file.h"

#include "base/digest.h"
#include "engine/record.h"

#include <string.h>

/* --- sealing --------------------------------------------------------------------------------- */

static bool digest_of(const struct value *document, char hex[DIGEST_HEX_SIZE + 1],
                      struct error *err)
{
    struct buffer text;
    buffer_init(&text, PLAN_FILE_SIZE_MAX);
    bool ok = value_write(document, &text, err) || error_wrap(err, "the plan");
    struct slice bytes = buffer_slice(&text);
    if (ok)
        digest_hex(hex, &bytes, 1);
    buffer_clear(&text);
    return ok;
}

bool plan_file_seal(struct value *out, const struct value *members, struct pool *pool,
                    struct error *err)
{
    char hex[DIGEST_HEX_SIZE + 1];
    struct slice seal;
    size_t count = members->object.count;
    struct member *all = pool_alloc(pool, (count + 1) * sizeof *all, err);
    if (!all || !digest_of(members, hex, err) || !pool_copy(pool, slice_of(hex), &seal, err))
        return false;
    if (count)
        memcpy(all, members->object.members, count * sizeof *all);
    all[count] = (struct member){slice_of("seal"), value_string(seal)};
    return record_object(out, all, count + 1, pool, err);
}

/* --- reading --------------------------------------------------------------------------------- */

bool plan_file_is(struct slice bytes)
{
    size_t at = 0;
    while (at < bytes.size && strchr(" \t\r\n", bytes.data[at]) && bytes.data[at])
        at++;
    return at < bytes.size && bytes.data[at] == '{';
}

static bool parse(struct value *out, struct slice bytes, struct pool *pool, struct error *err)
{
    struct error why;
    struct slice line = bytes;
    if (line.size && line.data[line.size - 1] == '\n')
        line.size--;
    if (value_parse(out, line, true, pool, &why))
        return true;
    if (why.code != ERROR_INVALID)
        return error_set(err, why.code, "%s", why.message);
    return error_set(err, ERROR_DAMAGED,
                     "the plan is cut short, or is not as it was written: %s; plan again",
                     why.message);
}

static bool check_format(const struct value *document, struct error *err)
{
    struct slice format = value_get_slice(document, "format", "");
    if (slice_is(format, PLAN_FILE_FORMAT))
        return true;
    return error_set(err, ERROR_INVALID,
                     "its format is \"%.*s\", and this program reads " PLAN_FILE_FORMAT
                     ": it is no plan, or one of another version of tidelock",
                     (int)(format.size > 40 ? 40 : format.size), format.data);
}

static bool check_seal(const struct value *document, struct slice *seal, struct pool *pool,
                       struct error *err)
{
    char hex[DIGEST_HEX_SIZE + 1];
    size_t count = 0;
    struct value rest = *document;
    rest.object.members = pool_alloc(pool, document->object.count * sizeof(struct member), err);
    if (!rest.object.members)
        return false;
    for (size_t i = 0; i < document->object.count; i++) {
        if (!slice_is(document->object.members[i].name, "seal"))
            rest.object.members[count++] = document->object.members[i];
    }
    rest.object.count = count;
    *seal = value_get_slice(document, "seal", "");
    if (!digest_of(&rest, hex, err))
        return false;
    return slice_is(*seal, hex) ||
           error_set(err, ERROR_DAMAGED,
                     "the seal is broken: the plan was changed after it was made; plan again");
}

static const struct {
    const char *name;
    enum value_kind kind;
} members[] = {
    {"account", VALUE_STRING}, {"arguments", VALUE_ARRAY}, {"identity", VALUE_STRING},
    {"length", VALUE_INTEGER}, {"made", VALUE_STRING},     {"observed", VALUE_ARRAY},
    {"policy", VALUE_STRING},  {"region", VALUE_STRING},   {"seed", VALUE_INTEGER},
    {"sources", VALUE_OBJECT}, {"steps", VALUE_ARRAY},     {"targets", VALUE_ARRAY},
    {"version", VALUE_STRING},
};

static bool check_members(const struct value *document, struct error *err)
{
    for (size_t i = 0; i < RECORD_COUNT(members); i++) {
        const struct value *member = value_get(document, members[i].name);
        if (!member || member->kind != members[i].kind)
            return error_set(err, ERROR_INVALID,
                             "the plan's \"%s\" must be there, and of the kind %s", members[i].name,
                             value_kind_name(members[i].kind));
    }
    if (value_get(document, "failure"))
        return error_set(err, ERROR_INVALID,
                         "it shows a run that would be rolled back, and cannot be carried out");
    return value_get(document, "seed")->integer >= 0 ||
           error_set(err, ERROR_INVALID, "the plan's \"seed\" must be 0 or more");
}

static bool is_text(const struct value *value)
{
    return value && value->kind == VALUE_STRING;
}

static bool check_arguments(const struct value *arguments, struct error *err)
{
    for (size_t i = 0; i < arguments->array.count; i++) {
        const struct value *pair = &arguments->array.items[i];
        if (pair->kind != VALUE_ARRAY || pair->array.count != 2 || !is_text(pair->array.items) ||
            !is_text(pair->array.items + 1))
            return error_set(err, ERROR_INVALID,
                             "the plan's \"arguments\" must be pairs of texts; number %zu is not",
                             i + 1);
    }
    return true;
}

static bool check_sources(const struct value *sources, struct error *err)
{
    for (size_t i = 0; i < sources->object.count; i++) {
        const struct value *digest = &sources->object.members[i].value;
        if (!is_text(digest) || digest->string.size != DIGEST_HEX_SIZE)
            return error_set(err, ERROR_INVALID,
                             "the plan's \"sources\" must be SHA-256 digests; number %zu is not",
                             i + 1);
    }
    return true;
}

static bool is_request(const struct value *value)
{
    const struct value *input = value_get(value, "input");
    return is_text(value_get(value, "operation")) && input && input->kind == VALUE_OBJECT;
}

static bool is_observed(const struct value *value)
{
    const struct value *before = value_get(value, "before");
    const struct value *now = value_get(value, "now");
    return is_text(value_get(value, "identity")) && is_request(value) &&
           is_request(value_get(value, "observe")) && before && before->kind == VALUE_OBJECT &&
           now && now->kind == VALUE_OBJECT;
}

static bool check_observed(const struct value *observed, struct error *err)
{
    for (size_t i = 0; i < observed->array.count; i++) {
        if (!is_observed(&observed->array.items[i]))
            return error_set(
                err, ERROR_INVALID,
                "the plan's \"observed\" must say identity, operation, input, observe, "
                "before and now; number %zu does not",
                i + 1);
    }
    return true;
}

static void take(struct plan_file *plan)
{
    const struct value *document = &plan->document;
    plan->version = value_get_slice(document, "version", "");
    plan->made = value_get_slice(document, "made", "");
    plan->policy = value_get_slice(document, "policy", "");
    plan->account = value_get_slice(document, "account", "");
    plan->region = value_get_slice(document, "region", "");
    plan->seed = value_get_integer(document, "seed", 0);
    plan->arguments = value_get(document, "arguments");
    plan->sources = value_get(document, "sources");
    plan->observed = value_get(document, "observed");
    plan->steps = value_get(document, "steps");
}

bool plan_file_read(struct plan_file *plan, struct slice bytes, struct pool *pool,
                    struct error *err)
{
    struct value *document = &plan->document;
    *plan = (struct plan_file){0};
    if (!parse(document, bytes, pool, err))
        return false;
    if (document->kind != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID, "a plan is an object");
    if (!check_format(document, err) || !check_seal(document, &plan->seal, pool, err) ||
        !check_members(document, err))
        return false;
    take(plan);
    return check_arguments(plan->arguments, err) && check_sources(plan->sources, err) &&
           check_observed(plan->observed, err);
}

bool plan_file_bound(const struct plan_file *plan, struct value *out, struct pool *pool,
                     struct error *err)
{
    const struct value *observed = plan->observed;
    struct value bound;
    if (!value_object(&bound, observed->array.count, pool, err))
        return false;
    for (size_t i = 0; i < observed->array.count; i++) {
        const struct value *one = &observed->array.items[i];
        bound.object.members[i].name = value_get_slice(one, "identity", "");
        bound.object.members[i].value = *value_get(one, "before");
    }
    struct member both[] = {{slice_of("bound"), bound},
                            {slice_of("seal"), value_string(plan->seal)}};
    return (value_object_sort(&both[0].value, err) || error_wrap(err, "the plan's \"observed\"")) &&
           record_object(out, both, RECORD_COUNT(both), pool, err);
}
