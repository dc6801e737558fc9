#include "examples/sandbox/xml_rpc.h"

#include <absl/strings/numbers.h>

#include <array>
#include <utility>

#include "controller/base/text.h"
#include "examples/sandbox/wire_text.h"

namespace holdfast::sandbox {
namespace {

constexpr int kMostDepth = 16;

constexpr std::array<std::pair<std::string_view, char>, 5> kEntities = {
    {{"&lt;", '<'}, {"&gt;", '>'}, {"&amp;", '&'}, {"&quot;", '"'}, {"&apos;", '\''}}};

std::string Unescaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    bool found = false;
    for (const auto& [entity, character] : kEntities)
      if (text.starts_with(entity)) {
        out += character;
        text.remove_prefix(entity.size());
        found = true;
        break;
      }
    if (found) continue;
    out += text.front();
    text.remove_prefix(1);
  }
  return out;
}

// Reads tags and the text between them, one after another.
class Reader {
 public:
  explicit Reader(std::string_view xml) : rest_(xml) {
    if (rest_.starts_with("<?")) rest_.remove_prefix(std::min(rest_.find("?>"), rest_.size() - 2) + 2);
  }
  bool failed() const { return failed_; }

  bool Try(std::string_view tag) {
    SkipBlanks();
    if (!rest_.starts_with(tag)) return false;
    rest_.remove_prefix(tag.size());
    return true;
  }
  void Must(std::string_view tag) {
    if (!Try(tag)) failed_ = true;
  }
  std::string Text() {
    const size_t end = std::min(rest_.find('<'), rest_.size());
    std::string text = Unescaped(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return text;
  }

  json::value Value(int depth = 0) {
    if (depth > kMostDepth || failed_) return failed_ = true, json::value();
    if (Try("<value/>")) return "";
    Must("<value>");
    json::value value = Inner(depth);
    Must("</value>");
    return value;
  }

 private:
  void SkipBlanks() {
    while (!rest_.empty() &&
           (rest_.front() == ' ' || rest_.front() == '\n' || rest_.front() == '\r' || rest_.front() == '\t'))
      rest_.remove_prefix(1);
  }
  json::value Inner(int depth) {
    if (Try("<string/>")) return "";
    if (Try("<string>")) return json::value(Closed("</string>"));
    if (Try("<boolean>")) return Closed("</boolean>") == "1";
    for (const auto& [open, close] : {std::pair{"<int>", "</int>"}, std::pair{"<i4>", "</i4>"}})
      if (Try(open)) {
        int64_t number = 0;
        if (!absl::SimpleAtoi(Closed(close), &number)) failed_ = true;
        return number;
      }
    if (Try("<array>")) return Array(depth);
    if (Try("<struct>")) return Struct(depth);
    return json::value(Text());
  }
  std::string Closed(std::string_view close) {
    std::string text = Text();
    Must(close);
    return text;
  }
  json::value Array(int depth) {
    json::array array;
    Must("<data>");
    while (!failed_ && !Try("</data>")) array.push_back(Value(depth + 1));
    Must("</array>");
    return array;
  }
  json::value Struct(int depth) {
    json::object object;
    while (!failed_ && !Try("</struct>")) {
      Must("<member>");
      Must("<name>");
      const std::string name = Closed("</name>");
      object[JsonView(name)] = Value(depth + 1);
      Must("</member>");
    }
    return object;
  }

  std::string_view rest_;
  bool failed_ = false;
};

void WriteValue(const json::value& value, std::string& out) {
  out += "<value>";
  if (const auto* text = value.if_string()) {
    Append(out, "<string>", XmlEscaped(Chars(*text)), "</string>");
  } else if (value.is_bool()) {
    Append(out, "<boolean>", value.get_bool() ? 1 : 0, "</boolean>");
  } else if (const auto* number = value.if_int64()) {
    Append(out, "<int>", *number, "</int>");
  } else if (const auto* array = value.if_array()) {
    out += "<array><data>";
    for (const json::value& item : *array) WriteValue(item, out);
    out += "</data></array>";
  } else if (const auto* object = value.if_object()) {
    out += "<struct>";
    for (const auto& [name, member] : *object) {
      Append(out, "<member><name>", Chars(name), "</name>");
      WriteValue(member, out);
      out += "</member>";
    }
    out += "</struct>";
  }
  out += "</value>";
}

}  // namespace

std::optional<RpcCall> ReadCall(std::string_view xml) {
  Reader reader(xml);
  RpcCall call;
  reader.Must("<methodCall>");
  reader.Must("<methodName>");
  call.method = reader.Text();
  reader.Must("</methodName>");
  if (reader.Try("<params>"))
    while (!reader.failed() && !reader.Try("</params>")) {
      reader.Must("<param>");
      call.params.push_back(reader.Value());
      reader.Must("</param>");
    }
  if (reader.failed()) return std::nullopt;
  return call;
}

std::string WriteAnswer(const json::value& answer) {
  std::string out = "<?xml version='1.0'?>\n<methodResponse>\n";
  const auto* object = answer.if_object();
  const bool is_fault = object != nullptr && object->contains("faultCode");
  out += is_fault ? "<fault>" : "<params><param>";
  WriteValue(answer, out);
  out += is_fault ? "</fault>" : "</param></params>";
  out += "</methodResponse>\n";
  return out;
}

json::object Fault(int64_t code, std::string_view text) {
  return {{"faultCode", code}, {"faultString", JsonView(text)}};
}

}  // namespace holdfast::sandbox
