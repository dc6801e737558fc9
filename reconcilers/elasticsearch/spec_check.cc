#include "reconcilers/elasticsearch/spec_check.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "controller/base/text.h"
#include "reconcilers/elasticsearch/view.h"

namespace holdfast::elasticsearch {
namespace {

constexpr std::string_view kPathWord = "{path}";

using specs::ProblemCode;
using specs::Problems;

specs::Node Item(const specs::Node& list, size_t index) {
  for (const specs::Node& item : list)
    if (index-- == 0) return item;
  return list;
}

// One token of a comma list, as the filters read it.
bool IsOneToken(std::string_view text) { return text.find_first_of(", \t\n\"") == std::string_view::npos; }

void CheckToken(std::string_view field, std::string_view text, const specs::Node& node, Problems& problems) {
  if (IsOneToken(text)) return;
  problems
      .Error(ProblemCode::kRule, node.SpanAt(field),
             Cat("`", Excerpt(text, 40), "` is not one word: the cluster's filters divide at commas"))
      .Help("write one entry for each, without blanks");
}

void CheckTokens(const Selector& selector, const specs::Node& node, Problems& problems) {
  CheckToken("ip", selector.ip, node, problems);
  CheckToken("name", selector.name, node, problems);
  CheckToken("host", selector.host, node, problems);
  CheckToken("id", selector.id, node, problems);
  for (const auto& [key, value] : selector.attributes) {
    CheckToken("attributes", value, node, problems);
    const bool odd = key.empty() || key.starts_with('_') || key.find_first_of("*, \t") != std::string::npos;
    if (odd || value.empty())
      problems
          .Error(ProblemCode::kRule, node.SpanAt("attributes"),
                 odd ? Cat("`", Excerpt(key, 40), "` is no attribute") : Cat("`", key, "` without a value"))
          .Help("as it stands in the node's file after `node.attr.`, such as `zone: spot`");
  }
  if (selector.id.find('*') != std::string::npos)
    problems.Error(ProblemCode::kRule, node.SpanAt("id"), "an id is compared whole, `*` stands for itself")
        .Help("write `name` for a pattern");
}

// Keys of which this kind decides by other fields.
std::string_view OwnerOf(std::string_view key) {
  if (key.starts_with(kExcludePrefix)) return "exclude";
  if (key == kEnableKey) return "allocation";
  return {};
}

void CheckSettings(const Spec& spec, const specs::Node& node, Problems& problems) {
  for (const auto& [key, value] : spec.settings) {
    const specs::Node at = node.Find("settings").Find(key);
    if (const std::string_view owner = OwnerOf(key); !owner.empty())
      problems.Error(ProblemCode::kRule, at.span(), Cat("`", key, "` is written as `", owner, "`"))
          .Help(Cat("take it out of `settings` and write `", owner, ":`"));
    else if (key.starts_with(kMirrorPrefix) || key.starts_with("archived.") || key.find('*') != key.npos)
      problems.Error(ProblemCode::kRule, at.span(), Cat("`", key, "` is not a setting for a spec"))
          .Help("leave it out");
    else if (key.find('.') == key.npos)
      problems.Error(ProblemCode::kRule, at.span(), Cat("`", key, "` is no full key"))
          .Help("such as `indices.recovery.max_bytes_per_sec`");
    else if (value.empty())
      problems.Error(ProblemCode::kRule, at.span(), Cat("`", key, "` without a value"))
          .Help("an empty text is a value to the cluster, and rarely a good one: leave the key out");
  }
}

void CheckOneKeyEach(const Spec& spec, const specs::Node& node, Problems& problems) {
  const specs::Node list = node.Find("exclude");
  for (size_t i = 0; i < spec.exclude.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (static_cast<const Selector&>(spec.exclude[i]) == static_cast<const Selector&>(spec.exclude[j]))
        problems
            .Error(ProblemCode::kRule, Item(list, i).span(),
                   Cat("`", SelectorText(spec.exclude[i]), "` is excluded twice"))
            .Help("one entry says until when and why");
}

}  // namespace

std::string UnknownPlaceholder(std::string_view text) {
  constexpr std::string_view kKnown[] = {"name", "ip", "host", "id"};
  for (size_t open = text.find('{'); open != text.npos; open = text.find('{', open + 1)) {
    const size_t close = text.find('}', open);
    if (close == text.npos) break;
    const std::string_view word = text.substr(open + 1, close - open - 1);
    if (std::find(std::begin(kKnown), std::end(kKnown), word) == std::end(kKnown))
      return std::string(text.substr(open, close - open + 1));
  }
  return {};
}

void CheckSelector(const Selector& selector, const specs::Node& node, Problems& problems) {
  CheckTokens(selector, node, problems);
}

void CheckExclusion(const Exclusion& exclusion, const specs::Node& node, Problems& problems) {
  CheckTokens(exclusion, node, problems);
  if (exclusion.attributes.size() > 1)
    problems.Error(ProblemCode::kRule, node.SpanAt("attributes"), "one attribute an entry")
        .Labelled("the cluster excludes a node that fits any of its filters, not all of them")
        .Help("write one entry for each, if any of them is meant");
  if (exclusion.ip == "*" || exclusion.name == "*" || exclusion.host == "*")
    problems.Error(ProblemCode::kRule, node.span(), "this would exclude every node")
        .Help("name the nodes that are to be emptied");
}

void CheckLimited(const AllocationLimited& limited, const specs::Node& node, Problems& problems) {
  if (limited.temporary.given()) return;
  problems.Error(ProblemCode::kRule, node.span(), "less than `all` needs an end and a reason")
      .Help("write {until: 2026-11-23T18:00:00Z, reason: …}: forgotten, it would cost a shard's last copy");
}

void CheckControl(const NodeControl& control, const specs::Node& node, Problems& problems) {
  const auto check = [&](std::string_view text, const specs::Node& at) {
    const std::string unknown = UnknownPlaceholder(text);
    if (unknown.empty()) return;
    problems.Error(ProblemCode::kRule, at.span(), Cat("`", unknown, "` is no word for a node"))
        .Help("{name}, {ip}, {host} or {id}");
  };
  if (control.systemd) check(control.systemd->unit, node.Find("systemd").Find("unit"));
  if (control.sysv) check(control.sysv->service, node.Find("sysv").Find("service"));
  if (control.supervisord) {
    check(control.supervisord->program, node.Find("supervisord").Find("program"));
    check(*control.supervisord->url, node.Find("supervisord").Find("url"));
  }
  if (control.command) {
    for (const std::string& word : control.command->stop.words)
      check(word, node.Find("command").Find("stop"));
    for (const std::string& word : control.command->start.words)
      check(word, node.Find("command").Find("start"));
    for (const auto& [name, program] :
         {std::pair("put", &control.command->put), {"get", &control.command->get}}) {
      for (const std::string& word : program->words)
        if (word != kPathWord) check(word, node.Find("command").Find(name));
      if (!program->empty() && std::ranges::count(program->words, kPathWord) == 0)
        problems.Error(ProblemCode::kRule, node.Find("command").Find(name).span(), "without \"{path}\"")
            .Help("one of its words is \"{path}\": the file");
    }
  }
  const auto* ssh = control.via ? std::get_if<control::SshVia>(&*control.via) : nullptr;
  if (ssh == nullptr) return;
  check(ssh->host, node.Find("via").Find("ssh").Find("host"));
  if (ssh->host.empty())
    problems.Error(ProblemCode::kRule, node.Find("via").span(), "`ssh` without a `host`")
        .Help("such as host: \"{ip}\"");
}

void CheckConfigFile(const ConfigFile& file, const specs::Node& node, Problems& problems) {
  for (const auto& [name, text] :
       {std::pair<std::string_view, const std::string&>("path", file.path), {"from", file.from.written}})
    if (const std::string unknown = UnknownPlaceholder(text); !unknown.empty())
      problems.Error(ProblemCode::kRule, node.SpanAt(name), Cat("`", unknown, "` is no word for a node"))
          .Help("{name}, {ip}, {host} or {id}");
  const bool climbs = Cat(file.path, "/").find("/../") != std::string::npos || file.path.ends_with('/');
  if (climbs || file.path.find(".holdfast-") != std::string::npos)
    problems
        .Error(ProblemCode::kRule, node.SpanAt("path"),
               Cat("`", Excerpt(file.path, 80), "` is no file of a node"))
        .Help("such as /etc/elasticsearch/elasticsearch.yml");
  if (!file.sha256.empty() && file.from.written.find('{') != std::string::npos)
    problems.Error(ProblemCode::kRule, node.SpanAt("sha256"), "one digest, and a text for each node")
        .Help("leave `sha256` out, or write one Operation for each node");
}

void CheckConfigChange(const ConfigChange& change, const specs::Node& node, Problems& problems) {
  for (size_t i = 1; i < change.files.size(); ++i)
    for (size_t j = 0; j < i; ++j)
      if (change.files[i].path == change.files[j].path)
        problems
            .Error(ProblemCode::kRule, Item(node.Find("files"), i).span(),
                   Cat("`", change.files[i].path, "` is written twice"))
            .Help("one text for each file");
}

void CheckSpec(const Spec& spec, const specs::Node& node, Problems& problems) {
  CheckSettings(spec, node, problems);
  CheckOneKeyEach(spec, node, problems);
  for (size_t i = 1; i < spec.endpoints.size(); ++i)
    if (std::count(spec.endpoints.begin(), spec.endpoints.begin() + static_cast<std::ptrdiff_t>(i),
                   spec.endpoints[i]) > 0)
      problems
          .Error(ProblemCode::kRule, Item(node.Find("endpoints"), i).span(),
                 Cat(spec.endpoints[i], " stands here twice"))
          .Help("each endpoint once");
}

}  // namespace holdfast::elasticsearch
