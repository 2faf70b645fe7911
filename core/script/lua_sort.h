/* The stable merge sort behind table.sort. It orders numbers that stand for the values, so the
 * values stay where they are until all comparisons are done, and a comparator that contradicts
 * itself or changes the list yields some order of the same values. */
#pragma once

#include "meter.h"

/* Sorts values 1..count of the plain table at stack index `values` by the function at `before` (0:
 * by the operator <). Pushes a userdata that keeps the answer: the old places in the new order. */
const uint32_t *sort_order(struct meter *meter, int values, uint32_t count, int before);
