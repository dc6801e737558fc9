#include "reconcilers/clients/control/xmlrpc.h"

#include <charconv>
#include <cstring>
#include <pugixml.hpp>

#include "controller/base/text.h"

namespace holdfast::clients {

namespace {

void AppendEscaped(std::string& to, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '<':
        to += "&lt;";
        break;
      case '>':
        to += "&gt;";
        break;
      case '&':
        to += "&amp;";
        break;
      case '\r':
        to += "&#13;";
        break;
      case '\t':
      case '\n':
        to += c;
        break;
      default:
        to += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
}

void AppendValue(std::string& to, const std::variant<std::string, bool, int64_t>& param) {
  to += "<value>";
  if (const auto* text = std::get_if<std::string>(&param)) {
    to += "<string>";
    AppendEscaped(to, *text);
    to += "</string>";
  } else if (const auto* flag = std::get_if<bool>(&param)) {
    Append(to, "<boolean>", *flag ? 1 : 0, "</boolean>");
  } else {
    Append(to, "<int>", std::get<int64_t>(param), "</int>");
  }
  to += "</value>";
}

Result<json::value> ValueOf(const pugi::xml_node& value, int depth);

Result<json::value> NumberOf(std::string_view text) {
  text = Trim(text);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    return FailedPrecondition(Cat("XML-RPC: not a whole number: ", Excerpt(text, 40)));
  return json::value(number);
}

Result<json::value> StructOf(const pugi::xml_node& node, int depth) {
  json::object object;
  for (const pugi::xml_node member : node.children("member")) {
    const pugi::xml_node name = member.child("name"), value = member.child("value");
    if (!name || !value) return FailedPrecondition("XML-RPC: a struct's member without name or value");
    object[name.text().get()] = HF_TRY(ValueOf(value, depth + 1));
  }
  return json::value(std::move(object));
}

Result<json::value> ArrayOf(const pugi::xml_node& node, int depth) {
  json::array array;
  for (const pugi::xml_node value : node.child("data").children("value"))
    array.push_back(HF_TRY(ValueOf(value, depth + 1)));
  return json::value(std::move(array));
}

Result<json::value> ValueOf(const pugi::xml_node& value, int depth) {
  if (depth > kMostXmlRpcDepth) return FailedPrecondition("XML-RPC: nested too deeply");
  pugi::xml_node typed;
  for (const pugi::xml_node child : value.children())
    if (child.type() == pugi::node_element) {
      typed = child;
      break;
    }
  if (!typed) return json::value(value.text().get());  // a value without a type is a string
  const std::string_view type = typed.name();
  const char* text = typed.text().get();
  if (type == "string" || type == "dateTime.iso8601" || type == "base64") return json::value(text);
  if (type == "int" || type == "i4" || type == "i8") return NumberOf(text);
  if (type == "boolean") return json::value(Trim(text) == "1");
  if (type == "double") return json::value(std::strtod(text, nullptr));
  if (type == "nil") return json::value(nullptr);
  if (type == "array") return ArrayOf(typed, depth);
  if (type == "struct") return StructOf(typed, depth);
  return FailedPrecondition(Cat("XML-RPC: a value of the unknown type ", Excerpt(type, 40)));
}

XmlRpcFault FaultOf(const json::object& fault) {
  XmlRpcFault out;
  if (const json::value* code = fault.if_contains("faultCode"); code != nullptr && code->is_int64())
    out.code = code->as_int64();
  if (const json::value* text = fault.if_contains("faultString"); text != nullptr && text->is_string())
    out.text = Excerpt(Chars(text->as_string()));
  return out;
}

// In a multicall every good answer is wrapped in an array of one, so that it differs from a fault.
Result<XmlRpcAnswer> Unwrapped(json::value value) {
  XmlRpcAnswer answer;
  if (json::array* one = value.if_array(); one != nullptr && one->size() == 1) {
    answer.value = std::move(one->front());
    return answer;
  }
  const json::object* object = value.if_object();
  if (object != nullptr && object->contains("faultCode")) {
    answer.fault = FaultOf(*object);
    return answer;
  }
  // supervisord 4 answers without the array.
  answer.value = std::move(value);
  return answer;
}

}  // namespace

std::string EncodeCall(const XmlRpcRequest& request) {
  std::string out = "<?xml version=\"1.0\"?><methodCall><methodName>";
  AppendEscaped(out, request.method);
  out += "</methodName><params>";
  for (const auto& param : request.params) {
    out += "<param>";
    AppendValue(out, param);
    out += "</param>";
  }
  return out + "</params></methodCall>";
}

std::string EncodeMulticall(std::span<const XmlRpcRequest> requests) {
  std::string out =
      "<?xml "
      "version=\"1.0\"?><methodCall><methodName>system.multicall</"
      "methodName><params><param><value><array><data>";
  for (const XmlRpcRequest& request : requests) {
    out += "<value><struct><member><name>methodName</name><value><string>";
    AppendEscaped(out, request.method);
    out += "</string></value></member><member><name>params</name><value><array><data>";
    for (const auto& param : request.params) AppendValue(out, param);
    out += "</data></array></value></member></struct></value>";
  }
  return out + "</data></array></value></param></params></methodCall>";
}

Result<XmlRpcAnswer> DecodeAnswer(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_parse_result parsed = document.load_buffer(
      body.data(), body.size(), pugi::parse_default | pugi::parse_ws_pcdata_single, pugi::encoding_utf8);
  if (!parsed)
    return FailedPrecondition(Cat("not XML-RPC (", parsed.description(), "): ", Excerpt(body, 80)));
  const pugi::xml_node response = document.child("methodResponse");
  if (!response) return FailedPrecondition(Cat("not an XML-RPC answer: ", Excerpt(body, 80)));
  XmlRpcAnswer answer;
  if (const pugi::xml_node fault = response.child("fault")) {
    const json::value value = HF_TRY(ValueOf(fault.child("value"), 0));
    answer.fault =
        value.is_object() ? FaultOf(value.get_object()) : XmlRpcFault{0, "a fault without a reason"};
    return answer;
  }
  const pugi::xml_node value = response.child("params").child("param").child("value");
  if (!value) return FailedPrecondition("an XML-RPC answer without a value");
  answer.value = HF_TRY(ValueOf(value, 0));
  return answer;
}

Result<std::vector<XmlRpcAnswer>> DecodeMulticall(std::string_view body, size_t calls) {
  XmlRpcAnswer whole = HF_TRY(DecodeAnswer(body));
  if (whole.fault) return FailedPrecondition(Cat("fault ", whole.fault->code, ": ", whole.fault->text));
  json::array* list = whole.value.if_array();
  if (list == nullptr || list->size() != calls)
    return FailedPrecondition(
        Cat("XML-RPC: ", calls, " calls got ", list == nullptr ? 0 : list->size(), " answers"));
  std::vector<XmlRpcAnswer> out;
  out.reserve(calls);
  for (json::value& value : *list) out.push_back(HF_TRY(Unwrapped(std::move(value))));
  return out;
}

}  // namespace holdfast::clients
