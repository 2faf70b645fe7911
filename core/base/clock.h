/* The machine's clocks: the one door by which time comes in. */
#pragma once

#include <stdint.h>

int64_t clock_wall(void);   /* ms since 1970, UTC; jumps when somebody sets the clock */
int64_t clock_steady(void); /* ms since the machine started, its sleep counted; never jumps */
