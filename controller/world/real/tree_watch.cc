#include "controller/world/real/tree_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/descriptor.h"
#include "controller/world/real/errno_status.h"
#include "controller/world/real/within.h"

namespace holdfast {
namespace asio = boost::asio;
namespace {

constexpr uint32_t kNames = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
constexpr uint32_t kInTree = kNames | IN_ATTRIB | IN_CLOSE_WRITE | IN_MODIFY | IN_DELETE_SELF | IN_MOVE_SELF;

absl::Duration SteadyNow() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return absl::DurationFromTimespec(now);
}

bool IsSymlink(const std::string& path) {
  struct stat facts{};
  return ::lstat(path.c_str(), &facts) == 0 && S_ISLNK(facts.st_mode);
}

}  // namespace

Result<std::unique_ptr<TreeWatch>> TreeWatch::Make(asio::any_io_executor executor, std::string root) {
  while (root.size() > 1 && root.back() == '/') root.pop_back();
  if (root.empty()) return InvalidArgument("no directory to watch");
  std::unique_ptr<TreeWatch> watch(new TreeWatch(std::move(executor), std::move(root)));
  HF_TRY(watch->Arm());
  return watch;
}

// Everything from the start with a fresh inotify instance: old watches and their queued events vanish with
// the old one.
Status TreeWatch::Arm() {
  armed_ = false;
  ++generation_;
  places_.clear();
  Descriptor fresh(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!fresh.open()) return FromErrno(errno, Subject::kFile, Cat("watching ", root_));
  boost::system::error_code ignored;
  descriptor_.close(ignored);
  descriptor_.assign(fresh.Release());
  HF_TRY(AddAncestors());
  HF_TRY(AddTree(AT_FDCWD, root_, root_, 0));
  armed_ = true;
  return {};
}

Status TreeWatch::Add(const std::string& kernel_path, uint32_t mask, int* number) {
  *number = ::inotify_add_watch(descriptor_.native_handle(), kernel_path.c_str(), mask | IN_MASK_ADD);
  if (*number >= 0) return {};
  if (errno == ENOSPC)
    return Local(
        Cat("watching ", root_, ": the kernel grants no more watches: raise fs.inotify.max_user_watches"));
  if (errno == ENOENT || errno == EACCES || errno == ENOTDIR || errno == ELOOP)
    return {};  // not there, or not ours to see
  return FromErrno(errno, Subject::kFile, Cat("watching ", root_));
}

Status TreeWatch::AddAncestors() {
  std::error_code error;
  const std::filesystem::path whole = std::filesystem::absolute(root_, error).lexically_normal();
  std::filesystem::path prefix = "/";
  for (const std::filesystem::path& part : whole.relative_path()) {
    if (part.empty()) continue;
    int number = -1;
    HF_TRY(Add(prefix.string(), kNames | IN_ONLYDIR, &number));
    if (number >= 0) places_[number].awaited.insert(part.string());
    prefix /= part;
  }
  return {};
}

// The watch is set before the directory is listed, so that nothing falls between. What is found is reported,
// except while arming, when the caller is told to look at everything anyway.
Status TreeWatch::AddTree(int parent, const std::string& name, const std::string& path, int depth) {
  if (depth > kDeepest) return {};
  const int follow = depth == 0 && parent == AT_FDCWD && path == root_ ? 0 : O_NOFOLLOW;
  Descriptor directory(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | follow));
  if (!directory.open()) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) return FromErrno(errno, Subject::kFile, path);
    return {};  // gone already, or not readable for us
  }
  int number = -1;
  HF_TRY(Add(Cat("/proc/self/fd/", directory.number()), kInTree, &number));
  if (number < 0) return {};
  places_[number].path = path;
  const int listing_number = ::dup(directory.number());
  if (listing_number < 0) return FromErrno(errno, Subject::kFile, path);
  const std::unique_ptr<DIR, int (*)(DIR*)> listing(::fdopendir(listing_number), ::closedir);
  if (listing == nullptr) return FromErrno(errno, Subject::kFile, path);
  while (const dirent* entry = ::readdir(listing.get())) {
    const std::string child = entry->d_name;
    if (child == "." || child == "..") continue;
    const std::string child_path = Cat(path, "/", child);
    if (armed_) changed_.insert(child_path);
    // Some file systems do not tell the type: opening as a directory tells.
    if (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN)
      HF_TRY(AddTree(directory.number(), child, child_path, depth + 1));
  }
  return {};
}

void TreeWatch::Forget(const std::string& path) {
  const std::string below = Cat(path, "/");
  for (auto place = places_.begin(); place != places_.end();) {
    const std::string& known = place->second.path;
    if (known != path && !known.starts_with(below)) {
      ++place;
      continue;
    }
    if (place->second.awaited.empty()) {
      ::inotify_rm_watch(descriptor_.native_handle(),
                         place->first);  // fails when the directory is gone: the same
      place = places_.erase(place);
    } else {
      place->second.path.clear();
      ++place;
    }
  }
}

