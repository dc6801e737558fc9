#include "controller/source/texts_beside.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {
namespace {

// Whether `name` begins and ends as `written` does around its words in braces.
bool Fits(std::string_view name, std::string_view written) {
  const size_t open = written.find('{'), close = written.rfind('}');
  if (open == written.npos || close == written.npos || close < open) return name == written;
  const std::string_view before = written.substr(0, open), after = written.substr(close + 1);
  return name.size() >= before.size() + after.size() && name.starts_with(before) && name.ends_with(after);
}

// What is below `directory` and fits `rest`, part by part.
void Walk(Files& files, const std::string& directory, std::string_view rest, std::vector<std::string>& out) {
  const size_t slash = rest.find('/');
  const std::string_view part = rest.substr(0, slash);
  const bool last = slash == rest.npos;
  if (part.find('{') == part.npos) {
    const std::string path = Cat(directory, part);
    if (last)
      out.push_back(path);
    else
      Walk(files, path + "/", rest.substr(slash + 1), out);
    return;
  }
  const auto listed =
      files.List(directory.size() > 1 ? directory.substr(0, directory.size() - 1) : directory);
  if (!listed.ok()) return;
  for (const FileInfo& info : *listed) {
    if (out.size() >= TextsBeside::kMostTexts) return;
    if (!Fits(std::string_view(info.path).substr(info.path.rfind('/') + 1), part)) continue;
    if (last && info.kind != FileInfo::Kind::kDirectory)
      out.push_back(info.path);
    else if (!last)
      Walk(files, info.path + "/", rest.substr(slash + 1), out);
  }
}

// `found` below the directory in which the first word in braces stands: the same wherever the specs are.
std::string_view Below(std::string_view found, std::string_view path) {
  if (path.find('{') == path.npos) return {};
  const size_t slash = path.rfind('/', path.find('{'));
  return found.substr(slash == path.npos ? std::string_view("./").size() : slash + 1);
}

}  // namespace

std::vector<std::string> TextsBeside::Found(const std::string& path) {
  if (path.find('{') == path.npos) return {path};
  std::vector<std::string> found;
  const size_t slash = path.find('/');
  if (slash == path.npos)
    Walk(files_, "./", path, found);
  else
    Walk(files_, path.substr(0, slash + 1), std::string_view(path).substr(slash + 1), found);
  std::sort(found.begin(), found.end());
  // One that is gone was part of it, and stays so: like any other text that is missing.
  Braces& braces = braces_[path];
  for (const std::string& known : braces.found)
    if (!std::binary_search(found.begin(), found.end(), known)) found.push_back(known);
  std::sort(found.begin(), found.end());
  return braces.found = std::move(found);
}

bool TextsBeside::LookAt(const std::string& path, Text& text, Haste haste) {
  auto info = files_.Stat(path);
  // The link stays as it is when a directory on its way becomes another.
  if (info.ok() && info->kind == FileInfo::Kind::kSymlink) info = files_.Stat(info->target);
  if (!info.ok()) return text.next.reset(), false;
  const bool untouched =
      text.inode == info->inode && text.size == info->size && text.changed_ns == info->changed_ns;
  if (untouched && !text.next) return false;
  const auto bytes = files_.Read(path, kMostTextBytes);
  if (!bytes.ok() || Trim(*bytes).empty()) return text.next.reset(), false;
  text.inode = info->inode, text.size = info->size, text.changed_ns = info->changed_ns;
  const Sha256Bytes digest = Sha256(*bytes);
  const bool settled = haste == Haste::kNow || !text.good || (text.next && *text.next == digest);
  if (text.good && *text.good == digest) return text.next.reset(), false;
  if (!settled) return text.next = digest, false;
  text.good = digest;
  text.next.reset();
  return true;
}

std::optional<std::string> TextsBeside::DigestOf(const std::vector<std::string>& paths) {
  Canonical all;
  for (const std::string& path : paths) {
    const std::vector<std::string> found = Found(path);
    if (found.empty()) return std::nullopt;
    for (const std::string& one : found) {
      Text& text = texts_[one];
      if (!text.good) LookAt(one, text, Haste::kNow);
      if (!text.good) return std::nullopt;
      all.Add(Below(one, path)).Add(Hex(*text.good));
    }
  }
  return Hex(Sha256(all.bytes()));
}

bool TextsBeside::Look(Haste haste) {
  bool changed = false;
  for (auto& [path, text] : texts_) changed = LookAt(path, text, haste) || changed;
  for (const auto& [path, braces] : std::map<std::string, Braces>(braces_)) {
    const size_t before = braces.found.size();
    changed = Found(path).size() != before || changed;
  }
  return changed;
}

}  // namespace holdfast
