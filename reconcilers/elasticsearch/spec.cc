#include "reconcilers/elasticsearch/spec.h"

#include <utility>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "reconcilers/elasticsearch/spec_check.h"
#include "specs/reading.h"

namespace holdfast::elasticsearch {
namespace {

using specs::FieldTable;

const FieldTable<BasicLogin>& BasicFields() {
  static const FieldTable<BasicLogin> table =
      FieldTable<BasicLogin>("A user with a password.")
          .Field("user", &BasicLogin::user, "The user's name.", {.required = true, .example = "holdfast"})
          .Field("password", &BasicLogin::password, "Where the password is kept.", {.required = true});
  return table;
}

template <class S>
void AddSelector(FieldTable<S>& table) {
  table
      .Field("ip", &Selector::ip, "Address that the node listens on or publishes; `*` stands for any text.",
             {.example = "127.0.0.13"})
      .Field("name", &Selector::name, "The node's name; `*` stands for any text.", {.example = "\"old-*\""})
      .Field("host", &Selector::host, "Its host name or address; `*` stands for any text.")
      .Field("id", &Selector::id, "Its id, whole.")
      .Field("attributes", &Selector::attributes, "Attributes that the node's own file gives it.",
             {.max_items = 16, .example = "{zone: spot}"});
}

const FieldTable<Exclusion>& ExclusionFields() {
  static const FieldTable<Exclusion> table = [] {
    FieldTable<Exclusion> t(
        "Nodes that shards are moved away from. One key an entry: it becomes one of the cluster's own "
        "filters.");
    AddSelector(t);
    t.Field("until", &Exclusion::until, "When it ends by itself; the text may stay in the file.",
            {.example = "2026-11-23T18:00:00Z"})
        .Field("reason", &Exclusion::reason, "Why, for those who find it.",
               {.max_length = 500, .example = "\"disk, CHG-812\""})
        .Field("allowEmpty", &Exclusion::allow_empty,
               "It may match no node, for nodes that are still to come; else that is taken for a mistake.")
        .ExactlyOneOf({"ip", "name", "host", "id", "attributes"})
        .Needs("until", "reason")
        .Check(CheckExclusion);
    return t;
  }();
  return table;
}

template <class T>
const FieldTable<T>& LimitedFields() {
  static const FieldTable<T> table = [] {
    FieldTable<T> t("Less than `all`, for a while.");
    t.Inline(&T::temporary, specs::TemporaryFields)
        .Check(+[](const T& value, const specs::Node& node, specs::Problems& problems) {
          CheckLimited(value, node, problems);
        });
    return t;
  }();
  return table;
}

std::vector<specs::Alternative> AllocationAlternatives() {
  return {specs::Word<AllocationAll>("all", "Every shard may be allocated and moved."),
          specs::Key<AllocationPrimaries>("primaries", LimitedFields<AllocationPrimaries>),
          specs::Key<AllocationNewPrimaries>("newPrimaries", LimitedFields<AllocationNewPrimaries>),
          specs::Key<AllocationNone>("none", LimitedFields<AllocationNone>)};
}

const FieldTable<NodeCommands>& CommandsFields() {
  static const FieldTable<NodeCommands> table =
      FieldTable<NodeCommands>("Two programs; never through a shell.")
          .Field("stop", &NodeCommands::stop, "Returns when the node's process is gone.",
                 {.required = true, .example = "[ctl, stop-node, \"{name}\"]"})
          .Field("start", &NodeCommands::start, "Returns when it was started.",
                 {.required = true, .example = "[ctl, start-node, \"{name}\"]"})
          .Field("put", &NodeCommands::put,
                 "Replaces a file of the node by what it reads from its standard input, whole or not at all; "
                 "`{path}` is a word by itself. Left out: files are changed by cp, dd and mv of the host.",
                 {.example = "[ctl, put, \"{name}\", \"{path}\"]"})
          .Field("get", &NodeCommands::get, "Prints a file of the node, or fails.",
                 {.example = "[ctl, get, \"{name}\", \"{path}\"]"})
          .Needs("put", "get")
          .Needs("get", "put");
  return table;
}

const FieldTable<NodeControl>& ControlFields() {
  static const FieldTable<NodeControl> table =
      FieldTable<NodeControl>(
          "Who stops and starts a node. `{name}`, `{ip}`, `{host}` and `{id}` stand for the node's own.")
          .Named("NodeControl")
          .Table("systemd", &NodeControl::systemd, control::SystemdFields, "A unit of systemd.")
          .Table("sysv", &NodeControl::sysv, control::SysvFields, "A System V script.")
          .Table("supervisord", &NodeControl::supervisord, control::SupervisordFields,
                 "A program of a supervisord.")
          .Table("command", &NodeControl::command, CommandsFields, "Two programs of your own.")
          .Union("via", &NodeControl::via, control::ViaAlternatives(),
                 "How the node's host is reached; left out: everything is run on this machine.")
          .Enum("become", &NodeControl::become,
                {{"nobody", control::Become::kNobody}, {"sudo", control::Become::kSudo}},
                "Who commands are run as.")
          .ExactlyOneOf({"systemd", "sysv", "supervisord", "command"})
          .Check(CheckControl);
  return table;
}

const FieldTable<Disruption>& DisruptionFields() {
  static const FieldTable<Disruption> table =
      FieldTable<Disruption>("How a node is taken out of service and brought back, whatever for.")
          .Field("maxUnavailable", &Disruption::max_unavailable,
                 "So many nodes may be out of service by our doing.", {.min = 1, .max = 1})
          .Enum("protectFrom", &Disruption::protect_from,
                {{"risky", Disruption::Protect::kRisky},
                 {"always", Disruption::Protect::kAlways},
                 {"never", Disruption::Protect::kNever}},
                "When the risky nodes are excluded before any node stops: when a shard needs it, always, "
                "never.")
          .Table("control", &Disruption::control, ControlFields, "Who stops and starts a node.")
          .Field("stopTimeout", &Disruption::stop_timeout, "How long a node may take to leave the cluster.",
                 {.min = absl::Seconds(5), .max = absl::Hours(1)})
          .Field("returnTimeout", &Disruption::return_timeout,
                 "How long it may take from its start until it is back.",
                 {.min = absl::Seconds(10), .max = absl::Hours(6)})
          .Enum("whenLost", &Disruption::when_lost,
                {{"hold", Disruption::WhenLost::kHold}, {"reallocate", Disruption::WhenLost::kReallocate}},
                "What becomes of a node's copies when it does not come back: they wait for a person, or "
                "allocation is restored and they are made anew on other nodes.")
          .Field("lostAfter", &Disruption::lost_after,
                 "How long after its stop a node that is not back is taken for lost.",
                 {.min = absl::Minutes(1), .max = absl::Hours(48)});
  return table;
}

void AddMoves(FieldTable<Spec>& table) {
  table
      .Union("allocation", &Spec::allocation, AllocationAlternatives(),
             "Which shards may be allocated and moved; left out: not holdfast's, only shown.")
      .List("exclude", &Spec::exclude, ExclusionFields, "Nodes that are to hold no shards.",
            {.max_items = kMostExclusions})
      .Field("adoptForeignExclusions", &Spec::adopt_foreign,
             "Exclusions that someone else wrote are kept in force beside ours. Left out, they hold ours up "
             "until a person has decided.")
      .Field("minDataNodes", &Spec::min_data_nodes, "So many data nodes are left in any case.",
             {.min = 1, .max = 100000})
      .Field("maxExcluded", &Spec::max_excluded, "At most so many of the data nodes may be excluded at once.")
      .Table("riskyNodes", &Spec::risky_nodes, SelectorFields,
             "Nodes that may vanish at any time: a copy there never counts as safe.")
      .Enum("floodBlocks", &Spec::flood_blocks,
            {{"report", Spec::FloodBlocks::kReport}, {"remove", Spec::FloodBlocks::kRemove}},
            "What becomes of the block on writes that indices get when a disk is over its flood stage: from "
            "7.4 on the cluster takes it away when there is room again; before that, a person or `remove`.")
      .Field("settings", &Spec::settings, "Persistent cluster settings, by their full key.",
             {.max_items = 500, .example = "{indices.recovery.max_bytes_per_sec: 100mb}"});
}

}  // namespace

const FieldTable<Selector>& SelectorFields() {
  static const FieldTable<Selector> table = [] {
    FieldTable<Selector> t("Nodes by what they are called; a node must fit everything that is written.");
    AddSelector(t);
    t.AtLeastOneOf({"ip", "name", "host", "id", "attributes"}).Check(CheckSelector);
    return t;
  }();
  return table;
}

const FieldTable<Spec>& SpecFields() {
  static const FieldTable<Spec> table = [] {
    FieldTable<Spec> t("A cluster of Elasticsearch or OpenSearch.");
    t.Named("ElasticsearchCluster")
        .Field("endpoints", &Spec::endpoints,
               "Nodes that are asked, the first that answers; settings are written there too.",
               {.required = true,
                .pattern = "https?://[^/@\\s]+/?",
                .pattern_says = "http://HOST:PORT or https://HOST:PORT, without a user",
                .min_items = 1,
                .max_items = kMostEndpoints,
                .example = "[\"http://127.0.0.11:9200\", \"http://127.0.0.12:9200\"]"})
        .Union("auth", &Spec::auth,
               {specs::Key<BasicLogin>("basic", BasicFields),
                specs::Key<ApiKeyLogin>("apiKey", &ApiKeyLogin::key,
                                        "Where base64 of ID:KEY is kept, as the server gave it out.")},
               "Who to be; left out: nobody is asked.")
        .Field("ca", &Spec::ca_file, "Certificates to trust; left out: the system's own.",
               {.pattern = "/.*", .pattern_says = "an absolute path", .example = "/etc/holdfast/es-ca.pem"});
    AddMoves(t);
    t.Table("disruption", &Spec::disruption, DisruptionFields,
            "How nodes are stopped and started, for every Operation.")
        .Check(CheckSpec);
    return t;
  }();
  return table;
}

const FieldTable<RollingRestart>& RollingRestartFields() {
  static const FieldTable<RollingRestart> table =
      FieldTable<RollingRestart>("Restarts nodes one by one; no copy of a shard is given up for it.")
          .Table("nodes", &RollingRestart::nodes, SelectorFields, "Which nodes.", {.required = true})
          .Field("startedBefore", &RollingRestart::started_before,
                 "A node that was started later is done already; left out: when the Operation began.",
                 {.example = "2026-11-20T10:00:00Z"});
  return table;
}

namespace {

const FieldTable<ConfigFile>& ConfigFileFields() {
  static const FieldTable<ConfigFile> table =
      FieldTable<ConfigFile>("One file of each node. It must be there already: owner and mode stay.")
          .Field("path", &ConfigFile::path,
                 "Where it lies on the node; `{name}`, `{ip}`, `{host}` and `{id}` stand for the node's own.",
                 {.required = true,
                  .pattern = "/[A-Za-z0-9._/@%+=:,{}-]+",
                  .pattern_says = "an absolute path of plain characters",
                  .example = "/etc/elasticsearch/elasticsearch.yml"})
          .Field("from", &ConfigFile::from,
                 "The text that it is to hold, as it lies from this file. What lies in a directory called "
                 "`templates` is not taken for a spec, whatever its name ends in.",
                 {.required = true, .example = "templates/elasticsearch.yml"})
          .Field(
              "sha256", &ConfigFile::sha256,
              "What `from` must be. Left out, the Operation is about whatever `from` holds: another text "
              "makes it unfinished again.",
              {.pattern = "[0-9a-f]{64}", .pattern_says = "64 hexadecimal digits, as sha256sum prints them"})
          .Check(CheckConfigFile);
  return table;
}

}  // namespace

const FieldTable<ConfigChange>& ConfigChangeFields() {
  static const FieldTable<ConfigChange> table =
      FieldTable<ConfigChange>(
          "Changes files of nodes one by one: each is stopped, given its files and started; one that does "
          "not "
          "come back gets its old files.")
          .Table("nodes", &ConfigChange::nodes, SelectorFields, "Which nodes.", {.required = true})
          .Enum(
              "strategy", &ConfigChange::strategy,
              {{"inPlace", Operation::Strategy::kInPlace}, {"drainFirst", Operation::Strategy::kDrainFirst}},
              "Whether a node keeps its shards meanwhile, or is emptied first.")
          .Field("canary", &ConfigChange::canary, "So many nodes go first.", {.min = 1, .max = 1000})
          .List("files", &ConfigChange::files, ConfigFileFields, "The files.",
                {.required = true, .min_items = 1, .max_items = kMostConfigFiles})
          .Field("settle", &ConfigChange::settle,
                 "How long the first nodes must have run with the new files before the others follow.",
                 {.max = absl::Hours(24), .example = "10m"})
          .Check(CheckConfigChange);
  return table;
}

// ── words ──

std::string SelectorText(const Selector& selector) {
  std::vector<std::string> parts;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) parts.push_back(Cat(key, ": ", value));
  };
  add("ip", selector.ip);
  add("name", selector.name);
  add("host", selector.host);
  add("id", selector.id);
  for (const auto& [key, value] : selector.attributes) add(key, value);
  return Join(parts, ", ");
}

