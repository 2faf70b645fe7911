/* A simulated person: says yes or no so long after being asked, and does not look at anything. */
#include "world/person.h"

#include "base/time.h"
#include "engine/record.h"

#include <string.h>

bool person_parse(struct person *person, struct slice text, struct error *err)
{
    static const struct {
        const char *word;
        enum person_does does;
    } words[] = {{"after=", PERSON_APPROVES}, {"reject-after=", PERSON_REJECTS}};
    *person = (struct person){.does = PERSON_NEVER};
    for (size_t i = 0; i < RECORD_COUNT(words); i++) {
        size_t size = strlen(words[i].word);
        if (text.size < size || memcmp(text.data, words[i].word, size) != 0)
            continue;
        person->does = words[i].does;
        return time_parse_duration(&person->after,
                                   (struct slice){text.data + size, text.size - size}, err);
    }
    return slice_is(text, "never") ||
           error_set(err, ERROR_INVALID, "expected never, after=20m or reject-after=20m, got %.*s",
                     (int)(text.size < 60 ? text.size : 60), text.data);
}

/* Whoever may; there is nobody in a simulation who may not. */
static bool name(const struct value *effect, struct slice *out, struct pool *pool,
                 struct error *err)
{
    enum { NAME_MAX_SIZE = 4096 };
    const struct value *from = value_get(effect, "from");
    bool named = from && from->array.count > 0;
    struct buffer text;
    buffer_init(&text, NAME_MAX_SIZE);
    bool ok = buffer_append(&text, named ? from->array.items[0].string : slice_of("somebody"),
                            err) &&
              buffer_append_text(&text, " on a simulation", err) &&
              pool_copy(pool, buffer_slice(&text), out, err);
    buffer_clear(&text);
    return ok;
}

bool person_answer(const struct person *person, const struct queued *item, struct event *event,
                   struct pool *pool, struct error *err)
{
    struct slice by;
    if (!name(item->approval, &by, pool, err))
        return false;
    struct member members[] = {
        {slice_of("approval"), value_integer(item->id)},
        {slice_of("at"), value_integer(item->at)},
        {slice_of("by"), value_string(by)},
    };
    bool given = person->does == PERSON_APPROVES;
    *event = (struct event){.kind = EVENT_REQUEST, .id = given ? REQUEST_APPROVE : REQUEST_REJECT};
    return record_object(&event->value, members, RECORD_COUNT(members), pool, err);
}
