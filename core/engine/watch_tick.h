/* One look of a watch: the periods that it brings, and its record. */
#pragma once

#include "engine/engine_state.h"

struct tick {
    struct value *periods; /* for the record */
    size_t count, capacity;
    bool ended;      /* the source said that nothing will come any more */
    bool dropped;    /* the run is to end: this look counts for nothing */
    int64_t until;   /* then: where it ends */
    char doubt[256]; /* why the watch cannot end with it, where its time is over; else empty */
};

/* Sets tick->doubt. */
bool tick_doubt(struct engine *engine, const struct panel *panel, struct tick *tick,
                struct error *err);
/* Asks whether there are such metrics, and for nothing else. */
bool tick_ask(struct engine *engine, const struct panel *panel, bool *dropped, struct error *err);
/* Whatever periods are there that end by `end`, new or changed, go to the panel. */
bool tick_take(struct engine *engine, struct panel *panel, int64_t end, struct tick *tick,
               struct error *err);
bool tick_record(struct engine *engine, const struct operation *operation, const struct tick *tick,
                 enum verdict verdict, struct error *err);
