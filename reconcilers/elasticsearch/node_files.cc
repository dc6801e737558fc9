#include "reconcilers/elasticsearch/node_files.h"

#include <absl/strings/numbers.h>

#include <algorithm>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "reconcilers/elasticsearch/actions.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kFileAsk = "file ";
constexpr std::string_view kTemplateAsk = "template ";
constexpr std::string_view kBeside = ".holdfast-";
constexpr size_t kShortDigits = 8;
constexpr size_t kDigestDigits = 64;

std::string TextAt(const json::object& object, std::string_view key) {
  const json::value* found = object.if_contains(JsonView(key));
  return found != nullptr && found->is_string() ? std::string(Chars(found->get_string())) : std::string();
}

std::string DirectoryOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  return std::string(slash == 0 || slash == path.npos ? "/" : path.substr(0, slash));
}
std::string_view NameOf(std::string_view path) { return path.substr(path.rfind('/') + 1); }

// What sha256sum prints about one file.
std::string SumLine(std::string_view sha256, std::string_view path) { return Cat(sha256, "  ", path); }

Command WithOwnProgram(const NodeControl& control, const NodeIdentity& node, const specs::Argv& program,
                       const std::string& path) {
  std::vector<std::string> argv;
  for (const std::string& word : program.words)
    argv.push_back(word == "{path}" ? path : Expanded(word, node));
  return OnHost(control, node, std::move(argv));
}

Command OnlyIfHolds(Command command, const NodeControl& control, std::string_view sha256,
                    const std::string& path) {
  command.only_if = OnlyIf{Spoken(control, {"sha256sum", "--", path}), SumLine(sha256, path)};
  return command;
}

bool IsDigest(std::string_view text) {
  return text.size() == kDigestDigits && text.find_first_not_of("0123456789abcdef") == text.npos;
}

void Take(std::string_view path, NodeFile* file, auto&& take_itself, auto&& take_beside) {
  if (path == file->path) {
    take_itself();
  } else if (path.starts_with(file->path) && path.substr(file->path.size()).starts_with(kBeside) &&
             file->beside.size() < kMostBeside) {
    take_beside(std::string(path.substr(file->path.size() + kBeside.size())));
  }
}

}  // namespace

std::string AskFile(const FileAsk& ask) {
  json::array beside;
  for (const std::string& digest : ask.beside) beside.emplace_back(JsonView(digest));
  return Cat(kFileAsk, Compact(json::object{{"name", JsonView(ask.node.name)},
                                            {"id", JsonView(ask.node.id)},
                                            {"ip", JsonView(ask.node.ip)},
                                            {"host", JsonView(ask.node.host)},
                                            {"path", JsonView(ask.path)},
                                            {"beside", std::move(beside)}}));
}

std::optional<FileAsk> ParseFileAsk(std::string_view ask) {
  if (!ask.starts_with(kFileAsk)) return std::nullopt;
  const Result<json::value> parsed = ParseJson(ask.substr(kFileAsk.size()));
  if (!parsed.ok() || !parsed->is_object()) return std::nullopt;
  const json::object& object = parsed->get_object();
  FileAsk out;
  out.node.name = TextAt(object, "name");
  out.node.id = TextAt(object, "id");
  out.node.ip = TextAt(object, "ip");
  out.node.host = TextAt(object, "host");
  out.path = TextAt(object, "path");
  if (const json::value* beside = object.if_contains("beside"); beside != nullptr && beside->is_array())
    for (const json::value& digest : beside->get_array())
      if (digest.is_string()) out.beside.emplace_back(Chars(digest.get_string()));
  return out;
}

std::string AskTemplate(std::string_view path) { return Cat(kTemplateAsk, path); }
std::optional<std::string> ParseTemplateAsk(std::string_view ask) {
  if (!ask.starts_with(kTemplateAsk)) return std::nullopt;
  return std::string(ask.substr(kTemplateAsk.size()));
}

