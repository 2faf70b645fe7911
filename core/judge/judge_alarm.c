/* judge.alarm: harm while one of these CloudWatch alarms is in ALARM, or once it has been for as
 * long as `lasting` says. It looks at no periods and compares nothing: somebody else has judged
 * already. INSUFFICIENT_DATA is no evidence, neither for nor against.
 *
 *     {"judge":"alarm","name":"alarm","alarms":["checkout-5xx"],"lasting":0} */
#include "base/time.h"
#include "judge/judge.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SHOWN = 100, REASON_SIZE = 200 };

static const int64_t lasting_max = INT64_C(366) * 86400000;

struct alarm_judge {
    struct slice names[JUDGE_ALARMS_MAX];
    size_t index[JUDGE_ALARMS_MAX]; /* where their states stand */
    int64_t seen[JUDGE_ALARMS_MAX]; /* the first look since when one is in ALARM; -1: it is not */
    size_t count;
    int64_t lasting;
    /* of the last look */
    bool looked;
    int64_t now;
    size_t states[4]; /* how many are in each */
    size_t worst;     /* the one in ALARM for longest, if there is one */
    int64_t since;
    char reason[REASON_SIZE];
};

static bool add_alarm(struct alarm_judge *judge, const struct value *name,
                      struct judge_metrics *metrics, struct error *err)
{
    if (name->kind != VALUE_STRING || name->string.size == 0)
        return error_set(err, ERROR_INVALID, "\"alarms\" must be names or ARNs of alarms");
    judge->names[judge->count] = name->string;
    judge->seen[judge->count] = -1;
    return judge_metrics_alarm(metrics, name->string, &judge->index[judge->count++], err);
}

static bool alarm_init(void *self, const struct value *from, struct judge_metrics *metrics,
                       struct error *err)
{
    struct alarm_judge *judge = self;
    const struct value *alarms = value_get(from, "alarms");
    *judge = (struct alarm_judge){.lasting = value_get_integer(from, "lasting", 0)};
    if (!alarms || alarms->kind != VALUE_ARRAY || alarms->array.count == 0 ||
        alarms->array.count > JUDGE_ALARMS_MAX)
        return error_set(err, ERROR_INVALID, "\"alarms\" must be a list of 1 to %d",
                         JUDGE_ALARMS_MAX);
    if (judge->lasting < 0 || judge->lasting > lasting_max)
        return error_set(err, ERROR_INVALID, "\"lasting\" must be a duration, up to 366 days");
    for (size_t i = 0; i < alarms->array.count; i++) {
        if (!add_alarm(judge, &alarms->array.items[i], metrics, err))
            return false;
    }
    return true;
}

static void keep_worst(struct alarm_judge *judge, size_t i, const struct alarm *alarm)
{
    int64_t since = alarm->since >= 0 ? alarm->since : judge->seen[i];
    if (judge->states[ALARM_IN_ALARM] > 1 && since >= judge->since)
        return;
    int size = alarm_shown(alarm->reason, REASON_SIZE - 1);
    judge->worst = i;
    judge->since = since;
    memcpy(judge->reason, alarm->reason.size ? alarm->reason.data : "", (size_t)size);
    judge->reason[size] = '\0';
}

static void alarm_heed(void *self, const struct alarm *alarms, int64_t now)
{
    struct alarm_judge *judge = self;
    judge->looked = true;
    judge->now = now;
    memset(judge->states, 0, sizeof judge->states);
    for (size_t i = 0; i < judge->count; i++) {
        const struct alarm *alarm = &alarms[judge->index[i]];
        bool in_alarm = alarm->state == ALARM_IN_ALARM;
        judge->states[alarm->state]++;
        if (in_alarm && judge->seen[i] < 0)
            judge->seen[i] = now;
        else if (!in_alarm && alarm->state != ALARM_UNANSWERED)
            judge->seen[i] = -1;
        if (in_alarm)
            keep_worst(judge, i, alarm);
    }
}

