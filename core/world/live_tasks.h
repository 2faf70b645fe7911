/* Tasks of a run that is live (host/task.h), carried out to their end: what they ask for is a
 * request, an AWS operation, or a moment to pass. */
#pragma once

#include "world/caller.h"
#include "world/inbox.h"

/* What an AWS operation answered to the run whose journal is looked at; NULL if it does not say. */
typedef const struct value *live_recall_fn(const void *context, const struct value *call);

struct live_tasks {
    struct net *net;
    struct sender *sender;
    struct caller *caller;
    struct inbox *inbox;
    live_recall_fn *recall; /* is asked before AWS is; NULL: nobody is */
    const void *recall_context;
};

/* Calls object:method(arguments...) as a task, and waits for its result: not longer than until the
 * run is asked to end, which is an error here. */
bool live_tasks_run(const struct live_tasks *tasks, struct host_object *object, const char *method,
                    const struct value *arguments, size_t count, struct value *result,
                    struct pool *pool, struct error *err);
