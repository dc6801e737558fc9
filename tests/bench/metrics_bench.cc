// CPU time of one scrape at 100,000 series.
#include <cstdio>
#include <string>

#include "controller/api/exposition.h"
#include "controller/base/text.h"
#include "tests/bench/measure.h"
#include "tests/unit/api/population.h"

int main() {
  using namespace holdfast;  // NOLINT(google-build-using-namespace): one program, one file
  constexpr size_t kSeries = 100'000, kPerRow = 25;
  constexpr int kTimes = 20;
  Board board;
  for (SlotId i = 0; i < kSeries / kPerRow; ++i) {
    board.Put(i, DeclaredOf(Cat("stack-", i), {}, Mode::kAct), 1, kNow);
    board.Report(i, Report(Sight::kKnown, Readiness::Is::kYes, "InOrder"));
  }
  std::string text = BoardExposition(board, {}, {.version = "bench"});
  size_t series = 0;
  for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) series += text[at] != '#';
  const double before = CpuSeconds();
  for (int i = 0; i < kTimes; ++i) text = BoardExposition(board, {}, {.version = "bench"});
  const double each = (CpuSeconds() - before) * 1e3 / kTimes;
  std::printf("metrics: %zu series, %zu bytes, %.2f ms CPU a scrape (reach: 20 ms at 100,000)\n", series,
              text.size(), each);
  return 0;
}
