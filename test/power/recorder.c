/*
 * Records what a program does to the files of one folder, in the order in
 * which it is done; loaded before the C library. The calls themselves go
 * through unchanged.
 *
 * POWER_FOLDER: the folder, as the kernel names it; POWER_LOG: the record.
 * Several processes may share both. A record is a header, the name of the
 * file, and the bytes that were written to it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { WRITE = 1, TRUNCATE = 2, SYNC = 3, UNLINK = 4 };

struct header {
  uint32_t kind;
  uint32_t name_length;
  uint64_t offset; /* the new size, when truncated */
  uint64_t length;
};

static int log_fd = -1;
static char folder[4096];
static size_t folder_length;
static pthread_mutex_t threads = PTHREAD_MUTEX_INITIALIZER;

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("POWER_LOG");
  const char *root = getenv("POWER_FOLDER");
  if (path == NULL || root == NULL) return;
  snprintf(folder, sizeof folder, "%s", root);
  folder_length = strlen(folder);
  log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (log_fd < 0) {
    perror("Cannot record as the record must be writable");
    abort();
  }
}

/* The name below the folder; "" is the folder itself, NULL is elsewhere. */
static const char *name_below(const char *path) {
  if (log_fd < 0 || strncmp(path, folder, folder_length) != 0) return NULL;
  if (path[folder_length] == '\0') return "";
  return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

static const char *name_of(int fd, char *path, size_t size) {
  char link[64];
  if (log_fd < 0) return NULL;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, size - 1);
  if (length < 0) return NULL;
  path[length] = '\0';
  return name_below(path);
}

/* Nobody else acts between a call and its record. */
static void enter(void) {
  pthread_mutex_lock(&threads);
  while (flock(log_fd, LOCK_EX) != 0 && errno == EINTR) {}
}

static void leave(void) {
  flock(log_fd, LOCK_UN);
  pthread_mutex_unlock(&threads);
}

static void put(enum kind kind, const char *name, uint64_t offset,
                const void *bytes, uint64_t length) {
  struct header header = {kind, strlen(name), offset, length};
  struct iovec parts[] = {{&header, sizeof header},
                          {(void *)name, header.name_length},
                          {(void *)bytes, length}};
  ssize_t whole = sizeof header + header.name_length + length;
  if (writev(log_fd, parts, 3) == whole) return;
  perror("Cannot record as the disk of the record must have room");
  abort();
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  char path[4096];
  const char *name = name_of(fd, path, sizeof path);
  if (name == NULL) return REAL(pwrite64)(fd, bytes, length, offset);
  enter();
  ssize_t done = REAL(pwrite64)(fd, bytes, length, offset);
  int error = errno;
  if (done > 0) put(WRITE, name, offset, bytes, done);
  leave();
  errno = error;
  return done;
}

ssize_t write(int fd, const void *bytes, size_t length) {
  char path[4096];
  const char *name = name_of(fd, path, sizeof path);
  if (name == NULL) return REAL(write)(fd, bytes, length);
  enter();
  ssize_t done = REAL(write)(fd, bytes, length);
  int error = errno;
  if (done > 0) {
    put(WRITE, name, lseek64(fd, 0, SEEK_CUR) - done, bytes, done);
  }
  leave();
  errno = error;
  return done;
}

/* Runs a call that returns 0, and records it when it does. */
#define RECORDED(call, kind, name, offset) \
  do {                                     \
    enter();                               \
    int failed = (call);                   \
    int error = errno;                     \
    if (failed == 0) put(kind, name, offset, NULL, 0); \
    leave();                               \
    errno = error;                         \
    return failed;                         \
  } while (0)

int ftruncate64(int fd, off64_t size) {
  char path[4096];
  const char *name = name_of(fd, path, sizeof path);
  if (name == NULL) return REAL(ftruncate64)(fd, size);
  RECORDED(REAL(ftruncate64)(fd, size), TRUNCATE, name, size);
}

int fsync(int fd) {
  char path[4096];
  const char *name = name_of(fd, path, sizeof path);
  if (name == NULL) return REAL(fsync)(fd);
  RECORDED(REAL(fsync)(fd), SYNC, name, 0);
}

int fdatasync(int fd) {
  char path[4096];
  const char *name = name_of(fd, path, sizeof path);
  if (name == NULL) return REAL(fdatasync)(fd);
  RECORDED(REAL(fdatasync)(fd), SYNC, name, 0);
}

int unlink(const char *path) {
  const char *name = name_below(path);
  if (name == NULL) return REAL(unlink)(path);
  RECORDED(REAL(unlink)(path), UNLINK, name, 0);
}

/* SQLite renames nothing; a replay that did not know of it would be blind. */
int rename(const char *from, const char *to) {
  if (name_below(from) == NULL && name_below(to) == NULL) {
    return REAL(rename)(from, to);
  }
  fprintf(stderr, "Cannot record as no file must be renamed: %s\n", from);
  abort();
}
