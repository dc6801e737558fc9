#include "reconcilers/clients/control/systemd.h"

#include <absl/strings/numbers.h>
#include <absl/time/time.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/clients/gather.h"

namespace holdfast::clients {

namespace {

constexpr int kMostTries = 3;
constexpr std::string_view kProperties =
    "Id,LoadState,ActiveState,SubState,InvocationID,MainPID,Result,NRestarts,ExecMainCode,ExecMainStatus,Job,"
    "UnitFileState,"
    "StateChangeTimestamp,ActiveEnterTimestamp,InactiveEnterTimestamp";

// systemctl takes these for a pattern, or for an option.
bool IsPlainName(std::string_view unit) {
  return !unit.empty() && !unit.starts_with('-') &&
         unit.find_first_of("*?[]/ \t\n") == std::string_view::npos;
}

using Properties = std::map<std::string, std::string, std::less<>>;

std::string Property(const Properties& all, std::string_view name) {
  const auto found = all.find(name);
  return found == all.end() ? std::string() : found->second;
}
int64_t NumberProperty(const Properties& all, std::string_view name) {
  int64_t number = 0;
  return absl::SimpleAtoi(Property(all, name), &number) ? number : 0;
}
// "Sat 2026-11-21 09:35:58 UTC"; empty and "n/a" are never.
absl::Time TimeProperty(const Properties& all, std::string_view name) {
  absl::Time time;
  std::string ignored;
  return absl::ParseTime("%a %Y-%m-%d %H:%M:%S UTC", Property(all, name), absl::UTCTimeZone(), &time,
                         &ignored)
             ? time
             : absl::InfinitePast();
}

// One block per unit, with an empty line between.
std::vector<Properties> Blocks(std::string_view output) {
  std::vector<Properties> blocks;
  bool is_open = false;
  for (const std::string& line : Split(output, '\n')) {
    const size_t equals = line.find('=');
    if (line.empty() || equals == std::string::npos) {
      is_open = is_open && !line.empty();
      continue;
    }
    if (!is_open) blocks.emplace_back();
    is_open = true;
    blocks.back()[line.substr(0, equals)] = line.substr(equals + 1);
  }
  return blocks;
}

Observed<UnitInfo> ReadUnit(const Properties& all, const std::string& unit, std::string_view place,
                            absl::Time sent_at) {
  UnitInfo info;
  info.id = Property(all, "Id");
  info.load_state = Property(all, "LoadState");
  info.active_state = Property(all, "ActiveState");
  if (info.id.empty() || info.load_state.empty() || info.active_state.empty())
    return Unknown{Cat("systemd on ", place, ": says nothing that can be read about ", unit)};
  if (info.load_state == "not-found")
    return Absent{Cat("systemd on ", place, " searched its unit paths and has no ", unit), sent_at};
  info.sub_state = Property(all, "SubState");
  info.invocation_id = Property(all, "InvocationID");
  info.result = Property(all, "Result");
  info.job = Property(all, "Job");
  if (info.job == "0") info.job.clear();
  info.unit_file_state = Property(all, "UnitFileState");
  info.main_pid = NumberProperty(all, "MainPID");
  info.restarts = NumberProperty(all, "NRestarts");
  info.exec_main_code = NumberProperty(all, "ExecMainCode");
  info.exec_main_status = NumberProperty(all, "ExecMainStatus");
  info.state_changed_at = TimeProperty(all, "StateChangeTimestamp");
  info.active_since = TimeProperty(all, "ActiveEnterTimestamp");
  info.inactive_since = TimeProperty(all, "InactiveEnterTimestamp");
  return {std::move(info), sent_at};
}

std::string WhyNothing(const Result<Exit>& ran, std::string_view place) {
  if (!ran.ok()) return ran.status().message();
  if (ran->errors.find("not been booted with systemd") != std::string::npos ||
      ran->errors.find("connect to bus") != std::string::npos)
    return Cat("systemd on ", place, ": ", Excerpt(Trim(ran->errors), 160),
               "; use control: sysv or command where there is no systemd");
  if (ran->code == 127) return Cat("systemd on ", place, ": there is no systemctl");
  return Cat("systemd on ", place, ": ", Excerpt(Trim(ran->errors), 160));
}

}  // namespace

bool UnitInfo::StoppedCleanly() const {
  return active_state == "inactive" && result == "success" && job.empty() &&
         inactive_since > absl::InfinitePast();
}

std::string WholeUnitName(std::string unit) {
  return unit.find('.') == std::string::npos ? unit + ".service" : unit;
}

std::vector<std::string> ShowUnitsArgv(const std::vector<std::string>& units) {
  // Times are printed in the caller's zone and words in its language: both are fixed.
  std::vector<std::string> argv = {
      "env", "TZ=UTC", "LC_ALL=C", "systemctl", "show", "--no-pager", Cat("--property=", kProperties), "--"};
  argv.insert(argv.end(), units.begin(), units.end());
  return argv;
}

std::vector<std::string> ShowInvocationArgv(std::string_view unit) {
  return {"systemctl", "show", "--property=InvocationID", "--value", "--", WholeUnitName(std::string(unit))};
}

std::vector<Observed<UnitInfo>> ReadUnits(std::string_view output, const std::vector<std::string>& units,
                                          std::string_view place, absl::Time sent_at) {
  const std::vector<Properties> blocks = Blocks(output);
  std::vector<Observed<UnitInfo>> out;
  for (size_t i = 0; i < units.size(); ++i) {
    // Blocks carry no more than the unit's own name, which an alias changes: only a complete answer can be
    // assigned.
    if (blocks.size() != units.size())
      out.push_back(Unknown{
          Cat("systemd on ", place, ": ", blocks.size(), " answers for ", Count(units.size(), "unit"))});
    else
      out.push_back(ReadUnit(blocks[i], units[i], place, sent_at));
  }
  return out;
}

// What is known of one host's units.
class Units::Host {
 public:
  Host(World world, Ssh& ssh, Reach where)
      : world_(world),
        ssh_(ssh),
        where_(std::move(where)),
        reads_(Overlap::kOneByOne, kMostPerCall,
               [this](std::vector<std::string> units) { return Read(std::move(units)); }) {}

