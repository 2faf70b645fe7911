/* TZif files: whatever they hold, they are a time zone whose times rise, or an error. */
#include "base/zone.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct zone zone;
    struct error err;
    bool ok = zone_parse(&zone, (struct slice){(const char *)data, size}, &err);
    for (size_t i = 1; ok && i < zone.count; i++) {
        if (zone.jumps[i - 1].at >= zone.jumps[i].at ||
            zone_offset(&zone, zone.jumps[i].at) != zone.jumps[i].offset)
            __builtin_trap();
    }
    zone_clear(&zone);
    return 0;
}
