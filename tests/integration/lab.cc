#include "tests/integration/lab.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "controller/base/text.h"
#include "controller/world/real/signal_process.h"
#include "reconcilers/clients/control/proc.h"

namespace holdfast::clients {

namespace {

constexpr absl::Duration kGrace = absl::Seconds(5);

// After fork and before exec only what is safe there.
[[noreturn]] void BecomeProgram(const std::vector<char*>& argv, const passwd* user, const char* log,
                                const char* directory) {
  setsid();
  const int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, 0);
  dup2(output, 1);
  dup2(output, 2);
  if (user != nullptr &&
      (setgroups(0, nullptr) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0))
    _exit(126);
  if (chdir(directory) != 0) _exit(126);
  execvp(argv[0], argv.data());
  _exit(127);
}

std::map<pid_t, pid_t> Parents() {
  std::map<pid_t, pid_t> parents;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (const auto stat = ParseProcStat(ReadWhole(entry.path() / "stat")))
      parents[static_cast<pid_t>(stat->pid)] = static_cast<pid_t>(stat->parent);
  }
  return parents;
}

}  // namespace

Lab::Lab() {
  std::string pattern = "/tmp/holdfast-lab-XXXXXX";
  directory_ = mkdtemp(pattern.data()) == nullptr ? "/nonexistent" : pattern;
  chmod(directory_.c_str(), 0755);
}

Lab::~Lab() {
  for (auto pid = started_.rbegin(); pid != started_.rend(); ++pid) Stop(*pid);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string Lab::Write(const std::string& name, const std::string& content, int mode) const {
  const std::string path = Path(name);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << content;
  chmod(path.c_str(), static_cast<mode_t>(mode));
  return path;
}

pid_t Lab::Start(const std::string& name, const std::vector<std::string>& argv, const std::string& user) {
  std::vector<char*> words;
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  const passwd* as = user.empty() ? nullptr : getpwnam(user.c_str());
  const std::string log = Path(name + ".log");
  const pid_t pid = fork();
  if (pid == 0) BecomeProgram(words, as, log.c_str(), directory_.c_str());
  started_.push_back(pid);
  return pid;
}

int Lab::Run(const std::vector<std::string>& argv, const std::string& user) {
  const pid_t pid = Start("run", argv, user);
  started_.pop_back();
  int status = 0;
  if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

void Lab::Stop(pid_t pid) {
  const std::vector<pid_t> family = Family(pid);
  const auto is_gone = [&] {
    while (waitpid(pid, nullptr, WNOHANG) > 0) {
    }
    return std::ranges::none_of(family, IsAlive);
  };
  for (const pid_t one : family) kill(one, SIGCONT);
  if (!family.empty()) kill(pid, SIGTERM);
  if (!WaitUntil(is_gone, kGrace))
    for (const pid_t one : family) kill(one, SIGKILL);
  WaitUntil(is_gone, kGrace);
  std::erase(started_, pid);
}

std::string Lab::Log(const std::string& name) const { return ReadWhole(Path(name + ".log")); }

bool HasProgram(const std::string& program) {
  if (program.starts_with('/')) return access(program.c_str(), X_OK) == 0;
  for (const char* directory : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"})
    if (access((directory + program).c_str(), X_OK) == 0) return true;
  return false;
}

uint16_t FreePort() {
  const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  bind(descriptor, reinterpret_cast<sockaddr*>(&address), length);
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length);
  close(descriptor);
  return ntohs(address.sin_port);
}

bool WaitUntil(const std::function<bool()>& is_so, absl::Duration longest) {
  constexpr absl::Duration kBetween = absl::Milliseconds(50);
  for (absl::Duration passed; passed < longest; passed += kBetween) {
    if (is_so()) return true;
    usleep(static_cast<useconds_t>(absl::ToInt64Microseconds(kBetween)));
  }
  return is_so();
}

std::string ReadWhole(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

std::vector<pid_t> Family(pid_t pid) {
  const std::map<pid_t, pid_t> parents = Parents();
  std::vector<pid_t> family;
  if (parents.contains(pid)) family.push_back(pid);
  for (size_t i = 0; i < family.size(); ++i)
    for (const auto& [child, parent] : parents)
      if (parent == family[i]) family.push_back(child);
  return family;
}

bool IsAlive(pid_t pid) {
  const auto stat = ParseProcStat(ReadWhole(Cat("/proc/", pid, "/stat")));
  return stat && stat->state != 'Z';
}

RealRig::RealRig(const std::string& home)
    : real(loop.get_executor(), home),
      world{real.clock, real.random, real.http, real.net, real.commands, real.files, real.pool, vitals},
      clients(world),
      doors(world, clients) {
  clients.settings.file_mode = [](const std::string& path) -> Result<int> {
    struct stat facts{};
    if (stat(path.c_str(), &facts) != 0) return NotFound(path);
    return static_cast<int>(facts.st_mode & 0777);
  };
  clients.settings.signal_process = [](int64_t pid, const std::string& incarnation, int number) {
    return SignalProcess(static_cast<pid_t>(pid), incarnation, number);
  };
}

ProbeAnswer RealRig::AskUntil(const Probe& probe, ProbeAnswer::Level level, absl::Duration longest) {
  ProbeAnswer answer;
  WaitUntil([&] { return (answer = Ask(probe)).level == level; }, longest);
  return answer;
}

}  // namespace holdfast::clients
