/* What the tests of judges share: a judge made of JSON text, as a panel makes it. */
#pragma once

#include "check.h"
#include "judge/judge.h"

static struct pool judge_pool = {.max = 4 << 20};
static struct error err;

struct judge_seat {
    const struct judge_ops *ops;
    void *self;
    struct judge_metrics metrics;
};

static inline bool seat_init(struct judge_seat *seat, const char *json)
{
    struct value *value = pool_alloc(&judge_pool, sizeof *value, &err);
    *seat = (struct judge_seat){.self = NULL};
    if (!CHECK(value && value_parse(value, slice_of(json), false, &judge_pool, &err)))
        return false;
    seat->ops = judge_find(value_get_slice(value, "judge", ""), &err);
    if (!seat->ops)
        return false;
    seat->self = pool_alloc(&judge_pool, seat->ops->size, &err);
    return seat->self && seat->ops->init(seat->self, value, &seat->metrics, &err);
}

/* "" or why it was refused. */
static inline const char *seat_refusal(const char *json)
{
    struct judge_seat seat;
    err.message[0] = '\0';
    return seat_init(&seat, json) ? "" : err.message;
}

/* A number it reports; fails the test where there is none. */
static inline struct value seat_number(const struct judge_seat *seat, const char *name)
{
    struct member numbers[JUDGE_NUMBERS_MAX];
    size_t count = seat->ops->numbers(seat->self, numbers);
    for (size_t i = 0; i < count; i++) {
        if (slice_is(numbers[i].name, name))
            return numbers[i].value;
    }
    CHECK_TEXT("no such number", name);
    return value_null();
}

/* The lines one below the other. */
static inline const char *judge_text(const struct judge_words *words)
{
    static char text[JUDGE_LINES_MAX * (JUDGE_LINE_SIZE + 1)];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < words->count; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i > 0 ? "\n" : "",
                                 words->lines[i]);
    return text;
}

static inline const char *seat_says(const struct judge_seat *seat)
{
    struct judge_words words = {.count = 0};
    seat->ops->says(seat->self, "nothing", &words);
    return judge_text(&words);
}

static inline const char *seat_harm_at(const struct judge_seat *seat)
{
    struct judge_words words = {.count = 0};
    seat->ops->harm_at(seat->self, &words);
    return judge_text(&words);
}

static inline struct reading reading(double value)
{
    return (struct reading){READING_VALUE, value};
}
