#include "reconcilers/elasticsearch/read_progress.h"

#include <absl/strings/numbers.h>

#include <algorithm>

#include "controller/base/json.h"
#include "controller/base/text.h"

namespace holdfast::elasticsearch {

namespace {

enum SizePlace : int {
  kSizeDocument = JsonReader::kRoot,
  kSizeIndices,
  kSizeIndex,
  kSizeShards,
  kSizeCopies,
  kSizeCopy,
  kSizeStore,
  kSizeBytes,
};

enum RecoveryPlace : int {
  kRecoveryDocument = JsonReader::kRoot,
  kRecoveryIndex,
  kRecoveryShards,
  kRecoveryShard,
  kRecoveryNumber,
  kRecoverySource,
  kRecoveryTarget,
  kRecoveryFrom,
  kRecoveryTo,
  kRecoveryFiles,
  kRecoverySize,
  kRecoveryTotal,
  kRecoveryReused,
  kRecoveryDone,
};

std::string TextOf(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(JsonView(key));
  return value != nullptr && value->is_string() ? std::string(Chars(value->get_string())) : std::string();
}

// Names of the deciders of a list that do not say YES.
std::vector<std::string> Against(const json::object& object, std::string_view key) {
  std::vector<std::string> names;
  const json::value* list = object.if_contains(JsonView(key));
  if (list == nullptr || !list->is_array()) return names;
  for (const json::value& one : list->get_array()) {
    const json::object* decider = one.if_object();
    if (decider == nullptr || TextOf(*decider, "decision") == "YES") continue;
    std::string name = TextOf(*decider, "decider");
    if (!name.empty() && std::ranges::count(names, name) == 0) names.push_back(std::move(name));
  }
  return names;
}

}  // namespace

void SizesReader::Begin() {
  for (Shard& shard : view_.shards) shard.bytes = -1;
  index_ = nullptr;
}

int SizesReader::Key(int place, std::string_view key) {
  switch (place) {
    case kSizeDocument:
      return key == "indices" ? kSizeIndices : kSkip;
    case kSizeIndices:
      index_ = view_.FindIndex(key);
      return index_ == nullptr ? static_cast<int>(kSkip) : kSizeIndex;
    case kSizeIndex:
      return key == "shards" ? kSizeShards : kSkip;
    case kSizeShards:
      return absl::SimpleAtoi({key.data(), key.size()}, &shard_) && shard_ < index_->shard_count
                 ? static_cast<int>(kSizeCopies)
                 : kSkip;
    case kSizeCopy:
      return key == "store" ? kSizeStore : kSkip;
    case kSizeStore:
      return key == "size_in_bytes" ? kSizeBytes : kSkip;
    default:
      return kSkip;
  }
}

int SizesReader::Element(int place) { return place == kSizeCopies ? static_cast<int>(kSizeCopy) : kSkip; }

void SizesReader::Value(int place, const Scalar& value) {
  if (place != kSizeBytes) return;
  int64_t& bytes = view_.shards[index_->first_shard + shard_].bytes;
  bytes = std::max(bytes, value.Integer().value_or(-1));
}

void RecoveriesReader::Begin() { *this = RecoveriesReader(); }

int RecoveriesReader::Key(int place, std::string_view key) {
  switch (place) {
    case kRecoveryDocument:
      index_ = key;
      return kRecoveryIndex;
    case kRecoveryIndex:
      return key == "shards" ? kRecoveryShards : kSkip;
    case kRecoveryShard:
      if (key == "id") return kRecoveryNumber;
      if (key == "source") return kRecoverySource;
      if (key == "target") return kRecoveryTarget;
      return key == "index" ? kRecoveryFiles : kSkip;
    case kRecoverySource:
      return key == "id" ? kRecoveryFrom : kSkip;
    case kRecoveryTarget:
      return key == "id" ? kRecoveryTo : kSkip;
    case kRecoveryFiles:
      return key == "size" ? kRecoverySize : kSkip;
    case kRecoverySize:
      if (key == "total_in_bytes") return kRecoveryTotal;
      if (key == "reused_in_bytes") return kRecoveryReused;
      return key == "recovered_in_bytes" ? kRecoveryDone : kSkip;
    default:
      return kSkip;
  }
}

int RecoveriesReader::Element(int place) {
  return place == kRecoveryShards ? static_cast<int>(kRecoveryShard) : kSkip;
}

void RecoveriesReader::Open(int place) {
  if (place != kRecoveryShard) return;
  recoveries.emplace_back();
  recoveries.back().index = index_;
}

void RecoveriesReader::Value(int place, const Scalar& value) {
  if (place <= kRecoveryShard) return;
  Recovery& recovery = recoveries.back();
  const int64_t number = value.Integer().value_or(0);
  switch (place) {
    case kRecoveryNumber:
      recovery.shard = static_cast<uint32_t>(number);
      break;
    case kRecoveryFrom:
      recovery.from = value.text;
      break;
    case kRecoveryTo:
      recovery.to = value.text;
      break;
    case kRecoveryTotal:
      recovery.bytes_total = number;
      break;
    case kRecoveryReused:  // it need not be moved, so it is done
    case kRecoveryDone:
      recovery.bytes_done += number;
      break;
    default:
      break;
  }
}

std::optional<ExplainAsk> ParseExplain(std::string_view ask) {
  const std::vector<std::string> words = Split(ask, ' ');
  ExplainAsk out;
  if (words.size() != 5 || words[0] != "explain" || (words[3] != "p" && words[3] != "r") ||
      !absl::SimpleAtoi(words[2], &out.shard))
    return std::nullopt;
  out.index = words[1];
  out.primary = words[3] == "p";
  if (words[4] != "-") out.node_id = words[4];
  return out;
}

std::string ExplainBody(const ExplainAsk& ask) {
  json::object body{{"index", JsonView(ask.index)}, {"shard", ask.shard}, {"primary", ask.primary}};
  if (!ask.node_id.empty()) body["current_node"] = JsonView(ask.node_id);
  return Compact(body);
}

std::optional<Explained> ReadExplain(std::string_view body, const ExplainAsk& ask) {
  const Result<json::value> parsed = ParseJson(body);
  const json::object* said = parsed.ok() ? parsed->if_object() : nullptr;
  if (said == nullptr || TextOf(*said, "index") != ask.index) return std::nullopt;
  Explained out{.index = ask.index, .shard = ask.shard, .primary = ask.primary};
  if (const json::value* current = said->if_contains("current_node"); current && current->is_object())
    out.node = TextOf(current->get_object(), "id");
  // Another copy than the one that was meant.
  if (!ask.node_id.empty() && out.node != ask.node_id) return std::nullopt;
  out.can_remain = TextOf(*said, "can_remain_on_current_node");
  out.can_move = TextOf(*said, "can_move_to_other_node");
  if (out.can_move.empty()) out.can_move = TextOf(*said, "can_rebalance_to_other_node");
  out.can_allocate = TextOf(*said, "can_allocate");
  out.remain_deciders = Against(*said, "can_remain_decisions");
  for (const char* words : {"allocate_explanation", "move_explanation", "rebalance_explanation"})
    if (out.words.empty()) out.words = Excerpt(TextOf(*said, words), kMostWords);
  const json::value* nodes = said->if_contains("node_allocation_decisions");
  if (nodes != nullptr && nodes->is_array())
    for (const json::value& one : nodes->get_array())
      if (const json::object* node = one.if_object())
        if (std::vector<std::string> names = Against(*node, "deciders"); !names.empty())
          out.elsewhere[TextOf(*node, "node_id")] = std::move(names);
  return out;
}

}  // namespace holdfast::elasticsearch
