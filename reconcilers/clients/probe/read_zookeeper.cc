#include "controller/base/text.h"
#include "reconcilers/clients/probe/answers.h"

namespace holdfast::clients {

namespace {

using Level = ProbeAnswer::Level;

std::string LineAfter(std::string_view text, std::string_view name) {
  for (const std::string& line : Split(text, '\n'))
    if (line.starts_with(name)) return Excerpt(Trim(std::string_view(line).substr(name.size())), 40);
  return {};
}

}  // namespace

// `srvr` is asked, because `ruok` says imok without a quorum, and because it alone is allowed by default.
ProbeAnswer ReadZookeeper(std::string_view bytes, std::string_view whom) {
  ProbeAnswer answer;
  const auto contains = [&](std::string_view text) { return bytes.find(text) != std::string_view::npos; };
  const std::string mode = LineAfter(bytes, "Mode:");
  if (!mode.empty()) {
    answer.level = Level::kServing;
    answer.facts["mode"] = mode;
    answer.facts["connections"] = LineAfter(bytes, "Connections:");
    answer.detail = Cat(whom, ": ZooKeeper ", mode);
  } else if (contains("not currently serving requests")) {
    answer.level = Level::kStarting;
    answer.facts["mode"] = "none";
    answer.detail = Cat(whom, ": ZooKeeper is not serving: no quorum, or still joining it");
  } else if (contains("not in the whitelist")) {
    answer.detail = Cat(whom, ": ZooKeeper does not allow srvr; add it to 4lw.commands.whitelist");
  } else {
    answer.level = Level::kWrong;
    answer.detail = Cat(whom, ": not ZooKeeper: ", Excerpt(bytes, 60));
  }
  return answer;
}

}  // namespace holdfast::clients
