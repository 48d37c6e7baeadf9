#include "base/files.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

using namespace andrea;

namespace {

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

using Names = std::vector<std::string>;

// Another process that holds the lock on `path` until told to end.
class LockHolder {
 public:
  explicit LockHolder(const Path& path) {
    int ready[2], go[2];
    REQUIRE(::pipe(ready) == 0);
    REQUIRE(::pipe(go) == 0);
    child_ = ::fork();
    REQUIRE(child_ >= 0);
    if (child_ == 0) {
      ::close(go[1]);
      const FileLock lock(path);
      char byte = lock.held() ? 'y' : 'n';
      (void)!::write(ready[1], &byte, 1);
      (void)!::read(go[0], &byte, 1);  // returns when the parent closes its end, or is gone
      ::_exit(0);
    }
    ::close(ready[1]), ::close(go[0]);
    go_ = go[1];
    char byte = '?';
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    ::close(ready[0]);
    held = byte == 'y';
  }
  void kill() { ::kill(child_, SIGKILL); }
  void end() {
    if (child_ <= 0) return;
    ::close(go_);
    ::waitpid(std::exchange(child_, -1), nullptr, 0);
  }
  ~LockHolder() { end(); }

  bool held = false;

 private:
  pid_t child_ = -1;
  int go_ = -1;
};

}  // namespace

TEST_CASE("read_file gives every byte, and refuses what is too long") {
  const TemporaryFolder folder;
  const Path file = folder.path() / "f";
  std::string bytes;
  for (int i = 0; i < 200000; ++i) bytes += char(i * 13 % 256);
  write_text(file, bytes);
  CHECK(read_file(file) == bytes);
  CHECK(read_file(file, bytes.size()) == bytes);
  CHECK(sentence_of([&] { read_file(file, bytes.size() - 1); }) ==
        file.string() + " has 200000 bytes; at most 199999 are read");
  write_text(file, "");
  CHECK(read_file(file) == "");
  // Files of /proc say they have no bytes and have some: the cap counts what is read.
  CHECK(read_file("/proc/self/status").size() > 10);
  CHECK(sentence_of([] { read_file("/proc/self/status", 10); }) ==
        "/proc/self/status grew while it was read");
}

TEST_CASE("what is not a regular file is refused, and waits for nobody") {
  const TemporaryFolder folder;
  const Path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const Path& path : {folder.path(), Path("/dev/zero"), pipe}) {
    CHECK(sentence_of([&] { read_file(path); }) == path.string() + " is not a regular file");
    CHECK(sentence_of([&] { MappedFile mapped(path); }) == path.string() + " is not a regular file");
  }
}

TEST_CASE("an error says what was tried, on which path, and the system's reason") {
  const TemporaryFolder folder;
  const std::string dir = folder.path().string();
  write_text(folder.path() / "file", "x");
  const auto sentence = sentence_of;
  CHECK(sentence([&] { read_file(dir + "/none"); }) ==
        "cannot read " + dir + "/none: No such file or directory");
  CHECK(sentence([&] { MappedFile mapped(dir + "/none"); }) ==
        "cannot read " + dir + "/none: No such file or directory");
  CHECK(sentence([&] { FileWriter file(dir + "/file/below", O_WRONLY | O_CREAT); }) ==
        "cannot write " + dir + "/file/below: Not a directory");
  CHECK(sentence([&] { write_atomically(dir + "/none/file", "x"); }) ==
        "cannot write " + dir + "/none/file.tmp: No such file or directory");
  CHECK(sentence([&] { FileLock lock(dir + "/none/lock"); }) ==
        "cannot lock " + dir + "/none/lock: No such file or directory");
  CHECK(sentence([&] { make_folders(dir + "/file/below"); }) ==
        "cannot make folder " + dir + "/file/below: Not a directory");
  CHECK(sentence([&] { sync_folder(dir + "/none"); }) ==
        "cannot open folder " + dir + "/none: No such file or directory");
  CHECK(sentence([&] { free_space(dir + "/none"); }) ==
        "cannot ask the free space of " + dir + "/none: No such file or directory");
  FileWriter full("/dev/full", O_WRONLY);
  CHECK(sentence([&] { full.write("x"); }) == "cannot write /dev/full: No space left on device");
}

TEST_CASE("FileWriter counts and hashes what it writes") {
  const TemporaryFolder folder;
  const Path file = folder.path() / "f";
  FileWriter writer(file, O_WRONLY | O_CREAT | O_TRUNC);
  CHECK(writer.bytes() == 0);
  CHECK(writer.checksum() == hash128(""));
  writer.write("one ");
  writer.write("two", 3);
  writer.sync();
  writer.close();
  CHECK(writer.bytes() == 7);
  CHECK(writer.checksum() == hash128("one two"));
  CHECK(writer.path() == file);
  CHECK(read_file(file) == "one two");
  FileWriter more(file, O_WRONLY | O_APPEND);
  more.write(" three");
  CHECK(more.checksum() == hash128(" three"));
  CHECK(read_file(file) == "one two three");
}

