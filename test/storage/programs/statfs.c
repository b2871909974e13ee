/*
 * Says of every file that it is on the file system with the magic number
 * STATFS_TYPE; loaded before the C library. Nothing else is changed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/statfs.h>

typedef int (*call)(const char *, void *);

static int answered(const char *name, const char *path, struct statfs *buffer) {
  int result = ((call)dlsym(RTLD_NEXT, name))(path, buffer);
  const char *type = getenv("STATFS_TYPE");
  if (result == 0 && type != NULL) buffer->f_type = strtoll(type, NULL, 0);
  return result;
}

int statfs(const char *path, struct statfs *buffer) {
  return answered("statfs", path, buffer);
}

int statfs64(const char *path, struct statfs64 *buffer) {
  return answered("statfs64", path, (struct statfs *)buffer);
}
