// What a change of configuration wants of a node's files, and how far each of them is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/elasticsearch/decide.h"
#include "reconcilers/elasticsearch/obligations.h"
#include "reconcilers/elasticsearch/picture.h"

namespace holdfast::elasticsearch {

// One file of one node as it is to be, beside what was seen of it.
struct WantedFile {
  std::string path;
  std::string from;  // as the Operation writes it
  std::string sha256, text;
  std::string trouble;             // why nobody can tell what it is to hold; "" = it is known
  const NodeFile* seen = nullptr;  // nullptr = it was not looked at yet

  bool IsThere() const { return seen != nullptr && seen->is == NodeFile::Is::kThere; }
  bool IsInPlace() const { return trouble.empty() && IsThere() && seen->sha256 == sha256; }
  bool IsKept() const { return IsThere() && Lies(seen->sha256); }  // as it is now, it lies beside itself too
  bool IsLaid() const { return trouble.empty() && IsThere() && Lies(sha256); }
  bool Lies(std::string_view digest) const;
};
std::vector<WantedFile> WantedFiles(const Picture& p, const Operation& operation, const NodeIdentity& node);
void AskAboutFiles(const Picture& p, const Operation& operation, const NodeIdentity& node, Draft& draft);

// "templates/es.yml changed (sha256 1a2b3c4d… -> 5e6f7a8b…)" of what the node has and is to have; "" = it has
// what it is to have, or nobody can tell.
std::string ChangeText(const std::vector<WantedFile>& files);
void ExplainChange(const NodeIdentity& node, const std::vector<WantedFile>& files, Draft& draft);

// The files are in place since before the node started.
Verdict RunsWith(const Picture& p, const std::vector<WantedFile>& files, const Node& node);
// All that can be done while it runs was done: what is there is kept, what is to come lies beside it.
Guard FilesAreReady(const Picture& p, const std::vector<WantedFile>& files);

// ── what is put aside ──
struct FileAside {
  const Obligation* obligation = nullptr;
  NodeIdentity node;
  std::string path;
  std::string before;  // digest
};
std::vector<FileAside> FilesAside(const Picture& p, std::string_view node_name);  // "" = of all nodes
// What takes back each file that is to be changed; for the notes of the request that comes before the stop.
std::vector<Lease> FileLeases(const Picture& p, const NodeIdentity& node,
                              const std::vector<WantedFile>& files, const std::string& why);

// ── steps ──
// Lays the new files beside the old ones, and these beside themselves.
void LayFiles(const Picture& p, const NodeIdentity& node, const std::vector<WantedFile>& files,
              const std::string& operation, const std::string& why, const std::vector<Guard>& guards,
              Draft& draft);
std::vector<Step> ChangeSteps(const Picture& p, const NodeIdentity& node,
                              const std::vector<WantedFile>& files, const std::string& why);
// What is to be done with the files of a node that is down, before it is started. Nothing must keep it down
// for long: a file that cannot be changed is given up.
enum class Due : uint8_t { kNothing, kSomething };
Due FilesBeforeStart(const Picture& p, const Roll& roll, const NodeIdentity& node, const Obligation& stopped,
                     Draft& draft);
// It was given its old files back since it was stopped.
bool WasPutBack(const Picture& p, const NodeIdentity& node);

// ── how it ends ──
// Why an Operation is at its end: a node was given its old files back, or could not be given the new ones. ""
// = it is not, or what was rejected is not wanted any more.
std::string RejectedBy(const Picture& p, const OperationIn<Operation>& operation, absl::Time begun);
void ExplainRejections(const Picture& p, Draft& draft);
// The name in "Operation/NAME changes it".
std::string_view OperationOf(std::string_view why);

}  // namespace holdfast::elasticsearch
