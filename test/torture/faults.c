/*
 * A disk that fails. Loaded before libc (LD_PRELOAD), it makes the n-th file call under a directory fail with an error
 * number, once or from then on. All processes share the count through a file, so it does not matter which one commits.
 *
 *   FAULTS_UNDER    the directory
 *   FAULTS_CONTROL  a file of 32 bytes: four int32 numbers and a name of up to 15 characters.
 *                   The numbers: calls until the fault (0: none), errno, 1 for "from then on", calls so far.
 *                   The name: the first call that failed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct control { int32_t until, error, lasting, calls; char name[16]; };
static struct control *control;

__attribute__((constructor)) static void attach(void) {
  const char *path = getenv("FAULTS_CONTROL");
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open");
  int fd = path ? real(path, O_RDWR) : -1;
  if (fd < 0) return;
  void *shared = mmap(0, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  if (shared != MAP_FAILED) control = shared;
}

static int under(const char *path) {
  const char *directory = getenv("FAULTS_UNDER");
  return directory && path && strncmp(path, directory, strlen(directory)) == 0;
}

static int fails(const char *name, const char *path) {
  if (!control || !under(path)) return 0;
  __atomic_add_fetch(&control->calls, 1, __ATOMIC_SEQ_CST);
  if (control->until <= 0) return 0;
  int left = __atomic_load_n(&control->until, __ATOMIC_SEQ_CST);
  if (left > 1) {
    __atomic_sub_fetch(&control->until, 1, __ATOMIC_SEQ_CST);
    return 0;
  }
  if (!control->name[0]) strncpy(control->name, name, sizeof control->name - 1);
  if (!control->lasting) control->until = 0;
  errno = control->error;
  return 1;
}

static int fails_at(const char *name, int fd) {
  char link[32], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  return fails(name, path);
}

#define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)
#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(name); \
    va_list rest; va_start(rest, flags); mode_t mode = va_arg(rest, mode_t); va_end(rest); \
    return fails("open", path) ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
#define ON_FD(name, shown, type, parameters, ...) \
  type name parameters { REAL(name); return fails_at(shown, fd) ? (type)-1 : real(__VA_ARGS__); }
ON_FD(read, "read", ssize_t, (int fd, void *to, size_t n), fd, to, n)
ON_FD(pread, "pread", ssize_t, (int fd, void *to, size_t n, off_t at), fd, to, n, at)
ON_FD(pread64, "pread", ssize_t, (int fd, void *to, size_t n, off64_t at), fd, to, n, at)
ON_FD(write, "write", ssize_t, (int fd, const void *from, size_t n), fd, from, n)
ON_FD(pwrite, "pwrite", ssize_t, (int fd, const void *from, size_t n, off_t at), fd, from, n, at)
ON_FD(pwrite64, "pwrite", ssize_t, (int fd, const void *from, size_t n, off64_t at), fd, from, n, at)
ON_FD(fsync, "fsync", int, (int fd), fd)
ON_FD(fdatasync, "fdatasync", int, (int fd), fd)
ON_FD(ftruncate, "ftruncate", int, (int fd, off_t to), fd, to)
ON_FD(ftruncate64, "ftruncate", int, (int fd, off64_t to), fd, to)
#define ON_PATH(name, parameters, ...) \
  int name parameters { REAL(name); return fails(#name, path) ? -1 : real(__VA_ARGS__); }
ON_PATH(unlink, (const char *path), path)
ON_PATH(rename, (const char *path, const char *to), path, to)
ON_PATH(link, (const char *path, const char *to), path, to)
