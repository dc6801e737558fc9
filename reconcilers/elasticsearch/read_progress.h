// Bytes of shards, running recoveries, and what the allocator explains: read when a decision asks for them.
#pragma once

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reconcilers/elasticsearch/read_json.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {

// GET /_stats/store?level=shards into View::shards: of several copies the biggest. `view` outlives this.
class SizesReader : public JsonReader {
 public:
  explicit SizesReader(View& view) : view_(view) {}
  void Begin() override;
  int Key(int place, std::string_view key) override;
  int Element(int place) override;
  void Value(int place, const Scalar& value) override;

 private:
  View& view_;
  const Index* index_ = nullptr;
  uint32_t shard_ = 0;
};

// GET /_recovery?active_only=true
class RecoveriesReader : public JsonReader {
 public:
  void Begin() override;
  int Key(int place, std::string_view key) override;
  int Element(int place) override;
  void Open(int place) override;
  void Value(int place, const Scalar& value) override;

  std::vector<Recovery> recoveries;

 private:
  std::string index_;
};

// GET /_cluster/pending_tasks
class PendingReader : public JsonReader {
 public:
  void Begin() override { tasks = 0; }
  int Key(int place, std::string_view key) override {
    return place == kRoot && key == "tasks" ? kTasks : kSkip;
  }
  int Element(int place) override { return place == kTasks ? kTask : kSkip; }
  void Open(int place) override { tasks += place == kTask ? 1 : 0; }
  void Value(int, const Scalar&) override {}

  int tasks = 0;

 private:
  static constexpr int kTasks = 1, kTask = 2;
};

// One "explain INDEX SHARD p|r NODE-ID" of what is asked.
struct ExplainAsk {
  std::string index, node_id;  // "" = of an unassigned copy
  uint32_t shard = 0;
  bool primary = false;
};
std::optional<ExplainAsk> ParseExplain(std::string_view ask);
std::string ExplainBody(const ExplainAsk& ask);
// Nothing when the server knows no such copy; the copy may have moved meanwhile.
std::optional<Explained> ReadExplain(std::string_view body, const ExplainAsk& ask);

inline constexpr size_t kMostWords = 400;  // of an explanation

}  // namespace holdfast::elasticsearch
