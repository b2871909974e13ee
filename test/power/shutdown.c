/*
 * Cuts an ext4 file system off from its device: what was not written yet, its
 * journal included, never will be. Prints the size of another file just before
 * and just after. Arguments: the mount point, the other file.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#define EXT4_IOC_SHUTDOWN _IOR('X', 125, uint32_t)
#define EXT4_GOING_FLAGS_NOLOGFLUSH 2

int main(int count, char **arguments) {
  uint32_t how = EXT4_GOING_FLAGS_NOLOGFLUSH;
  struct stat before, after;
  int fd = count == 3 ? open(arguments[1], O_RDONLY | O_DIRECTORY) : -1;
  if (fd >= 0 && stat(arguments[2], &before) == 0 &&
      ioctl(fd, EXT4_IOC_SHUTDOWN, &how) == 0 &&
      stat(arguments[2], &after) == 0) {
    printf("%lld %lld", (long long)before.st_size, (long long)after.st_size);
    return 0;
  }
  perror("Cannot cut the power");
  return 1;
}
