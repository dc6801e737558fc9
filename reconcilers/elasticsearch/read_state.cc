#include "reconcilers/elasticsearch/read_state.h"

#include <absl/strings/numbers.h>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/read_words.h"

namespace holdfast::elasticsearch {

enum StateReader::Place : int {
  kDocument = kRoot,
  kClusterName,
  kClusterUuid,
  kStateVersion,
  kStateUuid,
  kMasterNode,
  kBlocks,
  kGlobalBlocks,
  kGlobalBlock,
  kBlockText,
  kNodes,
  kNode,
  kNodeName,
  kNodeEphemeral,
  kNodeAddress,
  kNodeVersion,
  kNodeAttributes,
  kNodeAttribute,
  kNodeRole,
  kMetadata,
  kCoordination,
  kCommitted,
  kExcludedList,
  kExcludedNode,
  kExcludedName,
  kExcludedId,
  kShutdown,
  kShutdownNodes,
  kShutdownRecord,
  kShutdownId,
  kMetaIndices,
  kMetaIndex,
  kIndexState,
  kIndexSettings,
  kInSync,
  kInSyncShard,
  kRouting,
  kRoutingIndices,
  kRoutingIndex,
  kRoutingShards,
  kShardCopies,
  kCopy,
  kCopyState,
  kCopyPrimary,
  kCopyNode,
  kCopyRelocating,
  kCopyAllocation,
  kCopyAllocationId,
  kUnassigned,
  kReason,
  kAt,
  kDelayed,
  kDetails,
  kLastNode,
  kSnapshotCustom,
  kSnapshots,
  kSnapshot,
  kRepository,
  kSnapshotName,
  kSnapshotShards,
  kSnapshotShard,
  kSnapshotIndex,
  kSnapshotIndexName,
  kSnapshotNumber,
  kSnapshotState,
};

namespace {

bool IsKeptSetting(std::string_view key) {
  return key.starts_with("index.routing.") || key.starts_with("index.blocks.") || key == "index.store.type" ||
         key.starts_with("index.number_of_");
}

// "node_left [4BBLdSeq]" of all versions, with more behind it in some.
std::string_view NodeThatLeft(std::string_view details) {
  if (!details.starts_with("node_left")) return {};
  const size_t open = details.find('['), close = details.find(']', open);
  if (open == details.npos || close == details.npos) return {};
  return details.substr(open + 1, close - open - 1);
}

}  // namespace

void StateReader::Begin() { *this = StateReader(); }

uint32_t StateReader::Intern(std::string_view node_id) {
  const auto [found, is_new] =
      interned_.try_emplace(std::string(node_id), static_cast<uint32_t>(node_ids_.size()));
  if (is_new) node_ids_.emplace_back(node_id);
  return found->second;
}

StateReader::RawIndex& StateReader::IndexNamed(std::string_view name) {
  const auto [found, is_new] = index_numbers_.try_emplace(std::string(name), indices_.size());
  if (is_new) {
    indices_.emplace_back();
    indices_.back().index.name = name;
  }
  index_ = found->second;
  return indices_[index_];
}

int StateReader::NodeKey(std::string_view key) {
  if (key == "name") return kNodeName;
  if (key == "ephemeral_id") return kNodeEphemeral;
  if (key == "transport_address") return kNodeAddress;
  if (key == "attributes") return kNodeAttributes;
  if (key == "roles") return kNodeRole;
  if (key == "version") return kNodeVersion;
  return kSkip;
}

int StateReader::IndexKey(int place, std::string_view key) {
  switch (place) {
    case kMetaIndices:
      IndexNamed(key).in_metadata = true;
      return kMetaIndex;
    case kMetaIndex:
      if (key == "state") return kIndexState;
      if (key == "in_sync_allocations") return kInSync;
      if (key != "settings") return kSkip;
      flat_.Clear();
      return kIndexSettings;
    case kIndexSettings:
      flat_.Key(key);
      return flat_.in_list() ? kSkip : kIndexSettings;
    case kInSync:
    case kRoutingShards:
      if (!absl::SimpleAtoi({key.data(), key.size()}, &shard_) || shard_ < 0 || shard_ >= kMostShards) {
        is_bad_ = true;
        return kSkip;
      }
      if (place == kInSync) return kInSyncShard;
      indices_[index_].groups.push_back({shard_, entries_.size(), 0});
      return kShardCopies;
    case kRoutingIndices:
      IndexNamed(key).in_routing = true;
      return kRoutingIndex;
    case kRoutingIndex:
      return key == "shards" ? kRoutingShards : kSkip;
    default:
      return kSkip;
  }
}

int StateReader::CopyKey(int place, std::string_view key) {
  switch (place) {
    case kCopy:
      if (key == "state") return kCopyState;
      if (key == "primary") return kCopyPrimary;
      if (key == "node") return kCopyNode;
      if (key == "relocating_node") return kCopyRelocating;
      if (key == "allocation_id") return kCopyAllocation;
      return key == "unassigned_info" ? kUnassigned : kSkip;
    case kCopyAllocation:
      return key == "id" ? kCopyAllocationId : kSkip;
    default:
      if (key == "reason") return kReason;
      if (key == "at") return kAt;
      if (key == "delayed") return kDelayed;
      if (key == "details") return kDetails;
      return key == "last_node" ? kLastNode : kSkip;
  }
}

int StateReader::Key(int place, std::string_view key) {
  switch (place) {
    case kDocument:
      if (key == "cluster_name") return kClusterName;
      if (key == "cluster_uuid") return kClusterUuid;
      if (key == "version") return kStateVersion;
      if (key == "state_uuid") return kStateUuid;
      if (key == "master_node") return kMasterNode;
      if (key == "blocks") return kBlocks;
      if (key == "nodes") return kNodes;
      if (key == "metadata") return kMetadata;
      if (key == "routing_table") return kRouting;
      return key == "snapshots" ? kSnapshotCustom : kSkip;
    case kBlocks:
      return key == "global" ? kGlobalBlocks : kSkip;
    case kGlobalBlocks:
      return kGlobalBlock;
    case kGlobalBlock:
      return key == "description" ? kBlockText : kSkip;
    case kNodes:
      nodes_.emplace_back();
      nodes_.back().id = key;
      node_numbers_.push_back(Intern(key));
      return kNode;
    case kNode:
      return NodeKey(key);
    case kNodeAttributes:
      attribute_ = key;
      return kNodeAttribute;
    case kMetadata:
      if (key == "cluster_uuid") return kClusterUuid;
      if (key == "cluster_coordination") return kCoordination;
      if (key == "node_shutdown") return kShutdown;
      return key == "indices" ? kMetaIndices : kSkip;
    case kCoordination:
      if (key == "last_committed_config") return kCommitted;
      return key == "voting_config_exclusions" ? kExcludedList : kSkip;
    case kExcludedNode:
      if (key == "node_name") return kExcludedName;
      return key == "node_id" ? kExcludedId : kSkip;
    case kShutdown:
      return key == "nodes" ? kShutdownNodes : kSkip;
    case kShutdownNodes:
      view_.shutdown_records.emplace_back(key);
      return kSkip;
    case kShutdownRecord:
      return key == "node_id" ? kShutdownId : kSkip;
    case kRouting:
      return key == "indices" ? kRoutingIndices : kSkip;
    case kCopy:
    case kCopyAllocation:
    case kUnassigned:
      return CopyKey(place, key);
    case kSnapshotCustom:
      return key == "snapshots" ? kSnapshots : kSkip;
    case kSnapshot:
      if (key == "repository") return kRepository;
      if (key == "snapshot") return kSnapshotName;
      return key == "shards" ? kSnapshotShards : kSkip;
    case kSnapshotShard:
      if (key == "index") return kSnapshotIndex;
      if (key == "shard") return kSnapshotNumber;
      return key == "state" ? kSnapshotState : kSkip;
    case kSnapshotIndex:
      return key == "index_name" ? kSnapshotIndexName : kSkip;
    default:
      return IndexKey(place, key);
  }
}

int StateReader::Element(int place) {
  switch (place) {
    case kIndexSettings:
      flat_.OpenList();
      return place;
    case kExcludedList:
      return kExcludedNode;
    case kShutdownNodes:
      return kShutdownRecord;
    case kShardCopies:
      return kCopy;
    case kSnapshots:
      return kSnapshot;
    case kSnapshotShards:
      return kSnapshotShard;
    case kNodeRole:
    case kCommitted:
    case kInSyncShard:
      return place;
    default:
      return kSkip;
  }
}

void StateReader::Open(int place) {
  if (place == kIndexSettings) flat_.Open();
  if (place == kCopy) entries_.emplace_back();
  if (place == kSnapshotShard) snapshot_shard_ = {};
}

void StateReader::Close(int place) {
  switch (place) {
    case kIndexSettings:
      if (flat_.Close()) Setting(flat_.key(), flat_.list());
      break;
    case kCopy:
      ++indices_[index_].groups.back().count;
      break;
    case kExcludedNode:
      view_.voting_exclusions.push_back(
          excluded_name_.empty() || excluded_name_ == "_absent_" ? excluded_id_ : excluded_name_);
      excluded_name_.clear();
      excluded_id_.clear();
      break;
    case kSnapshot:
      view_.snapshots_running.push_back(Cat(repository_, "/", snapshot_));
      break;
    case kSnapshotShard:
      snapshot_shards_.push_back(snapshot_shard_);
      break;
    default:
      break;
  }
}

void StateReader::Setting(std::string_view key, std::string_view value) {
  RawIndex& raw = indices_[index_];
  if (key == "index.uuid") raw.index.uuid = value;
  if (key == "index.auto_expand_replicas") raw.index.auto_expand = value;
  if (key == "index.number_of_replicas" &&
      !absl::SimpleAtoi({value.data(), value.size()}, &raw.index.replicas))
    is_bad_ = true;
  if (key == "index.number_of_shards" && !absl::SimpleAtoi({value.data(), value.size()}, &raw.shard_count))
    is_bad_ = true;
  if (IsKeptSetting(key)) raw.index.settings.emplace(key, value);
}

void StateReader::NodeValue(int place, const Scalar& value) {
  Node& node = nodes_.back();
  switch (place) {
    case kNodeName:
      node.name = value.text;
      break;
    case kNodeEphemeral:
      node.ephemeral_id = value.text;
      break;
    case kNodeAddress:
      node.publish_ip = AddressIp(value.text);
      break;
    case kNodeVersion:
      node.version = ReadVersion(value.text);
      break;
    case kNodeAttribute:
      node.attributes.emplace_back(attribute_, value.text);
      break;
    case kNodeRole:
      node.roles.emplace_back(RoleWord(value.text));
      break;
    default:
      break;
  }
}

void StateReader::CopyValue(int place, const Scalar& value) {
  Entry& entry = entries_.back();
  switch (place) {
    case kCopyState:
      if (value.text == "STARTED")
        entry.copy.state = CopyState::kStarted;
      else if (value.text == "INITIALIZING")
        entry.copy.state = CopyState::kInitializing;
      else if (value.text == "RELOCATING")
        entry.copy.state = CopyState::kRelocating;
      else if (value.text != "UNASSIGNED")
        is_bad_ = true;
      break;
    case kCopyPrimary:
      entry.copy.primary = value.IsTrue();
      break;
    case kCopyNode:
      if (!value.IsNull()) entry.node = Intern(value.text);
      break;
    case kCopyRelocating:
      if (!value.IsNull()) entry.relocating_to = Intern(value.text);
      break;
    case kCopyAllocationId:
      entry.allocation = static_cast<uint32_t>(text_.size());
      entry.allocation_size = static_cast<uint32_t>(value.text.size());
      text_ += value.text;
      break;
    case kReason:
      entry.copy.reason = value.text;
      break;
    case kAt:
      entry.copy.unassigned_at = ReadMoment(value.text);
      break;
    case kDelayed:
      entry.copy.delayed = value.IsTrue();
      break;
    case kDetails:
      if (entry.copy.last_node.empty()) entry.copy.last_node = NodeThatLeft(value.text);
      break;
    case kLastNode:
      entry.copy.last_node = value.text;
      break;
    default:
      break;
  }
}

void StateReader::Value(int place, const Scalar& value) {
  switch (place) {
    case kClusterName:
      view_.cluster_name = value.text;
      break;
    case kClusterUuid:
      if (value.text != "_na_") view_.cluster_uuid = value.text;
      break;
    case kStateVersion:
      view_.state_version = static_cast<uint64_t>(value.Integer().value_or(0));
      break;
    case kStateUuid:
      view_.state_uuid = value.text;
      break;
    case kMasterNode:
      master_ = value.text;
      break;
    case kBlockText:
      view_.global_blocks.emplace_back(value.text);
      break;
    case kCommitted:
      view_.voting_config.emplace_back(value.text);
      break;
    case kExcludedName:
      excluded_name_ = value.text;
      break;
    case kExcludedId:
      excluded_id_ = value.text;
      break;
    case kShutdownId:
      view_.shutdown_records.emplace_back(value.text);
      break;
    case kIndexState:
      indices_[index_].index.open = value.text == "open";
      break;
    case kIndexSettings:
      if (flat_.in_list())
        flat_.Item(value);
      else if (!value.IsNull())
        Setting(flat_.key(), value.text);
      break;
    case kInSyncShard:
      has_in_sync_ = true;
      indices_[index_].in_sync.push_back(
          {shard_, static_cast<uint32_t>(text_.size()), static_cast<uint32_t>(value.text.size())});
      text_ += value.text;
      break;
    case kRepository:
      repository_ = value.text;
      break;
    case kSnapshotName:
      snapshot_ = value.text;
      break;
    case kSnapshotIndex:
    case kSnapshotIndexName:
      snapshot_shard_.index = value.text;
      break;
    case kSnapshotNumber:
      snapshot_shard_.number = value.Integer().value_or(-1);
      break;
    case kSnapshotState:
      snapshot_shard_.state = value.text;
      break;
    default:
      if (place >= kNodeName && place <= kNodeRole)
        NodeValue(place, value);
      else if (place >= kCopyState && place <= kLastNode)
        CopyValue(place, value);
  }
}

}  // namespace holdfast::elasticsearch
