/* Exports of other tools: whatever they hold, an importer makes a recording of it or says that the
 * input is invalid. Anything else is a fault of ours. The first byte chooses the importer. */
#include "fuzz.h"
#include "host/host.h"

static struct host *host;
static struct pool pool = {.max = 256 << 20};

static struct value object(struct member *members, size_t count)
{
    return (struct value){.kind = VALUE_OBJECT, .object = {members, count}};
}

static struct value array(struct value *items, size_t count)
{
    return (struct value){.kind = VALUE_ARRAY, .array = {items, count}};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const kinds[] = {"prometheus", "cloudwatch", "cloudwatch-statistics",
                                        "metric-stream", "csv"};
    struct error err;
    struct value result;
    if (size == 0 || (!host && !host_new(&host, &err)))
        return 0;
    /* The seeds begin with a brace, and are Prometheus's. */
    const char *kind = kinds[data[0] == '{' ? 0 : data[0] % (sizeof kinds / sizeof *kinds)];
    size_t skip = data[0] == '{' ? 0 : 1;
    struct member input[] = {
        {slice_of("name"), value_text("export")},
        {slice_of("text"), value_string((struct slice){(const char *)data + skip, size - skip})}};
    struct value inputs = object(input, 2);
    struct value series = value_text("http_requests_total{version=\"v1\"}=requests:service");
    struct value counter = value_text("requests");
    struct member options[] = {{slice_of("counters"), array(&counter, 1)},
                               {slice_of("inputs"), array(&inputs, 1)},
                               {slice_of("kind"), value_text(kind)},
                               {slice_of("period"), value_integer(15000)},
                               {slice_of("series"), array(&series, 1)}};
    struct value arguments = object(options, sizeof options / sizeof *options);
    pool_reset(&pool);
    if (!host_call(host, "import.init", "run", &arguments, 1, &result, &pool, &err)) {
        if (err.code != ERROR_INVALID)
            fprintf(stderr, "%s\n", err.message);
        PROMISE(err.code == ERROR_INVALID);
    }
    return 0;
}
