// Whatever a supervisord (or who sits on its port) answers, reading it neither crashes nor invents a process.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reconcilers/clients/control/supervisord_wire.h"
#include "reconcilers/clients/control/xmlrpc.h"

namespace {

using holdfast::clients::DecodeAnswer;
using holdfast::clients::DecodeMulticall;
using holdfast::clients::EncodeCall;
using holdfast::clients::ReadProcessInfo;

void CheckInfo(const holdfast::json::value& value) {
  const auto info = ReadProcessInfo(value);
  if (info && (info->name.empty() || info->incarnation.find('@') == std::string::npos)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  if (const auto answer = DecodeAnswer(body); answer.ok()) CheckInfo(answer->value);
  for (const size_t calls : {size_t{1}, size_t{2}})
    if (const auto answers = DecodeMulticall(body, calls); answers.ok()) {
      if (answers->size() != calls) std::abort();
      for (const auto& answer : *answers) CheckInfo(answer.value);
    }
  // What we send is XML, whatever a name contains.
  const std::string call = EncodeCall({"m", {std::string(body)}});
  if (call.find('\0') != std::string::npos) std::abort();
  return 0;
}
