#include <sched.h>
#include <sys/types.h>

/* sched.h has these for _GNU_SOURCE only, which the Swift module of the C library is built without. */
int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *cores);
int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t *cores);
