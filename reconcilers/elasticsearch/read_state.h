// What a cluster's state says, as a View.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "controller/base/status.h"
#include "reconcilers/elasticsearch/read_flat.h"
#include "reconcilers/elasticsearch/read_json.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// Reads GET /_cluster/state of every version.
class StateReader : public JsonReader {
 public:
  void Begin() override;
  int Key(int place, std::string_view key) override;
  int Element(int place) override;
  void Open(int place) override;
  void Close(int place) override;
  void Value(int place, const Scalar& value) override;

  // The view, with all that a state says: nodes without versions, no settings. Unavailable when there is no
  // elected master, or when the state contradicts itself: a copy on a node that is not there, an open index
  // without all its shards, a shard without a primary. Call once, after the document.
  Result<View> Take();
  // "" when the document did not tell.
  const std::string& cluster_uuid() const { return view_.cluster_uuid; }

  static constexpr int64_t kMostShards = 100'000;  // of one index

 private:
  enum Place : int;
  struct Entry {  // of the routing table, with interned nodes
    Copy copy;
    uint32_t node = kNoNode, relocating_to = kNoNode;
    uint32_t allocation = 0, allocation_size = 0;  // a span of text_
  };
  struct Group {  // the entries of one shard
    int64_t number = 0;
    size_t first = 0, count = 0;
  };
  struct InSync {
    int64_t number = 0;
    uint32_t allocation = 0, allocation_size = 0;
  };
  struct RawIndex {
    Index index;
    int64_t shard_count = -1;  // as its settings say
    bool in_metadata = false, in_routing = false;
    std::vector<Group> groups;
    std::vector<InSync> in_sync;
  };
  struct SnapshotShard {
    std::string index, state;
    int64_t number = -1;
  };

  int NodeKey(std::string_view key);
  int IndexKey(int place, std::string_view key);
  int CopyKey(int place, std::string_view key);
  void NodeValue(int place, const Scalar& value);
  void CopyValue(int place, const Scalar& value);
  void Setting(std::string_view key, std::string_view value);
  uint32_t Intern(std::string_view node_id);
  RawIndex& IndexNamed(std::string_view name);
  void EndSnapshot();
  Status PlaceNodes(View& view, std::vector<uint32_t>& where);
  Status PlaceIndex(RawIndex& raw, const std::vector<uint32_t>& where, View& view);
  bool IsInSync(const RawIndex& raw, int64_t number, const Entry& entry) const;
  void PlaceSnapshots(View& view);

  View view_;
  std::string master_;
  std::vector<std::string> node_ids_;  // by interned number
  absl::flat_hash_map<std::string, uint32_t> interned_;
  std::vector<Node> nodes_;
  std::vector<uint32_t> node_numbers_;  // of nodes_
  std::string attribute_;
  std::vector<RawIndex> indices_;
  absl::flat_hash_map<std::string, size_t> index_numbers_;
  size_t index_ = 0;  // the one that is being read
  int64_t shard_ = 0;
  FlatKeys flat_;
  std::vector<Entry> entries_;
  std::string text_;  // allocation ids, one behind the other
  std::string excluded_name_, excluded_id_;
  std::string repository_, snapshot_;
  std::vector<SnapshotShard> snapshot_shards_;
  SnapshotShard snapshot_shard_;
  bool has_in_sync_ = false, is_bad_ = false;
};

}  // namespace holdfast::elasticsearch