std::string_view ShortDigest(std::string_view sha256) { return sha256.substr(0, kShortDigits); }
std::string BesidePath(std::string_view path, std::string_view sha256) {
  return Cat(path, kBeside, ShortDigest(sha256));
}

bool HasOwnPrograms(const NodeControl& control) { return control.command && !control.command->put.empty(); }

// ── reading ──

Command ListFile(const NodeControl& control, const NodeIdentity& node, const std::string& path) {
  const std::string name(NameOf(path));
  return OnHost(control, node, {"find",      DirectoryOf(path),
                                "-maxdepth", "1",
                                "-type",     "f",
                                "(",         "-name",
                                name,        "-o",
                                "-name",     Cat(name, kBeside, "*"),
                                ")",         "-printf",
                                "%C@ %p\\n", "-exec",
                                "sha256sum", "--",
                                "{}",        "+"});
}

// "1790000000.1234567890 /etc/x" of find and "DIGEST  /etc/x" of sha256sum, in any order.
Status ReadListing(std::string_view output, NodeFile* file) {
  file->is = NodeFile::Is::kMissing;
  for (const std::string& line : Split(output, '\n')) {
    const size_t blank = line.find(' ');
    if (line.empty()) continue;
    if (blank == line.npos) return Unavailable(Cat("find said: ", Excerpt(line, 120)));
    const std::string word = line.substr(0, blank);
    const std::string path(Trim(std::string_view(line).substr(blank + 1)));
    double seconds = 0;
    if (IsDigest(word)) {
      Take(
          path, file, [&] { file->sha256 = word, file->is = NodeFile::Is::kThere; },
          [&](std::string digest) { file->beside[std::move(digest)].sha256 = word; });
    } else if (absl::SimpleAtod(word, &seconds)) {
      Take(
          path, file, [&] { file->changed = absl::UnixEpoch() + absl::Seconds(seconds); },
          [&](std::string) {});
    } else {
      return Unavailable(Cat("find said: ", Excerpt(line, 120)));
    }
  }
  const bool half = file->is == NodeFile::Is::kMissing && file->changed != absl::InfinitePast();
  return half ? Unavailable("it was found and could not be read") : Status();
}

Command GetFile(const NodeControl& control, const NodeIdentity& node, const std::string& path) {
  return WithOwnProgram(control, node, control.command->get, path);
}

// ── changing ──

Action KeepFile(const NodeControl& control, const NodeIdentity& node, const NodeFile& file) {
  const std::string kept = BesidePath(file.path, file.sha256);
  if (HasOwnPrograms(control)) {
    Command put = WithOwnProgram(control, node, control.command->put, kept);
    put.input = file.text;
    return put;
  }
  return OnlyIfHolds(OnHost(control, node, {"cp", "--preserve=all", "--", file.path, kept}), control,
                     file.sha256, file.path);
}

Action MakeBeside(const NodeControl& control, const NodeIdentity& node, const std::string& path,
                  std::string_view sha256) {
  return OnHost(control, node,
                {"cp", "--preserve=all", "--attributes-only", "--", path, BesidePath(path, sha256)});
}

Action FillBeside(const NodeControl& control, const NodeIdentity& node, const std::string& path,
                  std::string_view sha256, const std::string& text) {
  Command fill =
      OnHost(control, node, {"dd", Cat("of=", BesidePath(path, sha256)), "conv=fsync", "status=none"});
  fill.input = text;
  return fill;
}

Action PutInPlace(const NodeControl& control, const NodeIdentity& node, const std::string& path,
                  std::string_view sha256, const std::string& text) {
  if (HasOwnPrograms(control)) {
    Command put = WithOwnProgram(control, node, control.command->put, path);
    put.input = text;
    return put;
  }
  const std::string copy = BesidePath(path, sha256);
  return OnlyIfHolds(OnHost(control, node, {"mv", "--force", "--no-target-directory", "--", copy, path}),
                     control, sha256, copy);
}

}  // namespace holdfast::elasticsearch
