/* What a run may do, by patterns. */
#include "cli/config.h"

/* One star at a time: where the rest does not fit, the last star takes one byte more. */
bool config_matches(struct slice pattern, struct slice text)
{
    size_t p = 0;
    size_t star = SIZE_MAX;
    size_t after = 0; /* where the text goes on behind what the star took */
    for (size_t t = 0; t < text.size;) {
        if (p < pattern.size && pattern.data[p] == '*') {
            star = p++;
            after = t;
        } else if (p < pattern.size && pattern.data[p] == text.data[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++after;
        } else {
            return false;
        }
    }
    while (p < pattern.size && pattern.data[p] == '*')
        p++;
    return p == pattern.size;
}

static bool any_matches(const struct value *patterns, struct slice text)
{
    if (!patterns)
        return true;
    for (size_t i = 0; i < patterns->array.count; i++) {
        if (config_matches(patterns->array.items[i].string, text))
            return true;
    }
    return false;
}

bool config_allows_operation(const struct config *config, struct slice operation)
{
    return any_matches(config->operations, operation) &&
           any_matches(config->team_operations, operation);
}

bool config_allows_resource(const struct config *config, struct slice resource)
{
    return any_matches(config->resources, resource) &&
           any_matches(config->team_resources, resource);
}
