#include "controller/world/real/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/errno_status.h"

namespace holdfast {
namespace {

Status Failed(int error, const std::string& program) { return FromErrno(error, Subject::kProcess, program); }

Result<std::string> Find(const std::string& program, const std::string& path) {
  if (program.empty()) return InvalidArgument("a command without a program");
  if (program.find('/') != std::string::npos) return program;
  int refused = ENOENT;
  for (const std::string& directory : Split(path, ':')) {
    std::string candidate = Cat(directory, "/", program);
    struct stat facts{};
    if (::stat(candidate.c_str(), &facts) != 0 || !S_ISREG(facts.st_mode)) continue;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    refused = errno;
  }
  if (refused == ENOENT) return NotFound(Cat(program, ": no such program in ", path));
  return Failed(refused, program);
}

// posix_spawn's two lists, freed by their owner's end.
struct Setup {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;

  Setup() {
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
  }
  ~Setup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  Setup(const Setup&) = delete;
  Setup& operator=(const Setup&) = delete;

  int Fill(int input, int output, int errors) {
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    for (const int error :
         {posix_spawn_file_actions_adddup2(&actions, input, 0),
          posix_spawn_file_actions_adddup2(&actions, output, 1),
          posix_spawn_file_actions_adddup2(&actions, errors, 2),
          posix_spawn_file_actions_addclosefrom_np(&actions, 3),
          posix_spawn_file_actions_addchdir_np(&actions, "/"), posix_spawnattr_setpgroup(&attributes, 0),
          posix_spawnattr_setsigmask(&attributes, &none), posix_spawnattr_setsigdefault(&attributes, &all),
          posix_spawnattr_setflags(&attributes,
                                   POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF)})
      if (error != 0) return error;
    return 0;
  }
};

// The ends 0 to 2 are moved out of the way of the child's own 0 to 2: dup2 onto itself would leave O_CLOEXEC
// set.
int MakePipe(Descriptor& reader, Descriptor& writer) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return errno;
  for (auto [end, owner] : {std::pair{ends[0], &reader}, std::pair{ends[1], &writer}}) {
    owner->Reset(end);
    if (end > 2) continue;
    const int moved = ::fcntl(end, F_DUPFD_CLOEXEC, 3);
    if (moved < 0) return errno;
    owner->Reset(moved);
  }
  return 0;
}

std::vector<char*> Pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  out.reserve(words.size() + 1);
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

bool HasNul(const std::vector<std::string>& words) {
  for (const std::string& word : words)
    if (word.find('\0') != std::string::npos) return true;
  return false;
}

}  // namespace

Result<Spawned> Spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
                      const std::string& path) {
  if (argv.empty()) return InvalidArgument("a command without a program");
  if (HasNul(argv) || HasNul(environment))
    return InvalidArgument(Cat(argv[0], ": an argument with a NUL byte"));
  const std::string file = HF_TRY(Find(argv[0], path));
  Spawned child;
  Descriptor input, output, errors;
  if (const int error = MakePipe(input, child.input); error != 0)
    return Local(Failed(error, argv[0]).message());
  if (const int error = MakePipe(child.output, output); error != 0)
    return Local(Failed(error, argv[0]).message());
  if (const int error = MakePipe(child.errors, errors); error != 0)
    return Local(Failed(error, argv[0]).message());
  Setup setup;
  if (const int error = setup.Fill(input.number(), output.number(), errors.number()); error != 0)
    return Local(Failed(error, argv[0]).message());
  const int error = posix_spawn(&child.pid, file.c_str(), &setup.actions, &setup.attributes,
                                Pointers(argv).data(), Pointers(environment).data());
  if (error != 0) return Failed(error, argv[0]);
  child.pidfd.Reset(static_cast<int>(::syscall(SYS_pidfd_open, child.pid, 0)));
  if (!child.pidfd.open()) {
    const int failed = errno;
    ::kill(-child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
    return Local(Failed(failed, argv[0]).message());
  }
  for (const Descriptor* end : {&child.input, &child.output, &child.errors})
    ::fcntl(end->number(), F_SETFL, ::fcntl(end->number(), F_GETFL) | O_NONBLOCK);
  return child;
}

}  // namespace holdfast
