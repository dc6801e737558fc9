#include "controller/api/exposition.h"

#include <array>
#include <charconv>
#include <map>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "metrics/families.h"
#include "metrics/text_format.h"

namespace holdfast {
namespace {

constexpr std::array kAllOn = {Wait::On::kObservation, Wait::On::kGuard,    Wait::On::kGate,
                               Wait::On::kDependency,  Wait::On::kProgress, Wait::On::kHold,
                               Wait::On::kHuman,       Wait::On::kSpec};
constexpr size_t kSeriesPerRow = 3 + 2 * kConditionTypes + kAllOn.size();
constexpr size_t kBytesPerSeries = 128;

double Seconds(absl::Time time) {
  if (time == absl::InfinitePast() || time == absl::InfiniteFuture()) return 0;
  return static_cast<double>(absl::ToUnixMillis(time)) / 1000;
}

std::string_view ModesText(const Modes& modes) {
  for (Mode mode : modes.by_danger)
    if (mode != modes.by_danger[0]) return "mixed";
  return ModeText(modes.by_danger[0]);
}

// A row with its labels made once for all its series.
struct Labelled {
  const Row* row;
  std::string labels;  // kind="K",name="N"
};

std::vector<Labelled> LabelledRows(const Board& board) {
  std::vector<Labelled> out;
  const std::vector<const Row*> rows = board.Rows();
  out.reserve(rows.size());
  for (const Row* row : rows) {
    std::string labels = "kind=\"";
    AppendLabelValue(labels, row->key.kind);
    labels.append("\",name=\"");
    AppendLabelValue(labels, row->key.name);
    labels.push_back('"');
    out.push_back({row, std::move(labels)});
  }
  return out;
}

void WriteTotals(TextFormat& out, const std::vector<Labelled>& rows, const StopAllSet& stop_all,
                 const ExpositionFacts& facts, uint64_t version) {
  out.Begin(families::kBuildInfo);
  out.Series({facts.version}, 1);
  std::map<std::string_view, size_t> by_kind;
  for (const Labelled& labelled : rows) ++by_kind[labelled.row->key.kind];
  out.Begin(families::kResources);
  for (const auto& [kind, count] : by_kind) out.Series({kind}, static_cast<double>(count));
  out.Begin(families::kStopped);
  out.Series({"newSteps"}, stop_all.reach != StopAllSet::Reach::kNone ? 1 : 0);
  out.Series({"freeze"}, stop_all.reach == StopAllSet::Reach::kFreeze ? 1 : 0);
  out.Begin(families::kSpecProblems);
  out.Series({"error"}, static_cast<double>(facts.spec_errors));
  out.Series({"warning"}, static_cast<double>(facts.spec_warnings));
  out.Begin(families::kReloadSuccessful);
  out.Series({}, facts.spec_errors == 0 && facts.source_trouble.empty() ? 1 : 0);
  out.Begin(families::kBoardVersion);
  out.Series({}, static_cast<double>(version));
}

void WriteConditions(TextFormat& out, const std::vector<Labelled>& rows) {
  out.Begin(families::kCondition);
  for (const auto& [row, labels] : rows)
    for (size_t i = 0; i < kConditionTypes; ++i)
      out.Prepared(labels, "condition", ConditionName(static_cast<ConditionType>(i)),
                   row->conditions[i].status == Truth::kTrue ? 1 : 0);
  out.Begin(families::kConditionSince);
  for (const auto& [row, labels] : rows)
    for (size_t i = 0; i < kConditionTypes; ++i)
      out.Prepared(labels, "condition", ConditionName(static_cast<ConditionType>(i)),
                   Seconds(row->conditions[i].since));
}

void WriteRows(TextFormat& out, const std::vector<Labelled>& rows) {
  out.Begin(families::kResourceInfo);
  for (const auto& [row, labels] : rows)
    out.Series({row->key.kind, row->key.name, ModesText(row->modes), row->source.file}, 1);
  WriteConditions(out, rows);
  out.Begin(families::kObservedAt);
  for (const auto& [row, labels] : rows) out.Prepared(labels, Seconds(row->last_observed_at));
  out.Begin(families::kDriftFields);
  for (const auto& [row, labels] : rows)
    out.Prepared(labels, row->plan ? static_cast<double>(row->plan->plan.diffs.size()) : 0);
  out.Begin(families::kWaiting);
  for (const auto& [row, labels] : rows) {
    uint32_t present = 0;
    for (const ShownWait& wait : row->waits) present |= 1U << static_cast<uint32_t>(wait.wait.on);
    for (Wait::On on : kAllOn)
      out.Prepared(labels, "on", OnText(on), (present >> static_cast<uint32_t>(on) & 1U) != 0 ? 1 : 0);
  }
}

}  // namespace

std::string BoardExposition(const Board& board, const StopAllSet& stop_all, const ExpositionFacts& facts) {
  const std::vector<Labelled> rows = LabelledRows(board);
  TextFormat out;
  out.Reserve(4096 + rows.size() * kSeriesPerRow * kBytesPerSeries);
  WriteTotals(out, rows, stop_all, facts, board.version());
  WriteRows(out, rows);
  return out.Take();
}

std::string EngineExposition(const Engine& engine) {
  TextFormat out;
  out.Begin(families::kQueueDepth);
  out.Series({}, static_cast<double>(engine.queue().size()));
  out.Begin(families::kQueueRunning);
  out.Series({}, static_cast<double>(engine.queue().running()));
  out.Begin(families::kJournalWritable);
  out.Series({}, engine.journal_trouble().empty() ? 1 : 0);

  // Grouped by family: the series of one family must stand together.
  std::map<std::string_view, std::vector<std::pair<std::string, double>>> samples;
  engine.ForEachSample([&](const ResourceKey& key, const Sample& sample) {
    std::string labels = "kind=\"";
    AppendLabelValue(labels, key.kind);
    labels.append("\",name=\"");
    AppendLabelValue(labels, key.name);
    labels.push_back('"');
    for (const auto& [label, value] : sample.labels) {
      Append(labels, ",", label, "=\"");
      AppendLabelValue(labels, value);
      labels.push_back('"');
    }
    samples[sample.family].emplace_back(std::move(labels), sample.value);
  });
  for (const auto& [family, series] : samples) {
    out.Begin(family, FamilyType::kGauge, "Told by the kind from its last look.");
    for (const auto& [labels, value] : series) out.Prepared(labels, value);
  }
  return out.Take();
}

namespace {

// The space-separated word at `index`, from 0.
std::string_view WordAt(std::string_view text, size_t index) {
  size_t begin = 0;
  for (;;) {
    begin = text.find_first_not_of(" \n", begin);
    if (begin == std::string_view::npos) return {};
    const size_t end = std::min(text.find_first_of(" \n", begin), text.size());
    if (index-- == 0) return text.substr(begin, end - begin);
    begin = end;
  }
}

double Number(std::string_view text) {
  double value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// The words after a line's title: `Max open files   1024   4096   files`.
std::string_view After(std::string_view text, std::string_view title) {
  const size_t at = text.find(title);
  return at == std::string_view::npos ? std::string_view() : text.substr(at + title.size());
}

}  // namespace

std::string ProcessExposition(const ProcessPages& pages) {
  // The program's name stands in brackets and may hold anything; what is counted on comes behind the last
  // one.
  const size_t bracket = pages.stat.rfind(')');
  if (bracket == std::string::npos) return {};
  const std::string_view rest = std::string_view(pages.stat).substr(bracket + 1);
  constexpr size_t kState = 3;  // the first word behind the bracket is field 3 of proc(5)
  const auto field = [&](size_t number) { return Number(WordAt(rest, number - kState)); };
  const double ticks = static_cast<double>(pages.ticks_per_second);
  TextFormat out;
  out.Begin(families::kProcessCpu);
  out.Series({}, (field(14) + field(15)) / ticks);
  out.Begin(families::kProcessMemory);
  out.Series({}, field(24) * static_cast<double>(pages.page_bytes));
  out.Begin(families::kProcessVirtual);
  out.Series({}, field(23));
  if (pages.open_fds > 0) {
    out.Begin(families::kProcessFds);
    out.Series({}, static_cast<double>(pages.open_fds));
  }
  if (const std::string_view limit = WordAt(After(pages.limits, "Max open files"), 0);
      !limit.empty() && limit != "unlimited") {
    out.Begin(families::kProcessMaxFds);
    out.Series({}, Number(limit));
  }
  if (const std::string_view boot = WordAt(After(pages.system_stat, "btime"), 0); !boot.empty()) {
    out.Begin(families::kProcessStart);
    out.Series({}, Number(boot) + field(22) / ticks);
  }
  return out.Take();
}

}  // namespace holdfast
