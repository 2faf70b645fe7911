/* The names of what may become of calls and metrics, and what it comes to. */
#include "cli/fates.h"

#include "engine/world.h"

enum {
    ANSWERED_AFTER = 100,     /* ms */
    WAITED_FOR = 30 * 1000,   /* as long as the live world waits for an answer */
    LATER = WAITED_FOR + 500, /* a slow call's effect, which the settling window still sees */
    DONE = 5000,              /* what was asked for has been done by then */
    LATE = WAITED_FOR / 2,    /* an answer that is late, and still waited for */
};

static const struct {
    const char *name, *sentence;
} texts[] = {
#define X(name, text, sentence) [FATE_##name] = {text, sentence},
    FATES(X)
#undef X
};

static const struct fate_of_call calls[] = {
    [FATE_UNREACHED] = {WORLD_NOT_SENT, true, ANSWERED_AFTER, -1},
    [FATE_FAULT] = {"InternalFailure", false, ANSWERED_AFTER, -1},
    [FATE_THROTTLED] = {"ThrottlingException", true, ANSWERED_AFTER, -1},
    [FATE_EXPIRED] = {"ExpiredTokenException", true, ANSWERED_AFTER, -1},
    [FATE_LOST] = {WORLD_LOST, false, ANSWERED_AFTER, 0},
    [FATE_SLOW] = {WORLD_LOST, false, WAITED_FOR, LATER},
    [FATE_UNHEARD] = {WORLD_LOST, false, DONE, 0},
    [FATE_UNSENT] = {WORLD_LOST, false, WAITED_FOR, -1},
    [FATE_REFUSED] = {"AccessDeniedException", true, ANSWERED_AFTER, -1},
    [FATE_LATE] = {NULL, false, LATE, 0},
};

static const char *const metric_names[] = {
#define X(name, text) [METRIC_##name] = text,
    METRIC_FATES(X)
#undef X
};

const char *fate_name(enum fate fate)
{
    return texts[fate].name;
}

const char *fate_sentence(enum fate fate)
{
    return texts[fate].sentence;
}

bool fate_parse(enum fate *fate, struct slice name)
{
    for (int i = 0; i < FATE_COUNT; i++) {
        *fate = (enum fate)i;
        if (slice_is(name, texts[i].name))
            return true;
    }
    return false;
}

const struct fate_of_call *fate_of_call(enum fate fate)
{
    return &calls[fate];
}

const char *metric_fate_name(enum metric_fate fate)
{
    return metric_names[fate];
}

bool metric_fate_parse(enum metric_fate *fate, struct slice name)
{
    for (int i = 0; i < METRIC_FATE_COUNT; i++) {
        *fate = (enum metric_fate)i;
        if (slice_is(name, metric_names[i]))
            return true;
    }
    return false;
}
