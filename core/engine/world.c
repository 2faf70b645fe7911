/* The words of the outside: outcomes, problems that nobody answered, and what people ask of a run.
 */
#include "engine/world.h"

static const char *const outcomes[] = {
#define X(name, text) [OUTCOME_##name] = text,
    OUTCOMES(X)
#undef X
};

static const char *const requests[] = {
#define X(name, text) [REQUEST_##name] = text,
    REQUESTS(X)
#undef X
};

enum { OUTCOME_COUNT = sizeof outcomes / sizeof *outcomes };
enum { REQUEST_COUNT = sizeof requests / sizeof *requests };

/* The place of a name in a list, `count` where it is not in it. */
static size_t find(const char *const *names, size_t count, struct slice name)
{
    size_t i = 0;
    while (i < count && !slice_is(name, names[i]))
        i++;
    return i;
}

const char *outcome_name(enum outcome outcome)
{
    return outcomes[outcome];
}

bool outcome_parse(enum outcome *outcome, struct slice name)
{
    size_t found = find(outcomes, OUTCOME_COUNT, name);
    if (found < OUTCOME_COUNT)
        *outcome = (enum outcome)found;
    return found < OUTCOME_COUNT;
}

const char *request_name(enum request request)
{
    return requests[request];
}

bool request_parse(enum request *request, struct slice name)
{
    size_t found = find(requests, REQUEST_COUNT, name);
    if (found < REQUEST_COUNT)
        *request = (enum request)found;
    return found < REQUEST_COUNT;
}

bool world_unreached(const struct value *problem)
{
    struct slice code = value_get_slice(problem, "code", "");
    return slice_is(code, WORLD_NOT_SENT) || slice_is(code, WORLD_LOST);
}

struct value world_problem(struct member members[2], const char *code, const char *message)
{
    members[0] = (struct member){slice_of("code"), value_text(code)};
    members[1] = (struct member){slice_of("message"), value_text(message)};
    return (struct value){.kind = VALUE_OBJECT, .object = {members, 2}};
}
