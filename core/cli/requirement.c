/* Reads a requirement, and compares it with the interval of what was counted. */
#include "cli/requirement.h"

#include "engine/record.h"
#include "judge/exact_interval.h"

#include <stdlib.h>
#include <string.h>

enum { ALL = 100 };

static const char *const states[] = {"met", "not met", "open"};

static struct slice trimmed(const char *text, size_t size)
{
    while (size > 0 && *text == ' ')
        text++, size--;
    while (size > 0 && text[size - 1] == ' ')
        size--;
    return (struct slice){text, size};
}

static bool read_percent(const char *text, double *percent)
{
    char *end;
    *percent = strtod(text, &end);
    struct slice rest = trimmed(end, strlen(end));
    return end != text && slice_is(rest, "%") && *percent >= 0 && *percent <= ALL;
}

bool requirement_parse(struct requirement *requirement, const char *text, struct error *err)
{
    const char *sign = strpbrk(text, "<>");
    bool ok = sign && sign[1] == '=' && read_percent(sign + 2, &requirement->percent);
    requirement->text = text;
    if (!ok || value_utf8_end(slice_of(text)) != strlen(text))
        return error_set(err, ERROR_INVALID,
                         "--require is an outcome, >= or <=, and a share of the runs in %%, as in "
                         "\"rolled back >= 99 %%\"");
    struct slice name = trimmed(text, (size_t)(sign - text));
    requirement->at_least = *sign == '>';
    return run_outcome_parse(&requirement->outcome, name) ||
           error_set(err, ERROR_INVALID,
                     "--require: no run ends as \"%.*s\"; outcomes are promoted, rolled back, no "
                     "decision, policy failed, and so on",
                     (int)name.size, name.data);
}

enum requirement_state requirement_judge(const struct requirement *requirement, int64_t hits,
                                         int64_t runs)
{
    struct exact_interval is = exact_interval(hits, runs);
    double share = requirement->percent / ALL;
    if (requirement->at_least && share == 1)
        return hits == runs ? REQUIREMENT_MET : REQUIREMENT_NOT_MET;
    if (!requirement->at_least && share == 0)
        return hits == 0 ? REQUIREMENT_MET : REQUIREMENT_NOT_MET;
    if (requirement->at_least ? is.low >= share : is.high <= share)
        return REQUIREMENT_MET;
    return (requirement->at_least ? is.high < share : is.low > share) ? REQUIREMENT_NOT_MET
                                                                      : REQUIREMENT_OPEN;
}

bool requirement_tell(const struct requirement *requirement, int64_t hits, int64_t runs,
                      struct buffer *out, struct error *err)
{
    static const char *const hints[] = {"", "", ": more runs would tell"};
    struct exact_interval is = exact_interval(hits, runs);
    enum requirement_state state = requirement_judge(requirement, hits, runs);
    return buffer_append_format(
        out, err, "required %s %s %.6g %%: %s (%.2f %%; with 95 %% confidence %.2f to %.2f %%)%s\n",
        run_outcome_name(requirement->outcome),
        requirement->at_least ? ">=" : "<=", requirement->percent, states[state],
        ALL * (double)hits / (double)runs, ALL * is.low, ALL * is.high, hints[state]);
}

bool requirement_value(const struct requirement *requirement, int64_t hits, int64_t runs,
                       struct value *out, struct pool *pool, struct error *err)
{
    struct exact_interval is = exact_interval(hits, runs);
    struct member members[] = {
        {slice_of(requirement->at_least ? "at_least" : "at_most"),
         value_float(requirement->percent)},
        {slice_of("high"), value_float(ALL * is.high)},
        {slice_of("low"), value_float(ALL * is.low)},
        {slice_of("outcome"), value_text(run_outcome_name(requirement->outcome))},
        {slice_of("share"), value_float(ALL * (double)hits / (double)runs)},
        {slice_of("state"), value_text(states[requirement_judge(requirement, hits, runs)])},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}
