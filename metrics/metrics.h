// Every counter and histogram of the controller: families, names, help and labels in one place.
#pragma once

#include <absl/time/time.h>

#include <memory>
#include <string>
#include <string_view>

namespace holdfast {

// State that the board already holds (conditions, waits, ages) is not counted here: it is written from the
// board at scrape time. All series that are known to be possible exist from the start at 0. Engine thread
// only.
class Metrics {
 public:
  Metrics();
  ~Metrics();

  void Round(std::string_view kind, std::string_view result,
             absl::Duration took);  // result: settled, waiting, acted, unknown, error
  void Action(std::string_view kind, std::string_view verb, std::string_view outcome, absl::Duration took);
  void Gate(std::string_view gate, std::string_view verdict);  // pass is not counted: hold, cannotTell
  void Guard(std::string_view kind, std::string_view guard, std::string_view verdict);
  void QueueWait(absl::Duration waited);  // from due to taken
  void JournalError();
  void SpecLoad(std::string_view result);  // good, broken, unreadable

  // Counters and histograms in text format 0.0.4.
  std::string Exposition() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace holdfast
