/* A merge sort from the bottom up, whose comparisons may leave the interpreter at any time. */
#include "lua_sort.h"

#include <stdbool.h>
#include <string.h>

enum {
    RUN = 8, /* values sorted by insertion before merging begins */
    NUMBER_TICKS = METER_TICKS,
    CALL_TICKS = 5 * METER_TICKS,
};

struct sorter {
    lua_State *L;
    struct meter *meter;
    int values, before;
};

static bool call_before(struct sorter *s, uint32_t a, uint32_t b)
{
    lua_State *L = s->L;
    meter_add(s->meter, CALL_TICKS);
    lua_pushvalue(L, s->before);
    lua_rawgeti(L, s->values, a);
    lua_rawgeti(L, s->values, b);
    lua_call(L, 2, 1);
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

/* Pays for the operator <, which compares strings byte by byte and may call a metamethod. */
static void pay_comparison(struct sorter *s, int type)
{
    if (type == LUA_TNUMBER) {
        meter_add(s->meter, NUMBER_TICKS);
    } else if (type == LUA_TSTRING) {
        size_t a = (size_t)lua_rawlen(s->L, -2);
        size_t b = (size_t)lua_rawlen(s->L, -1);
        meter_bytes(s->meter, METER_TICKS + (a < b ? a : b));
    } else {
        meter_add(s->meter, CALL_TICKS);
    }
}

static bool is_before(struct sorter *s, uint32_t a, uint32_t b)
{
    if (s->before)
        return call_before(s, a, b);
    int type = lua_rawgeti(s->L, s->values, a);
    lua_rawgeti(s->L, s->values, b);
    pay_comparison(s, type);
    bool result = lua_compare(s->L, -2, -1, LUA_OPLT);
    lua_pop(s->L, 2);
    return result;
}

static void sort_run(struct sorter *s, uint32_t *run, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint32_t value = run[i];
        size_t at = i;
        while (at > 0 && is_before(s, value, run[at - 1]))
            at--;
        memmove(run + at + 1, run + at, (i - at) * sizeof *run);
        run[at] = value;
    }
}

/* Merges two neighbouring runs into `out`. Of equal values the left one comes first. */
static void merge(struct sorter *s, const uint32_t *left, size_t left_count, const uint32_t *right,
                  size_t right_count, uint32_t *out)
{
    if (right_count > 0 && is_before(s, right[0], left[left_count - 1])) {
        while (left_count > 0 && right_count > 0) {
            if (is_before(s, *right, *left)) {
                *out++ = *right++;
                right_count--;
            } else {
                *out++ = *left++;
                left_count--;
            }
        }
    }
    memcpy(out, left, left_count * sizeof *out);
    memcpy(out + left_count, right, right_count * sizeof *out);
}

/* Merges runs of `width` pairwise from one half of the room to the other. */
static void merge_runs(struct sorter *s, const uint32_t *from, uint32_t *to, size_t count,
                       size_t width)
{
    for (size_t start = 0; start < count; start += 2 * width) {
        size_t left = count - start < width ? count - start : width;
        size_t rest = count - start - left;
        size_t right = rest < width ? rest : width;
        merge(s, from + start, left, from + start + left, right, to + start);
    }
}

const uint32_t *sort_order(struct meter *meter, int values, uint32_t count, int before)
{
    struct sorter s = {.L = meter->L, .meter = meter, .values = values, .before = before};
    charge(s.L, 1 + count / 2);
    uint32_t *order = lua_newuserdatauv(s.L, 2 * sizeof *order * count, 0);
    uint32_t *other = order + count;
    for (uint32_t i = 0; i < count; i++)
        order[i] = i + 1;
    for (size_t start = 0; start < count; start += RUN)
        sort_run(&s, order + start, count - start < RUN ? count - start : RUN);
    for (size_t width = RUN; width < count; width *= 2) {
        merge_runs(&s, order, other, count, width);
        uint32_t *swap = order;
        order = other;
        other = swap;
    }
    return order;
}
