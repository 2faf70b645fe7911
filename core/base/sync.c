/* fdatasync(2) of many files side by side, each by a thread that does nothing else. The C library's
 * own (aio_fsync) is not for a process that was forked: it waits for threads that are not there. */
#include "base/sync.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

enum { THREADS = 16 };

/* Every so many of the files, from the first. */
struct share {
    const int *fds;
    size_t first, count, every;
    int problem; /* an errno; 0: none */
};

/* A pipe or a terminal has nothing to make durable. */
static void *sync_share(void *context)
{
    struct share *share = context;
    for (size_t i = share->first; i < share->count; i += share->every) {
        if (fdatasync(share->fds[i]) != 0 && errno != EINVAL)
            share->problem = errno;
    }
    return NULL;
}

/* This thread takes one share, and those for which the system gives no thread. */
bool sync_files(const int *fds, size_t count, struct error *err)
{
    pthread_t threads[THREADS];
    struct share shares[THREADS];
    bool begun[THREADS] = {false};
    size_t every = count < THREADS ? count : THREADS;
    int problem = 0;
    for (size_t i = 0; i < every; i++) {
        shares[i] = (struct share){fds, i, count, every, 0};
        begun[i] = i > 0 && pthread_create(&threads[i], NULL, sync_share, &shares[i]) == 0;
    }
    for (size_t i = 0; i < every; i++) {
        if (begun[i])
            pthread_join(threads[i], NULL);
        else
            sync_share(&shares[i]);
        problem = problem ? problem : shares[i].problem;
    }
    return !problem || error_set(err, ERROR_IO, "%s", strerror(problem));
}
