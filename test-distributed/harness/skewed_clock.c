/* Moves the wall clock of one process: LD_PRELOAD this, and name in KIENG_TEST_CLOCK a file of eight bytes, the offset in
 * nanoseconds, which may change at any time. Clocks that count from the start of the machine are left alone, as a wrong clock
 * leaves them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t *moved_by;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("KIENG_TEST_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    real_clock_gettime = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    if (file < 0) return;
    void *at = mmap(0, 8, PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (at != MAP_FAILED) moved_by = at;
}

int clock_gettime(clockid_t which, struct timespec *out)
{
    if (!real_clock_gettime) begin();
    int done = real_clock_gettime(which, out);
    if (done == 0 && moved_by && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) {
        int64_t all = (int64_t)out->tv_sec * 1000000000 + out->tv_nsec + *moved_by;
        out->tv_sec = all / 1000000000;
        out->tv_nsec = all % 1000000000;
    }
    return done;
}

int gettimeofday(struct timeval *out, void *zone)
{
    (void)zone;
    struct timespec now;
    int done = clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec;
    out->tv_usec = now.tv_nsec / 1000;
    return done;
}

time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
