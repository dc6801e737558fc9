// Gathers what is asked in one turn of the loop into one exchange.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "reconcilers/clients/turns.h"

namespace holdfast::clients {

// Whether a second exchange may begin while one is under way. kOneByOne gathers meanwhile, so that a slow
// peer is asked more at a time instead of more often.
enum class Overlap { kOneByOne, kAllowed };

// The first who asks performs the exchange for all; nothing runs in the background. Loop thread only.
template <class Ask, class Answer>
class Gather {
 public:
  // Gives one answer for each ask, in their order. What it refers to outlives this.
  using Exchange = std::function<Task<std::vector<Answer>>(std::vector<Ask>)>;
  Gather(Overlap overlap, size_t most, Exchange exchange)
      : overlap_(overlap), most_(most), exchange_(std::move(exchange)) {}
  Gather(const Gather&) = delete;
  Gather& operator=(const Gather&) = delete;

  // Nothing when the one who performed the exchange was cancelled: what was asked may or may not have been
  // sent.
  Task<std::optional<Answer>> Put(Ask ask) {
    const bool leads = !open_ || open_->asks.size() >= most_;
    if (leads) open_ = std::make_shared<Batch>();
    const std::shared_ptr<Batch> batch = open_;
    const size_t index = batch->asks.size();
    batch->asks.push_back(std::move(ask));
    if (leads) {
      Lead lead(*this, batch);
      co_await NextTurn();
      while (overlap_ == Overlap::kOneByOne && under_way_ > 0) co_await finished_.Wait();
      lead.Begin();
      batch->answers = co_await exchange_(std::move(batch->asks));
    } else {
      while (!batch->over) co_await batch->over_event.Wait();
    }
    if (index >= batch->answers.size()) co_return std::nullopt;
    co_return batch->answers[index];
  }

 private:
  struct Batch {
    std::vector<Ask> asks;
    std::vector<Answer> answers;
    bool over = false;
    Event over_event;
  };

  // Ends the batch however the leader ends, also when it is cancelled.
  class Lead {
   public:
    Lead(Gather& gather, std::shared_ptr<Batch> batch) : gather_(gather), batch_(std::move(batch)) {}
    Lead(const Lead&) = delete;
    Lead& operator=(const Lead&) = delete;
    void Begin() {
      Close();
      begun_ = true;
      ++gather_.under_way_;
    }
    ~Lead() {
      Close();
      if (begun_) --gather_.under_way_;
      batch_->over = true;
      batch_->over_event.Ring();
      gather_.finished_.Ring();
    }

   private:
    void Close() {
      if (gather_.open_ == batch_) gather_.open_ = nullptr;
    }
    Gather& gather_;
    std::shared_ptr<Batch> batch_;
    bool begun_ = false;
  };

  const Overlap overlap_;
  const size_t most_;
  const Exchange exchange_;
  std::shared_ptr<Batch> open_;
  size_t under_way_ = 0;
  Event finished_;
};

}  // namespace holdfast::clients
