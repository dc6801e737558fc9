#include "reconcilers/elasticsearch/observe_files.h"

#include <algorithm>
#include <map>
#include <utility>

#include "controller/base/sha256.h"
#include "controller/base/text.h"
#include "controller/base/together.h"
#include "reconcilers/clients/clients.h"
#include "reconcilers/elasticsearch/node_files.h"

namespace holdfast::elasticsearch {
namespace {

constexpr size_t kMostListingBytes = 256 << 10;
constexpr size_t kMostRemembered = 100'000;

struct FileMemory {
  FileMemory(World&, Waker&) {}
  std::map<std::string, NodeFile> last;  // by the command that reads it
};

CommandLine LineOf(const Command& command) {
  CommandLine line;
  for (const Text& word : command.argv) line.argv.push_back(Printed(word));
  line.environment = {{"LC_ALL", "C"}};
  return line;
}

std::string Words(const Exit& exit) {
  return Excerpt(Trim(Trim(exit.errors).empty() ? exit.output : exit.errors), 160);
}

Task<void> List(clients::Clients* clients, Command command, std::shared_ptr<FilesSeen> seen, size_t at) {
  NodeFile& file = seen->files[at];
  const Result<Exit> ran =
      co_await clients->ssh.Run(command.where, LineOf(command), {kFileDeadline, kMostListingBytes});
  if (!ran.ok()) {
    file.why = ran.status().message();
  } else if (ran->code != 0 || ran->signal != 0) {
    file.why = Words(*ran);
  } else if (ran->truncated) {
    file.why = "too many copies lie beside it: take old ones away";
  } else if (const Status read = ReadListing(ran->output, &file); !read.ok()) {
    file.is = NodeFile::Is::kUnknown;
    file.why = read.message();
  }
}

// One file by the spec's own program, with the copies that were asked for and the one of itself.
Task<void> Get(clients::Clients* clients, NodeControl control, FileAsk ask, std::shared_ptr<FilesSeen> seen,
               size_t at) {
  NodeFile& file = seen->files[at];
  const Command get = GetFile(control, ask.node, ask.path);
  const Result<Exit> ran =
      co_await clients->ssh.Run(get.where, LineOf(get), {kFileDeadline, kMostConfigBytes});
  if (!ran.ok() || ran->code != 0 || ran->signal != 0) {
    file.why = ran.ok() ? Words(*ran) : ran.status().message();
    co_return;
  }
  if (ran->truncated) {
    file.why = Cat("it is longer than ", kMostConfigBytes, " bytes");
    co_return;
  }
  file.is = NodeFile::Is::kThere;
  file.text = ran->output;
  file.sha256 = Sha256Hex(file.text);
  ask.beside.push_back(file.sha256);
  for (const std::string& digest : ask.beside) {
    const Command copy = GetFile(control, ask.node, BesidePath(ask.path, digest));
    const Result<Exit> found =
        co_await clients->ssh.Run(copy.where, LineOf(copy), {kFileDeadline, kMostConfigBytes});
    if (found.ok() && found->code == 0 && found->signal == 0 && !found->truncated)
      file.beside[std::string(ShortDigest(digest))] = {Sha256Hex(found->output), found->output};
  }
}

Template ReadTemplate(Files& files, std::string path) {
  Template out{.path = std::move(path)};
  Result<std::string> text = files.Read(out.path, kMostConfigBytes);
  if (!text.ok()) {
    out.why = text.status().message();
  } else if (!IsValidUtf8(*text) || text->find('\0') != text->npos) {
    out.why = "it is not a text";
  } else if (Trim(*text).empty()) {
    out.why = "it is empty";
  } else {
    out.text = *std::move(text);
    out.sha256 = Sha256Hex(out.text);
  }
  return out;
}

}  // namespace

Task<FilesSeen> LookAtFiles(Systems& systems, std::shared_ptr<const Spec> spec, Look look) {
  auto& clients = systems.Use<clients::Clients>();
  auto& memory = systems.Use<FileMemory>().last;
  auto seen = std::make_shared<FilesSeen>();
  std::vector<std::pair<size_t, std::string>> fresh;  // of seen->files, with the key it is kept by
  std::vector<FileAsk> asks;
  const absl::Time now = systems.world().clock.Now();
  for (const std::string& one : look.ask) {
    if (const auto path = ParseTemplateAsk(one))
      seen->templates.push_back(ReadTemplate(systems.world().files, *path));
    std::optional<FileAsk> ask = ParseFileAsk(one);
    if (!ask || !spec->disruption.control || seen->files.size() >= kMostFiles) continue;
    const std::string key = Cat(look.self.Text(), " ", one);
    const auto kept = memory.find(key);
    const bool touched = std::ranges::count(look.touched, ask->node.name) > 0;
    if (kept != memory.end() && !touched && now - kept->second.at < kFilesKept) {
      seen->files.push_back(kept->second);
      continue;
    }
    fresh.emplace_back(seen->files.size(), key);
    seen->files.push_back({.node = ask->node.name, .path = ask->path, .at = now});
    asks.push_back(*std::move(ask));
  }
  std::vector<Task<void>> pieces;
  for (size_t i = 0; i < fresh.size(); ++i) {
    const NodeControl& control = *spec->disruption.control;
    pieces.push_back(HasOwnPrograms(control) ? Get(&clients, control, asks[i], seen, fresh[i].first)
                                             : List(&clients, ListFile(control, asks[i].node, asks[i].path),
                                                    seen, fresh[i].first));
  }
  co_await Together(std::move(pieces));
  if (memory.size() > kMostRemembered) memory.clear();
  for (const auto& [at, key] : fresh) memory[key] = seen->files[at];
  co_return std::move(*seen);
}

}  // namespace holdfast::elasticsearch
