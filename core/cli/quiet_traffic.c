/* The text of a recording that shows a service at rest. */
#include "cli/quiet_traffic.h"

#include <inttypes.h>

enum { QUIET_MAX = 64 << 20, MINUTE = 60000 };

static const char header[] =
    "{\"format\":\"tidelock-recording\",\"series\":[{\"arm\":\"service\",\"id\":1,\"metric\":"
    "\"requests\",\"period\":60000,\"statistic\":\"sum\"},{\"arm\":\"service\",\"companion\":"
    "\"requests\",\"id\":2,\"metric\":\"errors\",\"period\":60000,\"statistic\":\"sum\"}],"
    "\"source\":\"made up\",\"version\":1}\n";

bool quiet_traffic_make(struct buffer *out, int minutes, struct error *err)
{
    const int64_t start = INT64_C(1767225600000); /* 2026-01-01T00:00:00Z */
    buffer_init(out, QUIET_MAX);
    bool ok = buffer_append_text(out, header, err);
    for (int64_t i = 0; ok && i < minutes; i++)
        ok = buffer_append_format(out, err, "{\"s\":1,\"t\":%" PRId64 ",\"v\":1000}\n",
                                  start + i * MINUTE);
    return ok;
}
