#include "tests/contract/watchman.h"

#include <algorithm>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::contract {

using sandbox::By;
using sandbox::Effect;

Watchman::Watchman(sandbox::Hosts& hosts, Drawn drawn) : hosts_(hosts), drawn_(std::move(drawn)) {
  hosts_.on_effect = [this](const Effect& effect) { See(effect); };
}

int Watchman::starts_of(const std::string& unit) const {
  const auto found = starts_.find(unit);
  return found == starts_.end() ? 0 : found->second;
}

std::string Watchman::InTheEnd() const {
  for (const auto& [unit, starts] : starts_)
    if (most_starts >= 0 && starts > most_starts) return Cat(unit, " was started ", starts, " times");
  return {};
}

void Watchman::Complain(const Effect& effect, std::string_view what) {
  complaints_.push_back(
      Cat(absl::FormatTime("%H:%M:%E3S", effect.at, absl::UTCTimeZone()), " ", effect.unit, ": ", what));
}

bool Watchman::IsReady(const Drawn::Service& service) const {
  const auto serving =
      static_cast<size_t>(std::count_if(service.units.begin(), service.units.end(),
                                        [&](const std::string& unit) { return hosts_.Serves(unit); }));
  return serving >= (service.ready_with == 0 ? service.units.size() : service.ready_with);
}

size_t Watchman::LayerOf(const std::string& unit) const {
  for (size_t layer = 0; layer < drawn_.layers.size(); ++layer)
    for (const Drawn::Service& service : drawn_.layers[layer])
      if (std::count(service.units.begin(), service.units.end(), unit) > 0) return layer;
  return drawn_.layers.size();
}

void Watchman::See(const Effect& effect) {
  // Who was told to stop still serves while it is on its way out.
  std::erase_if(taken_out_, [&](const auto& out) {
    return hosts_.Find(out.first)->pid != out.second && hosts_.Serves(out.first);
  });
  if (effect.by != By::kController) return;
  ++effects_;
  if (untouchable.contains(effect.unit)) Complain(effect, "was touched although nothing may be done to it");
  if (effect.what == Effect::What::kStart)
    SeeStart(effect);
  else if (effect.what != Effect::What::kEnd)
    SeeStop(effect);
}

void Watchman::SeeStart(const Effect& effect) {
  ++starts_[effect.unit];
  size_t processes = 0;
  for (const auto& [pid, process] : hosts_.processes()) processes += process.unit == effect.unit ? 1 : 0;
  if (processes > 1) Complain(effect, "was started beside a process of it that lives");
  for (size_t layer = 0; layer < LayerOf(effect.unit); ++layer)
    for (const Drawn::Service& service : drawn_.layers[layer])
      if (!IsReady(service))
        Complain(effect, Cat("was started on a layer that is not ready (", service.units[0], ")"));
}

void Watchman::SeeStop(const Effect& effect) {
  if (outage == Outage::kDeclared) {
    for (size_t layer = LayerOf(effect.unit) + 1; layer < drawn_.layers.size(); ++layer)
      for (const Drawn::Service& service : drawn_.layers[layer])
        for (const std::string& unit : service.units)
          if (hosts_.IsAlive(unit)) Complain(effect, Cat("was stopped under ", unit, ", which still runs"));
    return;
  }
  for (const auto& [other, pid] : taken_out_)
    if (other != effect.unit)
      Complain(effect, Cat("was taken out of service while ", other, " was not back yet"));
  taken_out_[effect.unit] = effect.pid;
  const auto process = hosts_.processes().find(effect.pid);
  const bool hangs =
      process != hosts_.processes().end() && process->second.is == sandbox::Process::Is::kHangs;
  if (restart == Restart::kNobodyAsked && !hangs)
    Complain(effect, "was stopped although it was well and nobody asked");
  if (effect.what == Effect::What::kKill && !hangs) Complain(effect, "was killed although it was no zombie");
}

}  // namespace holdfast::contract
