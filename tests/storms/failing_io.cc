// For LD_PRELOAD: makes calls of the C library fail, for the storm of failing calls (failing_calls.py).
//
//   FAIL_CALL   open, read, write, fsync, rename, truncate or statvfs; or clock: it is the year 2001, and
//   each look at the clock
//               is an hour earlier than the one before
//   FAIL_AT     which one of them, 1 is the first; only calls about files below FAIL_UNDER are counted
//   FAIL_WITH   an errno as a number; 0 with write: half of the bytes are written (a short write); 0 with
//   statvfs: no
//               space is free
//   FAIL_ON     1: all later ones fail too, as on a disk that stays full
//   FAIL_SEEN   a file that is made when a call has failed
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>

namespace {

const char* setting(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

template <class F>
F* real(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

std::string path_of(int fd) {
  char link[64], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t size = ::readlink(link, path, sizeof path);
  return size > 0 ? std::string(path, size_t(size)) : std::string();
}

// Counts the call; is it to fail?
bool fails(const char* call, const std::string& path) {
  static std::atomic<int> count{0};
  if (std::strcmp(call, setting("FAIL_CALL")) != 0 || path.find(setting("FAIL_UNDER")) != 0) return false;
  const int at = std::atoi(setting("FAIL_AT")), now = ++count;
  if (now != at && !(now > at && *setting("FAIL_ON") == '1')) return false;
  const int fd = real<int(const char*, int, ...)>("open")(setting("FAIL_SEEN"), O_CREAT | O_WRONLY, 0666);
  if (fd >= 0) ::close(fd);
  errno = std::atoi(setting("FAIL_WITH"));
  return true;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list more;
  va_start(more, flags);
  const mode_t mode = (flags & O_CREAT) ? mode_t(va_arg(more, int)) : mode_t(0);
  va_end(more);
  if (fails("open", path)) return -1;
  return real<int(const char*, int, ...)>("open")(path, flags, mode);
}

ssize_t write(int fd, const void* data, size_t bytes) {
  const auto next = real<ssize_t(int, const void*, size_t)>("write");
  if (!fails("write", path_of(fd))) return next(fd, data, bytes);
  return errno == 0 ? next(fd, data, (bytes + 1) / 2) : -1;
}

ssize_t read(int fd, void* data, size_t bytes) {
  return fails("read", path_of(fd)) ? -1 : real<ssize_t(int, void*, size_t)>("read")(fd, data, bytes);
}

int fsync(int fd) { return fails("fsync", path_of(fd)) ? -1 : real<int(int)>("fsync")(fd); }

int rename(const char* from, const char* to) noexcept {
  return fails("rename", to) ? -1 : real<int(const char*, const char*)>("rename")(from, to);
}

int truncate(const char* path, off_t size) noexcept {
  return fails("truncate", path) ? -1 : real<int(const char*, off_t)>("truncate")(path, size);
}

int statvfs(const char* path, struct statvfs* info) noexcept {
  const int result = real<int(const char*, struct statvfs*)>("statvfs")(path, info);
  if (!fails("statvfs", path)) return result;
  if (errno != 0) return -1;
  info->f_bavail = 0;
  return result;
}

int clock_gettime(clockid_t clock, struct timespec* now) noexcept {
  const int result = real<int(clockid_t, struct timespec*)>("clock_gettime")(clock, now);
  static std::atomic<int> looks{0};
  if (clock == CLOCK_REALTIME && std::strcmp(setting("FAIL_CALL"), "clock") == 0)
    now->tv_sec = 1'000'000'000 - 3600 * (++looks % 1000);
  return result;
}

}  // extern "C"
