// CPU of looking at many tables of an account that another process serves: aws_tables_bench URL [TABLES]
//   first every table is described, then ten sweeps as they follow each other in production
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "controller/world/real/real_world.h"
#include "reconcilers/aws/inventory.h"
#include "reconcilers/clients/aws/system.h"
#include "reconcilers/dynamodb_table/observe.h"
#include "tests/bench/measure.h"

namespace holdfast::dynamodb {
namespace {

constexpr int kWorkers = 16;  // looks under way at once
constexpr int kSweeps = 10;
constexpr absl::Duration kLongestPause = absl::Seconds(5);

// Real time, but a pause for a rate moves it on instead: the calls of minutes are made in seconds. What
// sleeps longer waits for an answer, as its deadline.
class JumpingClock : public Clock {
 public:
  JumpingClock(Clock& real, boost::asio::io_context& loop) : real_(real), loop_(loop) {}
  absl::Time Now() const override { return real_.Now() + ahead_; }
  absl::Duration Steady() const override { return real_.Steady() + ahead_; }
  Task<void> Sleep(absl::Duration duration) override {
    if (duration > kLongestPause) co_return co_await real_.Sleep(duration);
    ahead_ += std::max(duration, absl::ZeroDuration());
    co_await boost::asio::post(loop_, boost::asio::use_awaitable);
  }
  void Until(absl::Duration steady) { ahead_ += std::max(steady - Steady(), absl::ZeroDuration()); }

 private:
  Clock& real_;
  boost::asio::io_context& loop_;
  absl::Duration ahead_;
};

[[noreturn]] void GiveUp(const std::string& why) {
  std::fprintf(stderr, "%s\n", why.c_str());
  std::exit(1);
}

struct NoWaker : Waker {
  void LookNow(const ResourceKey&, std::string) override {}
};

struct Bench {
  Bench(const std::string& url, size_t tables) {
    systems.Use<aws::System>().settings.environment = {
        {"AWS_ENDPOINT_URL", url}, {"AWS_ACCESS_KEY_ID", "AKIDSANDBOX"}, {"AWS_SECRET_ACCESS_KEY", "any"}};
    for (size_t i = 0; i < tables; ++i) {
      auto spec = std::make_shared<Spec>();
      spec->location.region = "us-east-1";
      spec->table = Cat("table-", 100'000 + i);
      spec->capacity.emplace();
      spec->capacity->read = Units{int64_t{5}};
      spec->capacity->write = Units{int64_t{5}};
      specs.push_back(std::move(spec));
    }
  }
  // Of all tables once; seconds of CPU.
  double LookAtAll() {
    const double began = CpuSeconds();
    next = 0;
    for (int i = 0; i < kWorkers; ++i)
      boost::asio::co_spawn(loop, Work(this), [](const std::exception_ptr& error) {
        if (error) std::rethrow_exception(error);
      });
    loop.restart();
    loop.run();
    return CpuSeconds() - began;
  }
  static Task<void> Work(Bench* bench) {
    while (bench->next < bench->specs.size()) {
      std::shared_ptr<const Spec> spec = bench->specs[bench->next++];
      const absl::Time now = bench->clock.Now();
      Look look{.self = {"DynamoDBTable", spec->table}, .not_older_than = now, .touched_not_older_than = now};
      const Observed<State> seen = co_await LookAtTable(bench->systems, std::move(spec), std::move(look));
      seen.Match([](const Known<State>&) {}, [](const Absent& absent) { GiveUp(absent.proof); },
                 [](const Unknown& unknown) { GiveUp(unknown.reason); });
    }
  }

  boost::asio::io_context loop{1};
  RealWorld real{loop.get_executor(), "/"};
  JumpingClock clock{real.clock, loop};
  Vitals vitals;
  World world{clock, real.random, real.http, real.net, real.commands, real.files, real.pool, vitals};
  NoWaker waker;
  Systems systems{world, waker};
  std::vector<std::shared_ptr<const Spec>> specs;
  size_t next = 0;
};

int Main(const std::string& url, size_t tables) {
  Bench bench(url, tables);
  const absl::Duration began = bench.clock.Steady();
  const double first = bench.LookAtAll();
  double sweeps = 0, worst = 0;
  // The first pass keeps to the rate of DescribeTable, so sweeps follow when it is over.
  const absl::Duration passed = bench.clock.Steady() - began;
  for (int i = 1; i <= kSweeps; ++i) {
    bench.clock.Until(began + passed + i * (aws::Inventory::kInterval + absl::Milliseconds(1)));
    const double took = bench.LookAtAll();
    sweeps += took;
    worst = std::max(worst, took);
  }
  const double count = static_cast<double>(tables), us = 1e6;
  std::printf("{\"tables\":%zu,\"describe_us\":%.1f,\"sweep_us\":%.1f,\"worst_sweep_us\":%.1f}\n", tables,
              first / count * us, sweeps / kSweeps / count * us, worst / count * us);
  return 0;
}

}  // namespace
}  // namespace holdfast::dynamodb

int main(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "aws_tables_bench URL [TABLES]\n"), 64;
  return holdfast::dynamodb::Main(argv[1], argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 10'000);
}
