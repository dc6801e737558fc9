#include "controller/base/json.h"
#include "controller/base/text.h"
#include "reconcilers/clients/probe/answers.h"

namespace holdfast::clients {

namespace {

using Level = ProbeAnswer::Level;

std::string TextOf(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(JsonView(key));
  if (value == nullptr || value->is_null()) return {};
  return value->is_string() ? Excerpt(Chars(value->get_string())) : Excerpt(Compact(*value));
}

// The beans of a /jmx answer; nothing when it is none.
const json::array* BeansOf(const Result<json::value>& parsed) {
  const json::object* object = parsed.ok() ? parsed->if_object() : nullptr;
  const json::value* beans = object == nullptr ? nullptr : object->if_contains("beans");
  return beans == nullptr ? nullptr : beans->if_array();
}

const json::object* BeanNamed(const json::array& beans, std::string_view end) {
  for (const json::value& bean : beans) {
    const json::object* object = bean.if_object();
    if (object != nullptr && TextOf(*object, "name").ends_with(end)) return object;
  }
  return nullptr;
}

ProbeAnswer Say(Level level, std::string detail) {
  ProbeAnswer answer;
  answer.level = level;
  answer.detail = std::move(detail);
  return answer;
}

}  // namespace

ProbeAnswer ReadNameNode(std::string_view system, std::string_view status, std::string_view whom) {
  const Result<json::value> parsed = ParseJson(system), parsed_status = ParseJson(status);
  const json::array* beans = BeansOf(parsed);
  if (beans == nullptr)
    return Say(Level::kWrong, Cat(whom, ": not /jmx of a NameNode: ", Excerpt(system, 60)));
  // FSNamesystem counts no live DataNodes even when there are some: the numbers come from FSNamesystemState.
  const json::object* state = BeanNamed(*beans, "name=FSNamesystemState");
  const json::object* counts = BeanNamed(*beans, "name=FSNamesystem");
  if (state == nullptr || counts == nullptr)
    return Say(Level::kStarting, Cat(whom, ": the NameNode is loading its image"));
  ProbeAnswer answer;
  const std::string fs_state = TextOf(*state, "FSState");
  answer.facts["safemode"] = fs_state == "Operational" ? "off" : "on";
  answer.facts["missingBlocks"] = TextOf(*counts, "MissingBlocks");
  answer.facts["liveDataNodes"] = TextOf(*state, "NumLiveDataNodes");
  answer.facts["deadDataNodes"] = TextOf(*state, "NumDeadDataNodes");
  answer.facts["volumesFailed"] = TextOf(*state, "VolumeFailuresTotal");
  if (const json::array* own = BeansOf(parsed_status))
    if (const json::object* bean = BeanNamed(*own, "name=NameNodeStatus"))
      answer.facts["state"] = TextOf(*bean, "State");
  if (fs_state == "Operational") {
    answer.level = Level::kServing;
    answer.detail =
        Cat(whom, ": NameNode ", answer.facts["state"], ", safe mode off, ", answer.facts["missingBlocks"],
            " missing blocks, ", answer.facts["liveDataNodes"], " live DataNodes");
  } else if (fs_state == "safeMode") {
    answer.level = Level::kStarting;
    answer.detail =
        Cat(whom, ": NameNode in safe mode with ", answer.facts["liveDataNodes"], " live DataNodes");
  } else {
    answer.level = Level::kWrong;
    answer.detail = Cat(whom, ": FSState is ", Excerpt(fs_state, 40));
  }
  return answer;
}

ProbeAnswer ReadDataNode(std::string_view dataset, std::string_view whom) {
  const Result<json::value> parsed = ParseJson(dataset);
  const json::array* beans = BeansOf(parsed);
  if (beans == nullptr)
    return Say(Level::kWrong, Cat(whom, ": not /jmx of a DataNode: ", Excerpt(dataset, 60)));
  if (beans->empty() || !beans->front().is_object())
    return Say(Level::kStarting, Cat(whom, ": the DataNode is starting"));
  const json::object& bean = beans->front().get_object();
  ProbeAnswer answer = Say(Level::kServing, Cat(whom, ": DataNode answers"));
  answer.facts["remaining"] = TextOf(bean, "Remaining");
  answer.facts["volumesFailed"] = TextOf(bean, "NumFailedVolumes");
  return answer;
}

ProbeAnswer ReadAccumuloMonitor(std::string_view manager, std::string_view whom) {
  const Result<json::value> parsed = ParseJson(manager);
  const json::object* object = parsed.ok() ? parsed->if_object() : nullptr;
  if (object == nullptr || !object->contains("onlineTabletServers"))
    return Say(Level::kWrong,
               Cat(whom, ": not /rest/manager of an Accumulo monitor: ", Excerpt(manager, 60)));
  // Without a manager it answers 0 to everything, also for tablet servers that run: these are no numbers.
  if (TextOf(*object, "managerState").empty())
    return Say(Level::kServing, Cat(whom, ": the monitor answers and sees no manager"));
  ProbeAnswer answer = Say(Level::kServing, Cat(whom, ": Accumulo with ",
                                                TextOf(*object, "onlineTabletServers"), " tablet servers"));
  answer.facts["tservers"] = TextOf(*object, "onlineTabletServers");
  answer.facts["unassignedTablets"] = TextOf(*object, "unassignedTablets");
  answer.facts["deadTabletServers"] = TextOf(*object, "deadTabletServersCount");
  answer.facts["managerState"] = TextOf(*object, "managerState");
  return answer;
}

}  // namespace holdfast::clients
