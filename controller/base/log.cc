#include "controller/base/log.h"

#include <atomic>
#include <cstdio>
#include <string>

#include "controller/base/text.h"

namespace holdfast {
namespace {

void ToStandardError(Severity severity, std::string_view line) {
  static constexpr const char* kSyslogLevel[] = {"<7>", "<6>", "<4>", "<3>"};
  const std::string whole = Cat(kSyslogLevel[static_cast<int>(severity)], line, "\n");
  std::fwrite(whole.data(), 1, whole.size(), stderr);
}

std::atomic<LogSink> sink = ToStandardError;
std::atomic<Severity> least = Severity::kInfo;

bool IsBare(std::string_view value) {
  if (value.empty()) return false;
  for (char c : value)
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7F) return false;
  return true;
}

void AppendValue(std::string& line, std::string_view value) {
  if (IsBare(value)) {
    line.append(value);
    return;
  }
  line.push_back('"');
  for (char c : value) {
    if (c == '"' || c == '\\') line.push_back('\\');
    if (c == '\n')
      line.append("\\n");
    else if (static_cast<unsigned char>(c) < ' ')
      line.push_back('?');
    else
      line.push_back(c);
  }
  line.push_back('"');
}

}  // namespace

void Log(Severity severity, std::string_view sentence, std::vector<LogField> fields) {
  if (severity < least.load(std::memory_order_relaxed)) return;
  static constexpr std::string_view kName[] = {"debug", "info", "warning", "error"};
  std::string line = Cat("level=", kName[static_cast<int>(severity)], " msg=");
  AppendValue(line, sentence);
  for (const LogField& field : fields) {
    Append(line, " ", field.key, "=");
    AppendValue(line, field.value);
  }
  sink.load()(severity, line);
}

void SetLogSink(LogSink to) { sink = to == nullptr ? ToStandardError : to; }
void SetLeastSeverity(Severity severity) { least = severity; }

}  // namespace holdfast
