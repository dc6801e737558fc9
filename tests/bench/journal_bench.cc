// What the journal costs beside bare SQLite: the same rows, the same batches, the same disk, in the same run.
//
//   journal_bench [DIRECTORY]     default: the current directory
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/journal/history_chain.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/sqlite_journal.h"
#include "controller/plan/action_json.h"

namespace {
std::atomic<int64_t> syncs = 0;
}

// SQLite's own calls come here, because the program's symbols stand before those of its libraries.
extern "C" int fdatasync(int descriptor) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fdatasync, descriptor));
}
extern "C" int fsync(int descriptor) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fsync, descriptor));
}

namespace holdfast {
namespace {

class SystemClock : public Clock {
 public:
  absl::Time Now() const override { return absl::Now(); }
  absl::Duration Steady() const override { return absl::Now() - absl::UnixEpoch(); }
  Task<void> Sleep(absl::Duration) override { co_return; }
};

double Seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Demand(const Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.message().c_str());
  std::exit(1);
}

Intent AnIntent(int i) {
  return {.resource = {"ServiceStack", Cat("site-", i % 100)},
          .step_key = Cat("start redis@10.0.0.3#", i),
          .verb = "start",
          .target = "redis@10.0.0.3",
          .action =
              Command{.where = {.host = "10.0.0.3", .user = "ops"}, .argv = {"systemctl", "start", "redis"}},
          .danger = Danger::kReversible,
          .why = "declared up, and no process is there",
          .revision = "0123456789abcdef",
          .by = "holdfast",
          .plan_digest = std::string(64, 'a'),
          .meter = "restart redis@10.0.0.3",
          .at = absl::Now()};
}

// The journal's own rows, without what makes it a journal: no hash, no fence, no decoding, no thread. The
// texts are ready beforehand.
class BareSqlite {
 public:
  explicit BareSqlite(const std::string& directory) {
    auto file = OpenJournalFile(directory, "", "bench", absl::Now());
    Demand(file.status());
    file_ = *std::move(file);
    Take(begin_, "BEGIN IMMEDIATE");
    Take(commit_, "COMMIT");
    Take(add_, "INSERT INTO history VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    Take(open_, "INSERT INTO open_intent VALUES (?)");
    action_ = Compact(ToJson(AnIntent(0).action));
  }

  void Commit(const std::vector<Record>& records) {
    Demand(begin_.Run());
    for (const Record& record : records) {
      const Intent& intent = std::get<Intent>(record);
      const HistoryRow row{.id = ++id_,
                           .what = "intent",
                           .epoch = 1,
                           .at = TimeNumber(intent.at),
                           .kind = intent.resource.kind,
                           .name = intent.resource.name,
                           .verb = intent.verb,
                           .target = intent.target,
                           .step_key = intent.step_key,
                           .action = action_,
                           .danger = "reversible",
                           .why = intent.why,
                           .revision = intent.revision,
                           .actor = intent.by,
                           .plan_digest = intent.plan_digest,
                           .meter = intent.meter};
      BindHistoryRow(add_, row, Sha256Bytes{});
      Demand(add_.Run());
      Demand(open_.Bind(id_).Run());
    }
    Demand(commit_.Run());
    if (file_.log_pages() >= 1'000) Demand(file_.Checkpoint());
  }

 private:
  void Take(SqliteStatement& to, std::string_view sql) {
    auto statement = file_.Prepare(sql);
    Demand(statement.status());
    to = *std::move(statement);
  }

  SqliteDatabase file_;
  SqliteStatement begin_, commit_, add_, open_;
  std::string action_;
  int64_t id_ = 0;
};

class Bench {
 public:
  explicit Bench(const std::string& directory)
      : root_(std::filesystem::path(directory) / Cat("journal-bench-", getpid())) {
    std::filesystem::create_directory(root_);
  }
  ~Bench() { std::filesystem::remove_all(root_); }

  void Run() {
    std::printf("%-34s %12s %12s %8s %14s\n", "intents a commit", "journal/s", "bare/s", "ratio",
                "fsyncs/commit");
    for (const int batch : {1, 8, 64, 512}) Compare(batch);
    GroupCommit();
    Load();
  }

 private:
  std::unique_ptr<SqliteJournal> Open(const std::string& name) {
    std::filesystem::create_directory(root_ / name);
    auto journal =
        SqliteJournal::Open({.store = {.directory = root_ / name, .writer = "bench"}, .clock = &clock_});
    Demand(journal.status());
    return *std::move(journal);
  }

  void Compare(int batch) {
    constexpr int kRounds = 9;
    const int commits = std::max(8, 256 / batch);
    auto journal = Open(Cat("journal-", batch));
    std::filesystem::create_directory(root_ / Cat("bare-", batch));
    BareSqlite bare(root_ / Cat("bare-", batch));
    std::vector<double> ratios, journal_rates, bare_rates;
    int64_t journal_syncs = 0;
    for (int round = 0; round < kRounds; ++round) {
      std::vector<std::vector<Record>> records = Records(commits, batch);
      const int64_t syncs_before = syncs;
      double begin = Seconds();
      CommitAtOnce(*journal, 1, std::move(records));
      const double journal_took = Seconds() - begin;
      journal_syncs += syncs - syncs_before;
      const std::vector<std::vector<Record>> same = Records(commits, batch);
      begin = Seconds();
      for (const std::vector<Record>& one : same) bare.Commit(one);
      const double bare_took = Seconds() - begin;
      ratios.push_back(bare_took / journal_took);
      journal_rates.push_back(commits * batch / journal_took);
      bare_rates.push_back(commits * batch / bare_took);
    }
    std::printf("%-34d %12.0f %12.0f %8.2f %14.2f\n", batch, Median(journal_rates), Median(bare_rates),
                Median(ratios), static_cast<double>(journal_syncs) / (kRounds * commits));
  }

  // Made beforehand: what a round decides to write is not the journal's cost.
  static std::vector<std::vector<Record>> Records(int commits, int batch) {
    std::vector<std::vector<Record>> out(static_cast<size_t>(commits));
    for (std::vector<Record>& records : out)
      for (int i = 0; i < batch; ++i) records.emplace_back(AnIntent(i));
    return out;
  }

  // Each of `fibers` commits every so manieth, one after the other.
  static Task<int> CommitSome(SqliteJournal& journal, std::vector<std::vector<Record>>& commits, size_t first,
                              size_t fibers) {
    for (size_t i = first; i < commits.size(); i += fibers)
      Demand((co_await journal.Commit(std::move(commits[i]))).status());
    co_return 0;
  }
  static void CommitAtOnce(SqliteJournal& journal, size_t fibers, std::vector<std::vector<Record>> commits) {
    boost::asio::io_context context;
    for (size_t i = 0; i < fibers; ++i)
      boost::asio::co_spawn(context, CommitSome(journal, commits, i, fibers), [](std::exception_ptr, int) {});
    context.run();
  }

  void GroupCommit() {
    auto journal = Open("group");
    constexpr int kAtOnce = 64, kCommits = 64;
    std::vector<std::vector<Record>> records = Records(kAtOnce * kCommits, 1);
    const int64_t before = syncs;
    const double begin = Seconds();
    CommitAtOnce(*journal, kAtOnce, std::move(records));
    const double took = Seconds() - begin;
    std::printf("64 under way at once: %.0f commits/s, %.3f fsyncs a commit, %lld transactions\n",
                kAtOnce * kCommits / took, static_cast<double>(syncs - before) / (kAtOnce * kCommits),
                static_cast<long long>(journal->stats().transactions));
    const int64_t quiet = syncs;
    CommitAtOnce(*journal, 1, Records(1'000, 0));
    std::printf("1000 empty commits: %lld fsyncs\n", static_cast<long long>(syncs - quiet));
  }

  void Load() {
    constexpr int kResources = 100'000;
    {
      auto journal = Open("load");
      boost::asio::io_context context;
      std::vector<std::vector<Record>> all;
      for (int i = 0; i < kResources; i += 1000) {
        std::vector<Record> records;
        for (int k = i; k < i + 1000; ++k)
          records.emplace_back(SpecInForce{.resource = {"ServiceStack", Cat("site-", k)},
                                           .text = std::string(1000, 'x'),
                                           .digest = std::string(64, 'd'),
                                           .file = "specs/site.yaml",
                                           .revision = "0123456789abcdef",
                                           .line = 1,
                                           .generation = 1,
                                           .at = absl::Now()});
        for (int k = 0; k < 100; ++k) records.emplace_back(AnIntent(i + k));
        boost::asio::co_spawn(
            context, journal->Commit(std::move(records)),
            [](std::exception_ptr, Result<std::vector<int64_t>> answer) { Demand(answer.status()); });
      }
      context.run();
    }
    auto journal = Open("load");
    const double begin = Seconds();
    const auto memory = journal->Load();
    const double took = Seconds() - begin;
    Demand(memory.status());
    std::printf("load of %zu resources with %zu open intents: %.0f ms\n", memory->resources.size(),
                memory->open_intents.size(), took * 1000);
  }

  static double Median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
  }

  std::filesystem::path root_;
  SystemClock clock_;
};

}  // namespace
}  // namespace holdfast

int main(int argc, char** argv) {
  holdfast::Bench(argc > 1 ? argv[1] : ".").Run();
  return 0;
}