TEST_CASE("a write that failed is not counted") {
  const TemporaryFolder folder;
  FileWriter writer(folder.path() / "f", O_WRONLY | O_CREAT);
  writer.write("whole");
  {
    const FileSizeLimit limit(10);
    CHECK_THROWS_AS(writer.write("half of this goes out"), Error);
  }
  CHECK(writer.bytes() == 5);
  CHECK(writer.checksum() == hash128("whole"));
}

TEST_CASE("write_atomically replaces the whole file and says what it wrote") {
  const TemporaryFolder folder;
  const Path file = folder.path() / "f";
  const Written first = write_atomically(file, "first content");
  CHECK(first.bytes == 13);
  CHECK(first.checksum == hash128("first content"));
  write_atomically(file, [](FileWriter& out) { out.write("se"), out.write("cond"); });
  CHECK(read_file(file) == "second");
  write_text(folder.path() / "f.tmp", "left over from a killed process, and longer than what comes");
  write_atomically(file, "third");
  CHECK(read_file(file) == "third");
  CHECK(names_in(folder.path()) == Names{"f"});
}

TEST_CASE("a failed write_atomically leaves the old content and no temporary") {
  const TemporaryFolder folder;
  const Path file = folder.path() / "f";
  write_text(file, "old");
  SUBCASE("the filling fails") {
    CHECK(sentence_of([&] {
            write_atomically(file, [](FileWriter& out) {
              out.write("half of the");
              throw Error("no more text");
            });
          }) == "no more text");
  }
  SUBCASE("something that is no Error is thrown") {
    CHECK_THROWS_AS(write_atomically(file, [](FileWriter&) { throw 7; }), int);
  }
  SUBCASE("the system takes only a part") {
    const FileSizeLimit limit(1000);
    CHECK(sentence_of([&] { write_atomically(file, std::string(5000, 'x')); }) ==
          "cannot write " + file.string() + ".tmp: File too large");
  }
  CHECK(read_file(file) == "old");
  CHECK(names_in(folder.path()) == Names{"f"});
}

TEST_CASE("write_atomically over what cannot be replaced leaves no temporary") {
  const TemporaryFolder folder;
  const Path target = folder.path() / "f";
  make_folders(target / "below");
  CHECK(sentence_of([&] { write_atomically(target, "x"); }) ==
        "cannot rename to " + target.string() + ": Is a directory");
  CHECK(names_in(folder.path()) == Names{"f"});
}

TEST_CASE("a bare file name belongs to the working folder") {
  const TemporaryFolder folder;
  const Path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  const std::string sentence = sentence_of([] { write_atomically("bare", "x"); });
  std::filesystem::current_path(before);
  CHECK(sentence == "no error");
  CHECK(read_file(folder.path() / "bare") == "x");
}

TEST_CASE("folders are made with their parents, and again without complaint; free space is known") {
  const TemporaryFolder folder;
  make_folders(folder.path() / "a" / "b");
  make_folders(folder.path() / "a" / "b");
  sync_folder(folder.path() / "a" / "b");
  CHECK(std::filesystem::is_directory(folder.path() / "a" / "b"));
  CHECK(free_space(folder.path()) <= std::filesystem::space(folder.path()).capacity);
  CHECK(free_space("/proc") == 0);
}

TEST_CASE("MappedFile shows the bytes, moves, and maps nothing of an empty file") {
  const TemporaryFolder folder;
  const auto text_of = [](const MappedFile& mapped) {
    return std::string(reinterpret_cast<const char*>(mapped.bytes().data()), mapped.bytes().size());
  };
  write_text(folder.path() / "a", "content of a");
  write_text(folder.path() / "b", "b");
  write_text(folder.path() / "empty", "");
  MappedFile a(folder.path() / "a");
  CHECK(text_of(a) == "content of a");
  MappedFile moved(std::move(a));
  CHECK(text_of(moved) == "content of a");
  MappedFile other(folder.path() / "b");
  other = std::move(moved);
  CHECK(text_of(other) == "content of a");
  CHECK(MappedFile(folder.path() / "empty").bytes().empty());
  CHECK(MappedFile().bytes().empty());
}

TEST_CASE("a lock held by another process is seen, and free again once that process ends or is killed") {
  const TemporaryFolder folder;
  const Path path = folder.path() / "lock";
  for (const bool killed : {false, true}) {
    LockHolder holder(path);
    CHECK(holder.held);
    CHECK_FALSE(FileLock(path).held());
    if (killed) holder.kill();
    holder.end();
    CHECK(FileLock(path).held());
  }
  {
    const FileLock mine(path);
    CHECK(mine.held());
    CHECK_FALSE(FileLock(path).held());  // also within one process
    CHECK_FALSE(LockHolder(path).held);
  }
  CHECK(FileLock(path).held());
  CHECK(std::filesystem::exists(path));
}
