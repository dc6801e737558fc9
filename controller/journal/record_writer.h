// Turns records into rows, inside a transaction that someone else began.
#pragma once

#include <cstdint>
#include <string_view>

#include "controller/base/status.h"
#include "controller/journal/history_chain.h"
#include "controller/journal/record.h"
#include "controller/journal/sqlite.h"

namespace holdfast {

class RecordWriter {
 public:
  static Result<RecordWriter> Prepare(SqliteDatabase& database);

  // The history id of an Intent or Noted, else 0. `head` is moved on by every row of history; whoever rolls
  // back puts the old head back. Besides the codes of SqliteDatabase: InvalidArgument (a record that could
  // not be read back), FailedPrecondition (the outcome of an intent that is not there).
  Result<int64_t> Write(const Record& record, int64_t epoch, ChainLink& head);

 private:
  struct Chained {
    int64_t epoch;
    ChainLink& head;
  };
  Result<int64_t> Put(const Intent& intent, Chained to);
  Result<int64_t> Put(const IntentOutcome& outcome, Chained to);
  Result<int64_t> Put(const Noted& noted, Chained to);
  Result<int64_t> Put(const LeaseClosed& closed, Chained to);
  Result<int64_t> Put(const SpecInForce& spec, Chained to);
  Result<int64_t> Put(const SpecForgotten& forgotten, Chained to);
  Result<int64_t> Put(const SuspensionSet& set, Chained to);
  Result<int64_t> Put(const SuspensionCleared& cleared, Chained to);
  Result<int64_t> Put(const StopAllSet& set, Chained to);
  Result<int64_t> Put(const PinSet& set, Chained to);
  Result<int64_t> Put(const OperationMoved& moved, Chained to);
  Result<int64_t> Put(const ApprovalGiven& given, Chained to);
  Result<int64_t> Put(const ApprovalSpent& spent, Chained to);

  Status AppendHistory(HistoryRow row, Chained to);

  SqliteStatement add_history_, is_intent_, open_intent_, close_intent_, open_lease_, close_lease_, set_spec_,
      forget_spec_, forget_pins_, set_suspension_, clear_suspension_, set_stop_all_, set_pin_,
      move_operation_, give_approval_, spend_approval_;
};

}  // namespace holdfast
