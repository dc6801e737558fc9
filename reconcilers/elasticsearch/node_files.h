// The files of a node's configuration: how they are read and changed where the node is.
//
// Beside a file lie copies that are named after what they hold: PATH.holdfast-1a2b3c4d. What is to come is
// laid there before the node stops, and takes the file's place in one rename while it is down; what was there
// stays there.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "controller/plan/action.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "reconcilers/elasticsearch/spec.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

inline constexpr size_t kMostConfigBytes = 64 << 10;  // of one file: it stands in plans and in the journal
inline constexpr size_t kMostBeside = 1000;           // copies beside one file

// What is asked about one file; the node need not be in the cluster.
struct FileAsk {
  NodeIdentity node;
  std::string path;
  std::vector<std::string> beside;  // digests of copies that are asked for; a listing tells of all
};
std::string AskFile(const FileAsk& ask);  // for Plan::ask
std::optional<FileAsk> ParseFileAsk(std::string_view ask);
std::string AskTemplate(std::string_view path);
std::optional<std::string> ParseTemplateAsk(std::string_view ask);

// "1a2b3c4d": how a copy is named after the whole digest of what it holds.
std::string_view ShortDigest(std::string_view sha256);
std::string BesidePath(std::string_view path, std::string_view sha256);

// Files come and go by programs of the spec's own; else by find, cp, dd and mv of the host.
bool HasOwnPrograms(const NodeControl& control);

// ── reading ──
// Tells the file with all copies beside it.
Command ListFile(const NodeControl& control, const NodeIdentity& node, const std::string& path);
// What it printed, into `file`, of which node and path are told.
Status ReadListing(std::string_view output, NodeFile* file);
// Prints one file: of own programs.
Command GetFile(const NodeControl& control, const NodeIdentity& node, const std::string& path);

// ── changing; none of them touches the file itself but the last ──
// The file as it is, laid beside it under its own digest. With own programs its text is needed.
Action KeepFile(const NodeControl& control, const NodeIdentity& node, const NodeFile& file);
// An empty file beside it with the same owner and mode, and then its text. Own programs need neither.
Action MakeBeside(const NodeControl& control, const NodeIdentity& node, const std::string& path,
                  std::string_view sha256);
Action FillBeside(const NodeControl& control, const NodeIdentity& node, const std::string& path,
                  std::string_view sha256, const std::string& text);
// The copy of that digest takes the file's place, whole or not at all. With own programs `text` is what it
// holds.
Action PutInPlace(const NodeControl& control, const NodeIdentity& node, const std::string& path,
                  std::string_view sha256, const std::string& text);

}  // namespace holdfast::elasticsearch
