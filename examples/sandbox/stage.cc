#include "examples/sandbox/stage.h"

#include <utility>

#include "controller/base/log.h"
#include "controller/base/text.h"

namespace holdfast::sandbox {

Stage::Stage(boost::asio::any_io_executor executor, Clock& clock, Scenario scenario)
    : executor_(std::move(executor)),
      clock_(clock),
      scenario_(std::move(scenario)),
      hosts_(clock.Now(), kFirstPid) {
  for (const Role& role : scenario_.roles) {
    const Unit& unit = hosts_.Add(Behaving(role.plain, role.behaviour));
    roles_[unit.id] = &role;
    if (role.plain.port != 0)
      places_.push_back(
          {unit.id, std::make_unique<Port>(executor_, hosts_, clock_, role.plain.address, role.plain.port)});
  }
  for (const Supervisord& supervisord : scenario_.supervisords)
    doors_.emplace_back(executor_, hosts_, clock_, supervisord);
  if (scenario_.account) account_.emplace(executor_, clock_, *scenario_.account);
}

Status Stage::Open() {
  for (RpcDoor& door : doors_) {
    HF_TRY(door.Open());
    hosts_.StartSupervisord(door.supervisord().endpoint);
  }
  if (account_) HF_TRY(account_->Open());
  return {};
}

Task<void> Stage::Run() {
  while (!ending_) {
    co_await Beat();
    co_await clock_.Sleep(kBeat);
  }
  for (RpcDoor& door : doors_) co_await door.Close();
  for (Place& place : places_) co_await place.port->Closed();
  if (account_) co_await account_->Close();
}

Task<void> Stage::Beat() {
  const uint64_t mine = ++begun_;
  hosts_.Advance(clock_.Now());
  if (account_) account_->Advance();
  SettlePorts();
  co_await SettleDoors();
  settled_ = mine;
}

Task<void> Stage::Settled() {
  for (const uint64_t wanted = begun_ + 1; settled_ < wanted && !ending_;) co_await clock_.Sleep(kBeat / 5);
}

void Stage::SettlePorts() {
  for (Place& place : places_) {
    const Program& program = hosts_.Find(place.unit)->program;
    const Process* process = hosts_.Listening(program.address, program.port);
    Status status;
    if (!hosts_.IsHostUp(program.host))
      status = place.port->Mute();
    else if (process == nullptr)
      place.port->Close();
    else
      status = place.port->Open(process->pid);
    if (status.ok()) continue;
    // A real one would end for that reason too, and its supervisord would tell.
    Log(Severity::kWarning, "a program cannot listen", {{"program", place.unit}, {"why", status.message()}});
    hosts_.Crash(place.unit);
  }
}

Task<void> Stage::SettleDoors() {
  for (RpcDoor& door : doors_) {
    const Supervisord& supervisord = door.supervisord();
    Status status;
    if (!hosts_.IsHostUp(supervisord.host) && door.CanBeMute())
      status = co_await door.Mute();
    else if (!hosts_.IsDaemonUp(supervisord.endpoint))
      co_await door.Close();
    else
      status = door.Open();
    if (!status.ok())
      Log(Severity::kWarning, "a supervisord cannot listen",
          {{"host", supervisord.host}, {"why", status.message()}});
  }
}

void Stage::Behave(const std::string& id, const Behaviour& behaviour) {
  hosts_.Find(id)->program = Behaving(roles_.at(id)->plain, behaviour);
}

void Stage::Heal() {
  for (const auto& [id, role] : roles_) {
    Behave(id, role->behaviour);
    hosts_.Continue(id);
  }
  for (const Supervisord& supervisord : scenario_.supervisords) {
    hosts_.HostUp(supervisord.host);
    if (!hosts_.IsDaemonUp(supervisord.endpoint)) hosts_.StartSupervisord(supervisord.endpoint);
  }
}

}  // namespace holdfast::sandbox
