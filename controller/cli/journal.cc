// holdfast journal verify
#include "controller/api/documents.h"
#include "controller/base/text.h"
#include "controller/cli/call.h"
#include "controller/journal/verify_journal.h"

namespace holdfast::cli {

int RunJournalVerify(Call& call) {
  const std::string& state = call.settings().Get("state");
  const Result<VerifyReport> report = VerifyJournal(state);
  if (!report.ok())
    return call.Fail(Annotate(report.status(), state), "--state names the directory of the journal");
  const bool sound = report->problem.empty();
  const json::object document{{"formatVersion", kFormatVersion},
                              {"sound", sound},
                              {"rows", report->rows},
                              {"firstId", report->first_id},
                              {"lastId", report->last_id},
                              {"head", report->head},
                              {"brokenAt", report->broken_at},
                              {"problem", report->problem},
                              {"journalFormat", report->format}};
  call.Tell(document, sound ? Cat("sound: ", Count(static_cast<size_t>(report->rows), "row"),
                                  " of history up to ", report->last_id, ", chain ", report->head, "\n")
                            : Cat("NOT SOUND at row ", report->broken_at, ": ", report->problem, "\n"));
  return sound ? kDone
               : call.Fail(kFailed, "the journal is not as it was written",
                           "keep the file as it is, for those who find out why");
}

}  // namespace holdfast::cli