void TreeWatch::LookAtEverything() {
  everything_ = true;
  changed_.clear();
  unfinished_.clear();
}

Status TreeWatch::TakeDirectory(const inotify_event& event, const std::string& path) {
  if ((event.mask & (IN_DELETE | IN_MOVED_FROM)) != 0) Forget(path);
  changed_.insert(path);
  if ((event.mask & (IN_CREATE | IN_MOVED_TO | IN_ATTRIB)) != 0) {  // made readable for us, perhaps
    // Through the whole path again: its parent may be gone, and then it is not found.
    return AddTree(AT_FDCWD, path, path, 1);
  }
  return {};
}

void TreeWatch::TakeFile(const inotify_event& event, const std::string& path) {
  if ((event.mask & (IN_CREATE | IN_MOVED_TO)) != 0 && IsSymlink(path)) {
    LookAtEverything();
  } else if ((event.mask & (IN_CREATE | IN_MODIFY)) != 0) {
    unfinished_.try_emplace(path, SteadyNow() + kUnfinished);
  } else {
    if ((event.mask & IN_ATTRIB) == 0) unfinished_.erase(path);
    changed_.insert(path);
  }
}

Status TreeWatch::Take(const inotify_event& event) {
  if ((event.mask & IN_Q_OVERFLOW) != 0) {
    LookAtEverything();
    return Arm();
  }
  const auto found = places_.find(event.wd);
  if (found == places_.end()) return {};
  const Place place = found->second;
  if ((event.mask & IN_IGNORED) != 0) places_.erase(found);
  const std::string name = event.len > 0 ? std::string(event.name) : std::string();
  const bool way_changed = (event.mask & kNames) != 0 && place.awaited.contains(name);
  const bool root_gone =
      place.path == root_ && (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT)) != 0;
  if (way_changed || root_gone) {
    LookAtEverything();
    return Arm();
  }
  if (place.path.empty() || name.empty()) return {};
  const std::string path = Cat(place.path, "/", name);
  if ((event.mask & IN_ISDIR) != 0) return TakeDirectory(event, path);
  TakeFile(event, path);
  return {};
}

Status TreeWatch::Drain() {
  alignas(inotify_event) char buffer[64 << 10];
  for (;;) {
    const int source = descriptor_.native_handle();
    const ssize_t got = ::read(source, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return {};
    if (got <= 0) return FromErrno(errno, Subject::kFile, Cat("watching ", root_));
    for (ssize_t at = 0; at < got;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      const uint64_t generation = generation_;
      HF_TRY(Take(*event));
      if (generation != generation_) break;  // armed anew: the rest of these belongs to watches that are gone
    }
    if (changed_.size() + unfinished_.size() > kMostChanges) LookAtEverything();
  }
}

void TreeWatch::RipenUnfinished(absl::Duration now) {
  for (auto entry = unfinished_.begin(); entry != unfinished_.end();) {
    if (entry->second > now) {
      ++entry;
      continue;
    }
    changed_.insert(entry->first);
    entry = unfinished_.erase(entry);
  }
}

bool TreeWatch::HasReport() const {
  return everything_ || std::any_of(changed_.begin(), changed_.end(),
                                    [&](const std::string& path) { return !unfinished_.contains(path); });
}

std::vector<std::string> TreeWatch::Collect() {
  std::vector<std::string> out;
  if (std::exchange(everything_, false)) {
    changed_.clear();
    return out;
  }
  for (auto path = changed_.begin(); path != changed_.end();) {
    if (unfinished_.contains(*path)) {
      ++path;
      continue;
    }
    out.push_back(*path);
    path = changed_.erase(path);
  }
  return out;
}

Task<int> TreeWatch::Readable() {
  co_await descriptor_.async_wait(asio::posix::stream_descriptor::wait_read,
                                  asio::as_tuple(asio::use_awaitable));
  co_return 0;
}

Task<Result<std::vector<std::string>>> TreeWatch::Next() {
  for (bool gathered = false;;) {
    if (!armed_) {
      HF_CO_TRY(Arm());
      LookAtEverything();
    }
    HF_CO_TRY(Drain());
    RipenUnfinished(SteadyNow());
    if (HasReport() && gathered) co_return Collect();
    if (HasReport()) {
      asio::steady_timer timer(descriptor_.get_executor(), TimerDuration(kGather));
      co_await timer.async_wait(asio::use_awaitable);
      gathered = true;
      continue;
    }
    gathered = false;
    absl::Duration wait = absl::InfiniteDuration();
    for (const auto& [path, ripe] : unfinished_) wait = std::min(wait, ripe - SteadyNow());
    co_await Within(Readable(), wait);
  }
}

}  // namespace holdfast
