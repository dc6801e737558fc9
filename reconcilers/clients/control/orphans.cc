#include "reconcilers/clients/control/orphans.h"

#include <optional>
#include <utility>

#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

constexpr int64_t kInit = 1;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

std::vector<std::string> WordsOf(std::string_view command) {
  std::vector<std::string> words;
  std::optional<std::string> word;
  char quote = 0;
  for (size_t i = 0; i < command.size(); ++i) {
    const char c = command[i];
    if (quote == 0 && IsBlank(c)) {
      if (word) words.push_back(*std::exchange(word, std::nullopt));
      continue;
    }
    if (!word) word.emplace();
    const bool escapes = c == '\\' && quote != '\'' && i + 1 < command.size();
    if (escapes) {
      const char next = command[++i];
      // Between double quotes a backslash stands for itself, but before those two.
      if (quote == '"' && next != '"' && next != '\\') *word += c;
      *word += next;
    } else if (quote == 0 && (c == '\'' || c == '"')) {
      quote = c;
    } else if (quote != 0 && c == quote) {
      quote = 0;
    } else {
      *word += c;
    }
  }
  if (quote != 0) return {};
  if (word) words.push_back(*std::move(word));
  return words;
}

Task<Observed<std::vector<FoundProcess>>> Orphans::Look(SupervisordEndpoint endpoint, Reach where,
                                                        std::string program) {
  program = ProgramAddress(std::move(program));
  if (!supervisors_.IsNew(endpoint)) co_return Known<std::vector<FoundProcess>>{{}, world_.clock.Now()};
  const std::string key = Cat(endpoint.Text(), " ", endpoint.user, " ", endpoint.password.name);
  std::shared_ptr<Place>& kept = places_[key];
  if (!kept) kept = std::make_shared<Place>();
  const std::shared_ptr<Place> place = kept;
  while (place->under_way) co_await place->over.Wait();
  const int64_t daemon_pid = supervisors_.DaemonPid(endpoint);
  if (place->daemon_pid != daemon_pid || world_.clock.Now() >= place->again) {
    struct UnderWay {
      explicit UnderWay(std::shared_ptr<Place> p) : place(std::move(p)) { place->under_way = true; }
      ~UnderWay() {
        place->under_way = false;
        place->over.Ring();
      }
      std::shared_ptr<Place> place;
    } under_way(place);
    place->found = co_await Search(endpoint, where);
    place->daemon_pid = daemon_pid;
    place->again = world_.clock.Now() + kLookAgain;
    const bool nothing_to_fear =
        place->found.Match([](const Known<Found>& found) { return found.value.empty(); },
                           [](const Absent&) { return true; }, [](const Unknown&) { return false; });
    // Another one may have begun while this one was looked at.
    if (nothing_to_fear && supervisors_.DaemonPid(endpoint) == daemon_pid) {
      supervisors_.NoLongerNew(endpoint);
      places_.erase(key);
    }
  }
  co_return place->found.Match(
      [&](const Known<Found>& known) -> Observed<std::vector<FoundProcess>> {
        const auto of = known.value.find(program);
        return Known<std::vector<FoundProcess>>{
            of == known.value.end() ? std::vector<FoundProcess>() : of->second, known.at};
      },
      [](const Absent& absent) -> Observed<std::vector<FoundProcess>> { return absent; },
      [](const Unknown& unknown) -> Observed<std::vector<FoundProcess>> { return unknown; });
}

Task<Observed<Orphans::Found>> Orphans::Search(SupervisordEndpoint endpoint, Reach where) {
  const absl::Time at = world_.clock.Now();
  const Result<std::map<std::string, std::string>> commands = co_await supervisors_.CommandsOf(endpoint);
  if (!commands.ok() && commands.status().code() == Code::kNotFound)
    co_return Absent{commands.status().message(), at};
  if (!commands.ok()) co_return Unknown{commands.status().message()};
  std::vector<std::vector<std::string>> programs;
  for (const auto& [program, command] : *commands)
    if (std::vector<std::string> words = WordsOf(command); !words.empty())
      programs.push_back(std::move(words));
  if (programs.empty()) co_return Known<Found>{{}, at};
  const Result<std::vector<FoundProcess>> running =
      co_await processes_.FindAny(std::move(where), std::move(programs));
  if (!running.ok()) co_return Unknown{running.status().message()};
  const int64_t daemon_pid = supervisors_.DaemonPid(endpoint);
  Found found;
  // A supervisord that is itself process 1 takes its own orphans with it when it ends.
  if (daemon_pid == kInit) co_return Known<Found>{{}, at};
  for (const FoundProcess& process : *running) {
    if (process.parent != kInit || process.pid == daemon_pid) continue;
    for (const auto& [program, command] : *commands)
      if (IsStartedBy(process.command_line, WordsOf(command))) found[program].push_back(process);
  }
  co_return Known<Found>{std::move(found), at};
}

}  // namespace holdfast::clients
