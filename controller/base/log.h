// Log lines: a constant sentence plus key=value, one line an event, to standard error.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast {

enum class Severity { kDebug, kInfo, kWarning, kError };

struct LogField {
  std::string_view key;
  std::string value;
};

// Thread-safe. The sentence is a literal, so that one search finds every occurrence; what varies goes into
// fields.
void Log(Severity severity, std::string_view sentence, std::vector<LogField> fields = {});

// Where lines go; main sets it once before threads start, tests capture with it. The default writes to
// standard error as logfmt with the `<N>` prefix that journald and syslog understand.
using LogSink = void (*)(Severity severity, std::string_view line);
void SetLogSink(LogSink sink);
void SetLeastSeverity(Severity least);

}  // namespace holdfast
