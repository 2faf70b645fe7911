/* What a journal says of AWS's names, which its identities rest on, is asked of AWS again: the file
 * may be a stranger's, and what the operator allows goes by the identity. */
#pragma once

#include "cli/supervisor_state.h"

/* ERROR_INVALID: AWS says otherwise. Where AWS does not say, that is an error only if the operator
 * allows less than everything. Nothing but reads is sent. */
bool recorded_names_check(struct supervisor *supervisor, const struct journal_scan *scan,
                          struct error *err);
