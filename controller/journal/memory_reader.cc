#include "controller/journal/memory_reader.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/journal/history_chain.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/record_words.h"
#include "controller/plan/action_json.h"

namespace holdfast {
namespace {

ResourceKey ReadKey(SqliteRow& row) {
  ResourceKey key;
  key.kind = row.Text();
  key.name = row.Text();
  return key;
}

Result<Action> ReadAction(std::string_view text) { return ActionFromJson(HF_TRY(ParseJson(text))); }

// Calls `read` with every row of `sql`; the first problem ends it. `read` gives the row's name for messages.
template <class Read>
Status EachRow(SqliteDatabase& database, std::string_view table, std::string_view sql, Read read) {
  SqliteStatement statement = HF_TRY(database.Prepare(sql));
  while (HF_TRY(statement.Step())) {
    SqliteRow row(statement, table);
    const std::string name = read(row);
    HF_TRY(row.status(name));
  }
  return {};
}

// The value of a word, or a problem of its row.
template <class T>
T Meant(SqliteRow& row, std::optional<T> value, std::string_view word) {
  if (!value) row.Wrong(Cat("\"", word, "\" is no word of this journal"));
  return value.value_or(T{});
}

Status ReadSpecs(SqliteDatabase& database, Memory& memory) {
  constexpr std::string_view kSql =
      "SELECT kind, name, text, digest, head, file, revision, line, generation, at FROM spec ORDER BY kind, "
      "name";
  return EachRow(database, "spec", kSql, [&](SqliteRow& row) {
    SpecInForce spec{.resource = ReadKey(row)};
    for (std::string* text : {&spec.text, &spec.digest, &spec.head, &spec.file, &spec.revision})
      *text = row.Text();
    spec.line = static_cast<int>(row.Integer());
    spec.generation = row.Integer();
    spec.at = TimeOfNumber(row.Integer());
    ResourceKey key = spec.resource;
    std::string name = row.ok() ? std::string() : key.Text();
    memory.resources.emplace_hint(memory.resources.end(), std::move(key), Remembered{})->second.spec =
        std::move(spec);
    return name;
  });
}

Status ReadLeases(SqliteDatabase& database, Memory& memory) {
  constexpr std::string_view kSql =
      "SELECT kind, name, object, before, wrote, restore, why FROM lease ORDER BY intent, kind, name, object";
  return EachRow(database, "lease", kSql, [&](SqliteRow& row) {
    const ResourceKey key = ReadKey(row);
    Lease lease{.object = row.Text()};
    lease.before = row.Text();
    lease.wrote = row.Text();
    Result<Action> restore = ReadAction(row.View());
    if (restore.ok())
      lease.restore = *std::move(restore);
    else
      row.Wrong(restore.status().message());
    lease.why = row.Text();
    std::string name = Cat(key.Text(), " ", lease.object);
    memory.resources[key].past.open.push_back(std::move(lease));
    return name;
  });
}

Status ReadSuspensions(SqliteDatabase& database, Memory& memory) {
  return EachRow(database, "suspension", "SELECT kind, name, owner, reason, since, until FROM suspension",
                 [&](SqliteRow& row) {
                   SuspensionSet set{.resource = ReadKey(row)};
                   set.owner = row.Text();
                   set.reason = row.Text();
                   set.since = TimeOfNumber(row.Integer());
                   set.until = TimeOfNumber(row.Integer());
                   std::string name = set.resource.Text();
                   memory.resources[set.resource].suspension = std::move(set);
                   return name;
                 });
}

Status ReadStopAll(SqliteDatabase& database, Memory& memory) {
  return EachRow(database, "stop_all", "SELECT reach, owner, reason, since FROM stop_all",
                 [&](SqliteRow& row) {
                   const std::string_view reach = row.View();
                   memory.stop_all.reach = Meant(row, ReachOfWord(reach), reach);
                   memory.stop_all.owner = row.Text();
                   memory.stop_all.reason = row.Text();
                   memory.stop_all.since = TimeOfNumber(row.Integer());
                   return std::string("1");
                 });
}

Status ReadPins(SqliteDatabase& database, Memory& memory) {
  return EachRow(database, "pin", "SELECT kind, name, pin, value FROM pin", [&](SqliteRow& row) {
    const ResourceKey key = ReadKey(row);
    std::string pin = row.Text();
    std::string name = Cat(key.Text(), " ", pin);
    memory.resources[key].past.pins[std::move(pin)] = row.Text();
    return name;
  });
}

Status ReadOperations(SqliteDatabase& database, Memory& memory) {
  constexpr std::string_view kSql =
      "SELECT kind, name, operation, phase, digest, since, message FROM operation";
  return EachRow(database, "operation", kSql, [&](SqliteRow& row) {
    const ResourceKey key = ReadKey(row);
    std::string operation = row.Text();
    std::string name = Cat(key.Text(), " ", operation);
    const std::string_view phase = row.View();
    Past::Operation is{.phase = Meant(row, PhaseOfWord(phase), phase)};
    is.digest = row.Text();
    is.since = TimeOfNumber(row.Integer());
    is.message = row.Text();
    memory.resources[key].past.operations[std::move(operation)] = std::move(is);
    return name;
  });
}

void ReadSteps(SqliteRow& row, ApprovalGiven& given) {
  const Result<json::value> steps = ParseJson(row.View());
  if (!steps.ok()) return row.Wrong(steps.status().message());
  const json::array* list = steps->if_array();
  if (list == nullptr) return row.Wrong("its steps are no list");
  for (const json::value& step : *list) {
    const json::array* pair = step.if_array();
    if (pair == nullptr || pair->size() != 2 || !pair->at(0).is_string() || !pair->at(1).is_string())
      return row.Wrong("a step is no pair of texts");
    given.steps.emplace_back(Chars(pair->at(0).get_string()), Chars(pair->at(1).get_string()));
  }
}

Status ReadApprovals(SqliteDatabase& database, Memory& memory) {
  constexpr std::string_view kSql = "SELECT kind, name, plan_digest, actor, at, until, steps FROM approval";
  return EachRow(database, "approval", kSql, [&](SqliteRow& row) {
    ApprovalGiven given{.resource = ReadKey(row)};
    given.plan_digest = row.Text();
    given.by = row.Text();
    given.at = TimeOfNumber(row.Integer());
    given.until = TimeOfNumber(row.Integer());
    ReadSteps(row, given);
    std::string name = given.resource.Text();
    memory.resources[given.resource].approval = std::move(given);
    return name;
  });
}

Intent IntentOf(SqliteRow& from, const HistoryRow& row) {
  Intent intent{.resource = {std::string(row.kind), std::string(row.name)},
                .step_key = std::string(row.step_key),
                .verb = std::string(row.verb),
                .target = std::string(row.target),
                .danger = Meant(from, DangerOfWord(row.danger), row.danger),
                .why = std::string(row.why),
                .revision = std::string(row.revision),
                .by = std::string(row.actor),
                .plan_digest = std::string(row.plan_digest),
                .meter = std::string(row.meter),
                .puts_back = std::string(row.puts_back),
                .at = TimeOfNumber(row.at)};
  Result<Action> action = ReadAction(row.action);
  if (action.ok())
    intent.action = *std::move(action);
  else
    from.Wrong(action.status().message());
  if (row.lease.empty()) return intent;
  const Result<json::value> lease_json = ParseJson(row.lease);
  Result<Lease> lease = lease_json.ok() ? LeaseFromJson(*lease_json) : Result<Lease>(lease_json.status());
  if (lease.ok())
    intent.puts_aside = *std::move(lease);
  else
    from.Wrong(lease.status().message());
  return intent;
}

Status ReadOpenIntents(SqliteDatabase& database, Memory& memory) {
  const std::string sql =
      Cat("SELECT ", kHistoryColumns, " FROM history WHERE id IN (SELECT id FROM open_intent) ORDER BY id");
  return EachRow(database, "history", sql, [&](SqliteRow& row) {
    const HistoryRow read = ReadHistoryRow(row);
    if (read.what != "intent")
      row.Wrong("an open intent is no intent");
    else
      memory.open_intents.push_back({.id = read.id, .intent = IntentOf(row, read)});
    return Cat("row ", read.id);
  });
}

// Attempts come in the order in which they were journalled, which is the order of their ids; the wall clock
// may have jumped in between.
Status ReadAttempts(SqliteDatabase& database, Memory& memory, absl::Time now) {
  // Left to itself, SQLite would look for the least id along all the ids of a year.
  SqliteStatement first = HF_TRY(database.Prepare(
      "SELECT ifnull(min(id), 0) FROM history INDEXED BY history_attempt WHERE what = 'intent' AND at >= ?"));
  const int64_t since = TimeNumber(now - kAttemptsKept);
  if (!HF_TRY(first.Bind(since).Step())) return Internal("journal: no least id");
  const int64_t first_id = first.Integer(0);
  if (first_id == 0) return {};

  struct Place {
    Past* past;
    size_t index;
  };
  std::unordered_map<int64_t, Place> places;
  const std::string sql =
      Cat("SELECT id, what, at, kind, name, step_key, meter, target, intent, outcome, detail, receipt FROM "
          "history WHERE id >= ",
          first_id, " ORDER BY id");
  return EachRow(database, "history", sql, [&](SqliteRow& row) {
    const int64_t id = row.Integer();
    const std::string_view what = row.View();
    const int64_t at = row.Integer();
    const ResourceKey key = ReadKey(row);
    Attempt attempt{.key = row.Text(), .meter = row.Text(), .sent = TimeOfNumber(at), .target = row.Text()};
    const int64_t intent = row.Integer();
    const std::string_view word = row.View();
    if (what == "intent" && at >= since) {
      std::vector<Attempt>& attempts = memory.resources[key].past.attempts;
      places[id] = {&memory.resources[key].past, attempts.size()};
      attempts.push_back(std::move(attempt));
    } else if (const auto place = places.find(intent); what == "outcome" && place != places.end()) {
      Outcome& outcome = place->second.past->attempts[place->second.index].outcome;
      outcome.kind = Meant(row, OutcomeOfWord(word), word);
      outcome.detail = row.Text();
      outcome.receipt = row.Text();
    }
    return Cat("row ", id);
  });
}

Status ReadAll(SqliteDatabase& database, absl::Time now, Memory& memory) {
  HF_TRY(ReadSpecs(database, memory));
  HF_TRY(ReadLeases(database, memory));
  HF_TRY(ReadSuspensions(database, memory));
  HF_TRY(ReadStopAll(database, memory));
  HF_TRY(ReadPins(database, memory));
  HF_TRY(ReadOperations(database, memory));
  HF_TRY(ReadApprovals(database, memory));
  HF_TRY(ReadOpenIntents(database, memory));
  HF_TRY(ReadAttempts(database, memory, now));
  memory.epoch = Cat(HF_TRY(database.Number("SELECT ifnull(max(epoch), 0) FROM writer")));
  return {};
}

}  // namespace

Result<Memory> ReadMemory(SqliteDatabase& database, absl::Time now) {
  Memory memory;
  HF_TRY(database.Execute("BEGIN"));
  Status read = ReadAll(database, now, memory);
  const Status end = database.Execute("COMMIT");
  HF_TRY(std::move(read));
  HF_TRY(end);
  return memory;
}

}  // namespace holdfast
