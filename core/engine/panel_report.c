/* What a verdict rests on, as a value for the journal and for policies that decide, and in words.
 */
#include "engine/panel.h"
#include "engine/record.h"
#include "judge/judge_power.h"

#include <stdio.h>
#include <string.h>

/* Why there is nothing to tell of an arm without requests. */
static const char *nothing_word(const struct panel *panel)
{
    if (panel->heard.unanswered > 0)
        return "not answered";
    return panel->heard.periods > 0 ? "no requests" : "nothing yet";
}

static bool lines_value(const struct judge_words *words, struct value *out, struct pool *pool,
                        struct error *err)
{
    if (!value_array(out, words->count, pool, err))
        return false;
    for (size_t i = 0; i < words->count; i++) {
        struct slice copy;
        if (!pool_copy(pool, slice_of(words->lines[i]), &copy, err))
            return false;
        out->array.items[i] = value_string(copy);
    }
    return true;
}

/* What it could have seen, of a judge that compares; false of one that does not. */
static bool tell_sees(const struct panel_judge *judge, enum verdict verdict, double *rise,
                      struct judge_words *words)
{
    if (!judge->ops->sees)
        return false;
    *rise = judge->ops->sees(judge->self);
    if (verdict != VERDICT_UNDECIDED)
        return true;
    if (*rise < POWER_NONE)
        judge_say(words, "(would have seen %.3g times as %s)", *rise,
                  judge->ops->sees_slower ? "slow" : "many");
    else
        judge_say(words, "(would have seen no rise at all)");
    return true;
}

static bool report_judge(const struct panel_judge *judge, const char *nothing, struct value *out,
                         struct pool *pool, struct error *err)
{
    enum { OURS = 5 };
    struct member members[OURS + JUDGE_NUMBERS_MAX];
    struct judge_words words = {.count = 0};
    struct value lines;
    double rise = 0;
    enum verdict verdict = judge->ops->verdict(judge->self);
    judge->ops->says(judge->self, nothing, &words);
    bool sees = tell_sees(judge, verdict, &rise, &words);
    if (!lines_value(&words, &lines, pool, err))
        return false;
    members[0] = (struct member){slice_of("judge"), value_text(judge->ops->name)};
    members[1] = (struct member){slice_of("name"), value_string(judge->name)};
    members[2] = (struct member){slice_of("says"), lines};
    members[3] = (struct member){slice_of("verdict"), value_text(verdict_name(verdict))};
    size_t count = OURS - 1;
    if (sees && rise < POWER_NONE)
        members[count++] = (struct member){slice_of("sees"), value_float(rise)};
    count += judge->ops->numbers(judge->self, members + count);
    return record_object(out, members, count, pool, err);
}

bool panel_report(const struct panel *panel, struct value *out, struct pool *pool,
                  struct error *err)
{
    if (!value_array(out, panel->judge_count, pool, err))
        return false;
    for (size_t i = 0; i < panel->judge_count; i++) {
        if (!report_judge(&panel->judge[i], nothing_word(panel), &out->array.items[i], pool, err))
            return false;
    }
    return true;
}

static void write_lines(const struct judge_words *words, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < words->count && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? " " : "",
                                 words->lines[i]);
}

enum { SENTENCE_SIZE = JUDGE_LINES_MAX * (JUDGE_LINE_SIZE + 1) };

bool panel_harm_at(const struct panel *panel, struct value *out, struct pool *pool,
                   struct error *err)
{
    if (!value_array(out, panel->judge_count, pool, err))
        return false;
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        struct judge_words words = {.count = 0};
        char text[SENTENCE_SIZE];
        struct slice copy;
        judge->ops->harm_at(judge->self, &words);
        write_lines(&words, text, sizeof text);
        if (!pool_copy(pool, slice_of(text), &copy, err))
            return false;
        out->array.items[i] = value_string(copy);
    }
    return true;
}

bool panel_explain_harm(const struct panel *panel, char *text, size_t size)
{
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        struct judge_words words = {.count = 0};
        char said[SENTENCE_SIZE];
        if (judge->ops->verdict(judge->self) != VERDICT_HARM)
            continue;
        judge->ops->says(judge->self, nothing_word(panel), &words);
        write_lines(&words, said, sizeof said);
        snprintf(text, size, "%.*s: %s", (int)judge->name.size, judge->name.data, said);
        return true;
    }
    return false;
}

/* The least of those that see rates, or of those that see times. */
static bool least_seen(const struct panel *panel, bool slower, double *least)
{
    bool any = false;
    *least = POWER_NONE;
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (!judge->ops->sees || judge->ops->sees_slower != slower)
            continue;
        double one = judge->ops->sees(judge->self);
        any = true;
        *least = one < *least ? one : *least;
    }
    return any;
}

double panel_sees_rise(const struct panel *panel)
{
    double least;
    return least_seen(panel, false, &least) ? least : 0;
}

/* What slows down may well be seen where it is not seen what fails. */
double panel_sees(const struct panel *panel)
{
    double least;
    return least_seen(panel, false, &least) || least_seen(panel, true, &least) ? least : 0;
}
