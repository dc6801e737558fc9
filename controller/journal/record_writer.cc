#include "controller/journal/record_writer.h"

#include <string>
#include <utility>
#include <variant>

#include "controller/base/json.h"
#include "controller/base/text.h"
#include "controller/journal/journal_schema.h"
#include "controller/journal/record_words.h"
#include "controller/plan/action_json.h"

namespace holdfast {
namespace {

// JSON is refused on reading when it is not UTF-8: better no action now than a journal that cannot be loaded.
Result<std::string> Readable(json::value value, std::string_view what) {
  std::string text = Compact(value);
  if (!IsValidUtf8(text)) return InvalidArgument(Cat("journal: ", what, " holds bytes that are not UTF-8"));
  return text;
}

json::value StepsJson(const ApprovalGiven& given) {
  json::array steps;
  for (const auto& [key, digest] : given.steps)
    steps.push_back(json::array{json::string(JsonView(key)), json::string(JsonView(digest))});
  return steps;
}

}  // namespace

Result<RecordWriter> RecordWriter::Prepare(SqliteDatabase& database) {
  RecordWriter out;
  const std::pair<SqliteStatement*, std::string_view> statements[] = {
      {&out.add_history_, "INSERT INTO history VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"},
      {&out.is_intent_, "SELECT 1 FROM history WHERE id = ? AND what = 'intent'"},
      {&out.open_intent_, "INSERT INTO open_intent VALUES (?)"},
      {&out.close_intent_, "DELETE FROM open_intent WHERE id = ?"},
      // What was found first is what must come back: an intent that is repeated while its lease is open adds
      // only the value that was written last.
      {&out.open_lease_,
       "INSERT INTO lease VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET wrote = excluded.wrote"},
      {&out.close_lease_, "DELETE FROM lease WHERE kind = ? AND name = ? AND object = ?"},
      {&out.set_spec_, "INSERT OR REPLACE INTO spec VALUES (?,?,?,?,?,?,?,?,?,?)"},
      {&out.forget_spec_, "DELETE FROM spec WHERE kind = ? AND name = ?"},
      {&out.forget_pins_, "DELETE FROM pin WHERE kind = ? AND name = ?"},
      {&out.set_suspension_, "INSERT OR REPLACE INTO suspension VALUES (?,?,?,?,?,?)"},
      {&out.clear_suspension_, "DELETE FROM suspension WHERE kind = ? AND name = ?"},
      {&out.set_stop_all_, "INSERT OR REPLACE INTO stop_all VALUES (1,?,?,?,?)"},
      {&out.set_pin_, "INSERT OR REPLACE INTO pin VALUES (?,?,?,?)"},
      {&out.move_operation_, "INSERT OR REPLACE INTO operation VALUES (?,?,?,?,?,?,?)"},
      {&out.give_approval_, "INSERT OR REPLACE INTO approval VALUES (?,?,?,?,?,?,?)"},
      {&out.spend_approval_, "DELETE FROM approval WHERE kind = ? AND name = ?"},
  };
  for (const auto& [statement, sql] : statements) *statement = HF_TRY(database.Prepare(sql));
  return out;
}

Result<int64_t> RecordWriter::Write(const Record& record, int64_t epoch, ChainLink& head) {
  return std::visit([&](const auto& which) { return Put(which, Chained{epoch, head}); }, record);
}

Status RecordWriter::AppendHistory(HistoryRow row, Chained to) {
  row.id = to.head.id + 1;
  row.epoch = to.epoch;
  const Sha256Bytes hash = HashOf(to.head.hash, row);
  BindHistoryRow(add_history_, row, hash);
  HF_TRY(add_history_.Run());
  to.head = {row.id, hash};
  return {};
}

Result<int64_t> RecordWriter::Put(const Intent& intent, Chained to) {
  const std::string action = HF_TRY(Readable(ToJson(intent.action), "an action"));
  std::string lease;
  if (intent.puts_aside) lease = HF_TRY(Readable(ToJson(*intent.puts_aside), "a lease"));
  HF_TRY(AppendHistory({.what = "intent",
                        .at = TimeNumber(intent.at),
                        .kind = intent.resource.kind,
                        .name = intent.resource.name,
                        .verb = intent.verb,
                        .target = intent.target,
                        .step_key = intent.step_key,
                        .action = action,
                        .danger = DangerText(intent.danger),
                        .why = intent.why,
                        .revision = intent.revision,
                        .actor = intent.by,
                        .plan_digest = intent.plan_digest,
                        .meter = intent.meter,
                        .lease = lease,
                        .puts_back = intent.puts_back},
                       to));
  const int64_t id = to.head.id;
  HF_TRY(open_intent_.Bind(id).Run());
  if (intent.puts_aside) {
    const std::string restore = Compact(ToJson(intent.puts_aside->restore));
    open_lease_.Bind(intent.resource.kind)
        .Bind(intent.resource.name)
        .Bind(intent.puts_aside->object)
        .Bind(id);
    open_lease_.Bind(intent.puts_aside->before)
        .Bind(intent.puts_aside->wrote)
        .Bind(restore)
        .Bind(intent.puts_aside->why);
    HF_TRY(open_lease_.Run());
  }
  return id;
}

Result<int64_t> RecordWriter::Put(const IntentOutcome& outcome, Chained to) {
  const bool found = HF_TRY(is_intent_.Bind(outcome.intent).Step());
  is_intent_.Reset();
  if (!found)
    return FailedPrecondition(Cat("journal: the outcome of intent ", outcome.intent, ", which is not there"));
  HF_TRY(AppendHistory({.what = "outcome",
                        .at = TimeNumber(outcome.at),
                        .intent = outcome.intent,
                        .outcome = WordOf(outcome.outcome.kind),
                        .detail = outcome.outcome.detail,
                        .receipt = outcome.outcome.receipt},
                       to));
  HF_TRY(close_intent_.Bind(outcome.intent).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const Noted& noted, Chained to) {
  HF_TRY(AppendHistory({.what = "noted",
                        .at = TimeNumber(noted.at),
                        .kind = noted.resource.kind,
                        .name = noted.resource.name,
                        .verb = noted.verb,
                        .why = noted.why,
                        .revision = noted.revision,
                        .actor = noted.by,
                        .line = noted.line},
                       to));
  return to.head.id;
}

Result<int64_t> RecordWriter::Put(const LeaseClosed& closed, Chained) {
  HF_TRY(close_lease_.Bind(closed.resource.kind).Bind(closed.resource.name).Bind(closed.object).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const SpecInForce& spec, Chained) {
  set_spec_.Bind(spec.resource.kind)
      .Bind(spec.resource.name)
      .Bind(spec.text)
      .Bind(spec.digest)
      .Bind(spec.head);
  set_spec_.Bind(spec.file).Bind(spec.revision).Bind(int64_t{spec.line}).Bind(spec.generation);
  HF_TRY(set_spec_.Bind(TimeNumber(spec.at)).Run());
  return int64_t{0};
}

// Suspensions and operations stay: a person's word and "done once" hold for the name, whoever takes the file
// away and brings it back.
Result<int64_t> RecordWriter::Put(const SpecForgotten& forgotten, Chained) {
  for (SqliteStatement* forget : {&forget_spec_, &forget_pins_, &spend_approval_})
    HF_TRY(forget->Bind(forgotten.resource.kind).Bind(forgotten.resource.name).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const SuspensionSet& set, Chained) {
  set_suspension_.Bind(set.resource.kind).Bind(set.resource.name).Bind(set.owner).Bind(set.reason);
  HF_TRY(set_suspension_.Bind(TimeNumber(set.since)).Bind(TimeNumber(set.until)).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const SuspensionCleared& cleared, Chained) {
  HF_TRY(clear_suspension_.Bind(cleared.resource.kind).Bind(cleared.resource.name).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const StopAllSet& set, Chained) {
  HF_TRY(set_stop_all_.Bind(WordOf(set.reach))
             .Bind(set.owner)
             .Bind(set.reason)
             .Bind(TimeNumber(set.since))
             .Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const PinSet& set, Chained) {
  HF_TRY(set_pin_.Bind(set.resource.kind).Bind(set.resource.name).Bind(set.name).Bind(set.value).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const OperationMoved& moved, Chained) {
  move_operation_.Bind(moved.target.kind)
      .Bind(moved.target.name)
      .Bind(moved.name)
      .Bind(PhaseText(moved.to.phase));
  HF_TRY(move_operation_.Bind(moved.to.digest).Bind(TimeNumber(moved.to.since)).Bind(moved.to.message).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const ApprovalGiven& given, Chained) {
  const std::string steps = HF_TRY(Readable(StepsJson(given), "an approval"));
  give_approval_.Bind(given.resource.kind).Bind(given.resource.name).Bind(given.plan_digest).Bind(given.by);
  HF_TRY(give_approval_.Bind(TimeNumber(given.at)).Bind(TimeNumber(given.until)).Bind(steps).Run());
  return int64_t{0};
}

Result<int64_t> RecordWriter::Put(const ApprovalSpent& spent, Chained) {
  HF_TRY(spend_approval_.Bind(spent.resource.kind).Bind(spent.resource.name).Run());
  return int64_t{0};
}

}  // namespace holdfast
