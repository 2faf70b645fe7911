/* The parent's side of what is locked in: which walls stand is told before they are needed. */
#include "cli/jailed.h"

#include "cli/terminal.h"

const char *jailed_lacks(void)
{
    struct jail_walls walls;
    jail_probe(&walls);
    if (!walls.seccomp)
        return "this kernel, or the container around it, has no seccomp: nothing is executed";
    return walls.landlock ? "" : "this kernel has no Landlock: seccomp alone locks policies in";
}

void jailed_tell(void)
{
    static bool told;
    const char *lacks = told ? "" : jailed_lacks();
    told = true;
    if (*lacks)
        terminal_say("%s", lacks);
}

bool jailed_run(jail_body_fn *body, void *context, int *status, struct error *err)
{
    jailed_tell();
    return jail_run(body, context, status, err);
}
