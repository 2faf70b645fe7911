#include "judge/judge.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
#define X(name, text) [VERDICT_##name] = text,
        VERDICTS(X)
#undef X
    };
    return names[verdict];
}
