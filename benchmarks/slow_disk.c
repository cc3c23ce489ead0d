/* Preloaded into a database server: its disk then takes SLOW_DISK_MS longer to make data durable. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>

int fdatasync(int file)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    const char *told = getenv("SLOW_DISK_MS");
    long milliseconds = told ? atol(told) : 0;
    struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};

    nanosleep(&pause, NULL);
    return real(file);
}
