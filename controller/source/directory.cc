#include "controller/source/directory.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {
namespace {

std::string WithoutTrailingSlash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool IsSpecName(std::string_view name) {
  return !name.starts_with('.') && (name.ends_with(".yaml") || name.ends_with(".yml"));
}

// Whether it is such a directory, or lies in one.
bool IsOfTemplates(std::string_view below_root) {
  return Cat("/", below_root, "/").find(Cat("/", Directory::kTemplates, "/")) != std::string::npos;
}

bool HasHiddenPart(std::string_view below_root) {
  return below_root.starts_with('.') || below_root.find("/.") != std::string_view::npos;
}

}  // namespace

Directory::Directory(Files& files, std::string root)
    : files_(files), root_(WithoutTrailingSlash(std::move(root))) {}

bool Directory::IsInside(std::string_view path) const {
  return path.size() > root_.size() && path.starts_with(root_) && path[root_.size()] == '/';
}

std::string Directory::revision() const { return Cat("files@sha256:", Hex(mixed_).substr(0, 12)); }

// The revision is the exclusive-or of one digest per file, so that one changed file costs one digest.
void Directory::Mix(const std::string& path, const Sha256Bytes& digest) {
  const Sha256Bytes whole = Sha256(Canonical().Add(path).Add(Hex(digest)).bytes());
  for (size_t i = 0; i < whole.size(); ++i) mixed_[i] ^= whole[i];
}

void Directory::Leave(const std::string& path, Reading& reading) {
  const auto known = known_.find(path);
  if (known == known_.end()) return;
  Mix(path, known->second.digest);
  known_.erase(known);
  reading.gone.push_back(path);
}

void Directory::Take(const FileInfo& info, Reading& reading, std::vector<std::string>& seen) {
  FileRead file{.path = info.path};
  FileInfo real = info;
  seen.push_back(info.path);
  if (info.kind == FileInfo::Kind::kSymlink) {
    if (info.target.empty())
      file.error = NotFound("a symbolic link that leads nowhere");
    else if (!IsInside(info.target))
      file.error = FailedPrecondition(Cat("a symbolic link out of the tree, to ", info.target));
    else if (auto target = files_.Stat(info.target); !target.ok())
      file.error = target.status();
    else
      real = *target;
    if (file.error.ok() && real.kind == FileInfo::Kind::kDirectory) return;
    real.path = info.path;
  }
  if (file.error.ok() && real.kind != FileInfo::Kind::kFile)
    file.error = FailedPrecondition("not a regular file");
  const auto known = known_.find(info.path);
  const bool untouched = known != known_.end() && file.error.ok() && known->second.inode == real.inode &&
                         known->second.size == real.size && known->second.changed_ns == real.changed_ns;
  if (untouched) return;
  if (known == known_.end() && known_.size() >= kMostFiles) {
    reading.unlisted.push_back(Cat(info.path, ": more than ", kMostFiles, " files"));
    return;
  }
  if (file.error.ok()) {
    Result<std::string> bytes = files_.Read(info.path, kMostFileBytes);
    if (!bytes.ok() && bytes.status().code() == Code::kNotFound) return Leave(info.path, reading);
    if (!bytes.ok())
      file.error = bytes.status();
    else
      file.bytes = *std::move(bytes);
  }
  const Sha256Bytes digest = Sha256(file.error.ok() ? file.bytes : file.error.message());
  if (known != known_.end()) {
    Mix(info.path, known->second.digest);
    const bool same = known->second.digest == digest;
    known->second = {real.inode, real.size, real.changed_ns, digest};
    Mix(info.path, digest);
    if (same) return;
  } else {
    known_[info.path] = {real.inode, real.size, real.changed_ns, digest};
    Mix(info.path, digest);
  }
  reading.read.push_back(std::move(file));
}

Status Directory::Walk(const std::string& directory, size_t depth, Reading& reading,
                       std::vector<std::string>& seen) {
  const auto unlisted = [&](const std::string& why) {
    reading.unlisted.push_back(Cat(directory, ": ", why));
    // What cannot be listed is not gone.
    for (auto known = known_.lower_bound(directory + "/");
         known != known_.end() && known->first.starts_with(directory + "/"); ++known)
      seen.push_back(known->first);
  };
  if (depth > kMostDepth) {
    unlisted(Cat("more than ", kMostDepth, " directories deep"));
    return {};
  }
  auto listed = files_.List(directory);
  if (!listed.ok()) {
    if (depth == 0) return listed.status();
    if (listed.status().code() != Code::kNotFound) unlisted(listed.status().message());
    return {};
  }
  for (const FileInfo& info : *listed) {
    if (NameOf(info.path).starts_with('.') || NameOf(info.path) == kTemplates) continue;
    if (info.kind == FileInfo::Kind::kDirectory) {
      HF_TRY(Walk(info.path, depth + 1, reading, seen));
    } else if (IsSpecName(NameOf(info.path))) {
      Take(info, reading, seen);
    }
  }
  return {};
}

Result<Reading> Directory::Look() {
  const FileInfo root = HF_TRY(files_.Stat(root_));
  Reading reading;
  std::vector<std::string> seen;
  if (root.kind == FileInfo::Kind::kFile)
    Take(root, reading, seen);
  else
    HF_TRY(Walk(root_, 0, reading, seen));
  std::sort(seen.begin(), seen.end());
  std::vector<std::string> gone;
  for (const auto& [path, known] : known_)
    if (!std::binary_search(seen.begin(), seen.end(), path)) gone.push_back(path);
  for (const std::string& path : gone) Leave(path, reading);
  return reading;
}

Result<Reading> Directory::LookAt(const std::vector<std::string>& paths) {
  Reading reading;
  std::set<std::string> unique(paths.begin(), paths.end());
  if (unique.contains(root_)) return Look();
  for (const std::string& path : unique) {
    if (!IsInside(path) || HasHiddenPart(std::string_view(path).substr(root_.size() + 1))) {
      // A hidden directory may be what links lead to (`..data`): only a look at everything tells.
      return Look();
    }
    if (IsOfTemplates(std::string_view(path).substr(root_.size() + 1))) continue;
    auto info = files_.Stat(path);
    std::vector<std::string> seen;
    if (info.ok() && info->kind == FileInfo::Kind::kDirectory) {
      HF_TRY(Walk(path, 1, reading, seen));
      std::sort(seen.begin(), seen.end());
      std::vector<std::string> gone;
      for (auto known = known_.lower_bound(path + "/");
           known != known_.end() && known->first.starts_with(path + "/"); ++known)
        if (!std::binary_search(seen.begin(), seen.end(), known->first)) gone.push_back(known->first);
      for (const std::string& left : gone) Leave(left, reading);
    } else if (info.ok() && IsSpecName(NameOf(path))) {
      Take(*info, reading, seen);
    } else if (!info.ok() && info.status().code() == Code::kNotFound) {
      Leave(path, reading);
      std::vector<std::string> below;
      for (auto known = known_.lower_bound(path + "/");
           known != known_.end() && known->first.starts_with(path + "/"); ++known)
        below.push_back(known->first);
      for (const std::string& left : below) Leave(left, reading);
    } else if (!info.ok()) {
      reading.unlisted.push_back(Cat(path, ": ", info.status().message()));
    }
  }
  return reading;
}

}  // namespace holdfast