std::string_view EnableText(EnableMode mode) {
  switch (mode) {
    case EnableMode::kAll:
      return "all";
    case EnableMode::kPrimaries:
      return "primaries";
    case EnableMode::kNewPrimaries:
      return "new_primaries";
    case EnableMode::kNone:
      return "none";
  }
  return "all";
}

EnableMode ModeOf(const Allocation& allocation) {
  constexpr EnableMode kModes[] = {EnableMode::kAll, EnableMode::kPrimaries, EnableMode::kNewPrimaries,
                                   EnableMode::kNone};
  return kModes[allocation.index()];
}

const specs::Temporary* TemporaryOf(const Allocation& allocation) {
  return std::visit(
      [](const auto& one) -> const specs::Temporary* {
        if constexpr (std::is_same_v<std::decay_t<decltype(one)>, AllocationAll>)
          return nullptr;
        else
          return &one.temporary;
      },
      allocation);
}

}  // namespace holdfast::elasticsearch

namespace holdfast::specs {
namespace {

class BesideSpecShape final : public Shape {
 public:
  void Decode(const Node& node, void* value, const Row&, Decoding& decoding) const override {
    const auto text = PlainText(node, decoding, "a path");
    if (!text || text->empty() || text->size() > kMaxTextLength) return;
    auto& out = *static_cast<elasticsearch::BesideSpec*>(value);
    out.written = *text;
    const Span span = node.span();
    const size_t slash = span.path().rfind('/');
    const bool alone = text->starts_with('/') || slash == std::string_view::npos;
    out.path = alone ? out.written : Cat(span.path().substr(0, slash + 1), out.written);
  }
  void Encode(const void* value, std::string& out) const override {
    AppendJsonText(static_cast<const elasticsearch::BesideSpec*>(value)->written, out);
  }
  json::object Schema(const Row&, SchemaWriter&) const override {
    return {{"type", "string"}, {"minLength", 1}};
  }
  std::string TypeText(const Row&) const override { return "path"; }
};

}  // namespace

const Shape& ShapeOf<elasticsearch::BesideSpec>::Get() {
  static const BesideSpecShape shape;
  return shape;
}

}  // namespace holdfast::specs
