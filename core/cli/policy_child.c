/* The process of a live policy: serves the frames of the run's process with the policy's sources.
 */
#include "cli/policy_child.h"

#include "cli/sources.h"
#include "script/child.h"

/* The sources are copied: they outlive the frame they came in. */
static bool open_sources(void *context, const struct value *sources, struct slice policy,
                         struct error *err)
{
    return sources_from_journal(context, sources, policy, err);
}

int policy_child(void)
{
    static struct sources sources;
    static const struct child_library library = {open_sources, sources_find, &sources};
    return child_serve(&library);
}
