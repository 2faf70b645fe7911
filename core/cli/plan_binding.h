/* What binds a run to its plan at the moment of writing: a resource that the plan changes must be
 * found as it was planned when it is changed first, and no other resource is changed. Between the
 * engine and the catalogue, like the gate; a replay has it too, from the journal's RUN record. */
#pragma once

#include "cli/catalogue_front.h"
#include "host/host.h"

struct plan_binding {
    struct catalogue_front front;
    struct host *host;
    const struct value *bound; /* {key: the state before its first change} */
    bool *met;                 /* that were found so */
};

/* `plan` is {"seal","bound"} (plan_file.h). Borrows all of it; clear it in any case. */
bool plan_binding_init(struct plan_binding *binding, struct catalogue *inner, struct host *host,
                       const struct value *plan, struct error *err);
void plan_binding_clear(struct plan_binding *binding);

/* The first difference between two states of a resource, in words. */
bool plan_binding_difference(struct host *host, const struct value *planned,
                             const struct value *found, struct slice *text, struct pool *pool,
                             struct error *err);
