/* What main does instead of everything else when it is the process of a policy (script/child.h). */
#pragma once

int policy_child(void);
