/* The machine's clocks. Nothing else in the program asks the system for the time, so that a
 * simulation or a test can put its own in their place. */
#pragma once

#include <stdint.h>

int64_t clock_wall(void);   /* ms since 1970, UTC; jumps when somebody sets the clock */
int64_t clock_steady(void); /* ms since the machine started, its sleep counted; never jumps */
