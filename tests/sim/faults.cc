#include "tests/sim/faults.h"

#include <algorithm>
#include <variant>

#include "controller/base/text.h"

namespace holdfast::sim {
namespace {

bool LineChangesSomething(std::string_view text) {
  return text.find("startProcess") != text.npos || text.find("stopProcess") != text.npos ||
         text.find("signalProcess") != text.npos || text.find(" start") != text.npos ||
         text.find(" stop") != text.npos || text.find(" kill") != text.npos;
}

// What the protocols that POST their questions call a question.
bool Asks(std::string_view operation) {
  for (std::string_view verb : {"Describe", "List", "Get", "BatchGet"})
    if (operation.starts_with(verb)) return true;
  return false;
}

bool ChangesSomething(const HttpRequest& request) {
  if (request.method == "GET" || request.method == "HEAD") return false;
  if (request.method != "POST") return true;
  if (request.url.ends_with("/RPC2")) return LineChangesSomething(request.body);
  for (const auto& [name, value] : request.headers)
    if (name == "X-Amz-Target") return !Asks(std::string_view(value).substr(value.rfind('.') + 1));
  constexpr std::string_view kAction = "Action=";
  const size_t action = request.body.find(kAction);
  return action == std::string::npos || !Asks(std::string_view(request.body).substr(action + kAction.size()));
}

template <class T>
bool Has(const std::vector<Record>& records) {
  return std::any_of(records.begin(), records.end(),
                     [](const Record& record) { return std::holds_alternative<T>(record); });
}

}  // namespace

Task<void> Faults::Pass(Point point) {
  if (++passed_[point] != nth_ || point != point_) co_return;
  loop_.Halt();
  co_await clock_.Sleep(absl::InfiniteDuration());
}

Task<Result<HttpResponse>> FaultyHttp::Send(HttpRequest request, Limits limits, HttpSink* sink) {
  const Fault fault = faults_.NextCall();
  const std::string key = Cat(request.method, request.unix_socket, request.url, request.body);
  const bool reads = !ChangesSomething(request);
  if (fault == Fault::kFail) co_return Unavailable(Cat(request.url, ": Connection reset by peer"));
  if (fault == Fault::kTimeOut) {
    co_await clock_.Sleep(limits.deadline);
    co_return DeadlineExceeded(Cat(request.url, ": no answer in time"));
  }
  if (fault == Fault::kDelay) co_await clock_.Sleep(absl::Seconds(1));
  if (const auto last = last_.find(key); fault == Fault::kStale && last != last_.end() && reads)
    co_return last->second;
  const absl::Duration deadline = limits.deadline;
  Result<HttpResponse> response = co_await inner_.Send(std::move(request), limits, sink);
  if (fault == Fault::kLoseAnswer) {
    co_await clock_.Sleep(deadline);
    co_return DeadlineExceeded("the answer was lost");
  }
  if (response.ok()) last_[key] = *response;
  co_return response;
}

Task<Result<Exit>> FaultyCommands::Run(CommandLine command, Limits limits) {
  const Fault fault = faults_.NextCall();
  const std::string key = Join(command.argv, " ");
  if (fault == Fault::kFail) co_return Unavailable(Cat(command.argv[0], ": failed before it began"));
  if (fault == Fault::kTimeOut) {
    co_await clock_.Sleep(limits.deadline);
    co_return DeadlineExceeded(Cat(command.argv[0], ": did not end in time"));
  }
  if (fault == Fault::kDelay) co_await clock_.Sleep(absl::Seconds(1));
  if (const auto last = last_.find(key);
      fault == Fault::kStale && last != last_.end() && !LineChangesSomething(key))
    co_return last->second;
  const absl::Duration deadline = limits.deadline;
  Result<Exit> exit = co_await inner_.Run(std::move(command), limits);
  if (fault == Fault::kLoseAnswer) {
    co_await clock_.Sleep(deadline);
    co_return DeadlineExceeded("the answer was lost");
  }
  if (exit.ok()) last_[key] = *exit;
  co_return exit;
}

class FaultyNet::Conversation : public Stream {
 public:
  Conversation(FaultyNet& net, std::unique_ptr<Stream> inner, std::string key, Fault fault)
      : net_(net), inner_(std::move(inner)), key_(std::move(key)), fault_(fault) {}

  Task<Status> Write(std::string bytes, absl::Duration deadline) override {
    key_ += bytes;
    co_return co_await inner_->Write(std::move(bytes), deadline);
  }
  Task<Result<std::string>> Read(size_t most, absl::Duration deadline) override {
    if (fault_ == Fault::kLoseAnswer) {
      co_await net_.clock_.Sleep(deadline);
      co_return DeadlineExceeded("the answer was lost");
    }
    if (fault_ == Fault::kStale && net_.last_.contains(key_)) co_return net_.last_[key_];
    Result<std::string> piece = co_await inner_->Read(most, deadline);
    if (piece.ok()) net_.last_[key_] = heard_ += *piece;
    co_return piece;
  }

 private:
  FaultyNet& net_;
  std::unique_ptr<Stream> inner_;
  std::string key_, heard_;
  const Fault fault_;
};

Task<Result<std::unique_ptr<Stream>>> FaultyNet::Connect(std::string host, uint16_t port,
                                                         absl::Duration deadline) {
  const Fault fault = faults_.NextCall();
  const std::string key = Cat(host, ":", port, " ");
  if (fault == Fault::kFail) co_return Unavailable(Cat(key, ": Connection reset by peer"));
  if (fault == Fault::kTimeOut) {
    co_await clock_.Sleep(deadline);
    co_return DeadlineExceeded(Cat(key, ": connect timed out"));
  }
  if (fault == Fault::kDelay) co_await clock_.Sleep(absl::Seconds(1));
  Result<std::unique_ptr<Stream>> stream = co_await inner_.Connect(std::move(host), port, deadline);
  if (!stream.ok()) co_return stream;
  co_return std::make_unique<Conversation>(*this, *std::move(stream), key, fault);
}

Task<Outcome> WatchedDoors::Perform(Action action, absl::Duration deadline) {
  Outcome outcome = co_await inner_.Perform(std::move(action), deadline);
  co_await faults_.Pass(Point::kAfterCall);
  co_return outcome;
}

Task<Result<std::vector<int64_t>>> WatchedJournal::Commit(std::vector<Record> records) {
  const bool intents = Has<Intent>(records), outcomes = Has<IntentOutcome>(records);
  if (intents) co_await faults_.Pass(Point::kBeforeIntent);
  if (outcomes) co_await faults_.Pass(Point::kBeforeOutcome);
  const std::vector<Record> told = records;
  Result<std::vector<int64_t>> ids = co_await inner_.Commit(std::move(records));
  if (ids.ok() && on_commit) on_commit(told);
  if (intents) co_await faults_.Pass(Point::kAfterIntent);
  co_return ids;
}

}  // namespace holdfast::sim