static int64_t alarm_lasting(const void *self)
{
    const struct alarm_judge *judge = self;
    return judge->lasting;
}

/* Harm for as long as it says so: one that is OK again is none. */
static enum verdict alarm_verdict(const void *self)
{
    const struct alarm_judge *judge = self;
    bool lasted = judge->lasting == 0 || judge->now - judge->since >= judge->lasting;
    return judge->states[ALARM_IN_ALARM] > 0 && lasted ? VERDICT_HARM : VERDICT_UNDECIDED;
}

static size_t alarm_numbers(const void *self, struct member *numbers)
{
    const struct alarm_judge *judge = self;
    const struct member members[] = {
        {slice_of("in_alarm"), value_integer((int64_t)judge->states[ALARM_IN_ALARM])},
        {slice_of("insufficient_data"), value_integer((int64_t)judge->states[ALARM_INSUFFICIENT])},
        {slice_of("of"), value_integer((int64_t)judge->count)},
        {slice_of("ok"), value_integer((int64_t)judge->states[ALARM_OK])},
    };
    memcpy(numbers, members, sizeof members);
    return sizeof members / sizeof *members;
}

static void alarm_harm_at(const void *self, struct judge_words *words)
{
    const struct alarm_judge *judge = self;
    char lasting[32];
    size_t others = judge->count - 1;
    struct slice first = judge->names[0];
    time_format_duration(lasting, judge->lasting);
    judge_say(words, "the alarm %.*s", alarm_shown(first, NAME_SHOWN), first.data);
    if (others > 0)
        judge_say(words, "or one of %zu others", others);
    judge_say(words, "in ALARM%s%s", judge->lasting > 0 ? " for " : "",
              judge->lasting > 0 ? lasting : "");
}

/* AWS's clock is another: less than a second says nothing. */
static int64_t seconds(int64_t ms)
{
    return ms / 1000 * 1000;
}

static void say_worst(const struct alarm_judge *judge, struct judge_words *words)
{
    char since[32];
    char lasted[32];
    char others[40] = "";
    struct slice name = judge->names[judge->worst];
    size_t more = judge->states[ALARM_IN_ALARM] - 1;
    time_format_instant(since, judge->since);
    time_format_duration(lasted,
                         judge->now > judge->since ? seconds(judge->now - judge->since) : 0);
    if (more > 0)
        snprintf(others, sizeof others, ", and so %s %zu more", more > 1 ? "are" : "is", more);
    judge_say(words, "%.*s is in ALARM since %s (%s)%s%s", alarm_shown(name, NAME_SHOWN), name.data,
              since, lasted, others, judge->reason[0] ? ":" : "");
    if (judge->reason[0])
        judge_say(words, "%s", judge->reason);
}

static void alarm_says(const void *self, const char *nothing, struct judge_words *words)
{
    const struct alarm_judge *judge = self;
    (void)nothing;
    if (!judge->looked)
        judge_say(words, "not asked yet");
    else if (judge->states[ALARM_IN_ALARM] > 0)
        say_worst(judge, words);
    else
        judge_say(words, "%zu of %zu OK", judge->states[ALARM_OK], judge->count);
    if (judge->states[ALARM_INSUFFICIENT] > 0)
        judge_say(words, "%zu without data, which is no evidence",
                  judge->states[ALARM_INSUFFICIENT]);
    if (judge->states[ALARM_UNANSWERED] > 0)
        judge_say(words, "%zu not answered", judge->states[ALARM_UNANSWERED]);
}

const struct judge_ops judge_alarm_ops = {
    .name = "alarm",
    .size = sizeof(struct alarm_judge),
    .always = true,
    .compares = false,
    .init = alarm_init,
    .heed = alarm_heed,
    .lasting = alarm_lasting,
    .verdict = alarm_verdict,
    .numbers = alarm_numbers,
    .harm_at = alarm_harm_at,
    .says = alarm_says,
};