  Task<Observed<UnitInfo>> Look(std::string unit, absl::Time not_older_than) {
    if (!IsPlainName(unit)) co_return Unknown{Cat("not the name of a unit: '", Excerpt(unit, 80), "'")};
    unit = WholeUnitName(std::move(unit));
    for (int tries = 0; tries < kMostTries; ++tries) {
      const auto found = found_.find(unit);
      if (found != found_.end() && found->second.sent_at >= not_older_than) co_return found->second.seen;
      std::optional<Observed<UnitInfo>> answer = co_await reads_.Put(unit);
      if (answer) co_return *std::move(answer);
    }
    co_return Unknown{Cat("systemd on ", PlaceText(where_), ": the read was given up")};
  }

 private:
  struct Entry {
    Observed<UnitInfo> seen;
    absl::Time sent_at = absl::InfinitePast();
  };

  Task<std::vector<Observed<UnitInfo>>> Read(std::vector<std::string> asked) {
    std::vector<std::string> units = asked;
    std::ranges::sort(units);
    units.erase(std::unique(units.begin(), units.end()), units.end());
    const absl::Time sent_at = world_.clock.Now();
    CommandLine line{ShowUnitsArgv(units), "", {}};
    const Result<Exit> ran = co_await ssh_.Run(where_, std::move(line), {kReadDeadline, kMostAnswerBytes});
    const bool is_whole = ran.ok() && ran->signal == 0 && !ran->truncated && !ran->output.empty();
    std::vector<Observed<UnitInfo>> seen;
    if (is_whole)
      seen = ReadUnits(ran->output, units, PlaceText(where_), sent_at);
    else
      seen.assign(units.size(), Unknown{WhyNothing(ran, PlaceText(where_))});
    std::vector<Observed<UnitInfo>> out;
    for (const std::string& unit : asked) {
      const auto at = static_cast<size_t>(std::ranges::lower_bound(units, unit) - units.begin());
      out.push_back(seen[at]);
      if (is_whole) found_[unit] = {seen[at], sent_at};
    }
    co_return out;
  }

  World world_;
  Ssh& ssh_;
  const Reach where_;
  std::map<std::string, Entry> found_;
  Gather<std::string, Observed<UnitInfo>> reads_;
};

Units::Units(World world, Ssh& ssh) : world_(world), ssh_(ssh) {}
Units::~Units() = default;

Units::Host& Units::Of(const Reach& where) {
  std::unique_ptr<Host>& made =
      hosts_[Cat(PlaceText(where), " ", where.identity_file, " ", where.known_hosts)];
  if (!made) made = std::make_unique<Host>(world_, ssh_, where);
  return *made;
}

Task<Observed<UnitInfo>> Units::Look(Reach where, std::string unit, absl::Time not_older_than) {
  return Of(where).Look(std::move(unit), not_older_than);
}

}  // namespace holdfast::clients
