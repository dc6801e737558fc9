// Whatever answers in a cluster's place, in whatever pieces: reading neither crashes nor gives a view that
// contradicts itself.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reconcilers/elasticsearch/read_nodes.h"
#include "reconcilers/elasticsearch/read_progress.h"
#include "reconcilers/elasticsearch/read_settings.h"
#include "reconcilers/elasticsearch/read_state.h"

namespace holdfast::elasticsearch {
namespace {

bool ReadInPieces(JsonReader& reader, std::string_view text, size_t piece) {
  JsonStream stream(reader);
  for (size_t at = 0; at < text.size(); at += piece)
    if (!stream.Take({}, text.substr(at, piece)).ok()) return false;
  return stream.Finish().ok();
}

void Check(bool is_so) {
  if (!is_so) std::abort();
}

void CheckView(const View& view) {
  Check(view.master < view.nodes.size());
  for (const Index& index : view.indices) Check(index.first_shard + index.shard_count <= view.shards.size());
  for (const Shard& shard : view.shards) {
    Check(shard.index < view.indices.size() && shard.count > 0);
    Check(shard.first + shard.count <= view.copies.size() && view.copies[shard.first].primary);
  }
  for (const Copy& copy : view.copies) {
    Check((copy.node == kNoNode) == (copy.state == CopyState::kUnassigned));
    Check(copy.node == kNoNode || copy.node < view.nodes.size());
    Check(copy.relocating_to == kNoNode || copy.relocating_to < view.nodes.size());
  }
  for (const uint32_t shard : view.snapshot_shards) Check(shard < view.shards.size());
}

}  // namespace
}  // namespace holdfast::elasticsearch

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace holdfast::elasticsearch;
  if (size < 2) return 0;
  const size_t piece = data[0] % 64 + 1;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  StateReader state;
  if (ReadInPieces(state, text, piece))
    if (auto view = state.Take(); view.ok()) {
      CheckView(*view);
      SizesReader sizes(*view);
      ReadInPieces(sizes, text, piece);
    }
  NodesReader nodes;
  if (ReadInPieces(nodes, text, piece))
    for (const NodeTold& told : nodes.nodes) {
      Node node;
      AddInfo(told, node);
      AddStats(told, absl::UnixEpoch(), absl::UnixEpoch(), node);
    }
  SettingsReader settings;
  ReadInPieces(settings, text, piece);
  RecoveriesReader recoveries;
  ReadInPieces(recoveries, text, piece);
  ReadExplain(text, {"wide", "", 0, false});
  return 0;
}
