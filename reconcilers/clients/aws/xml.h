// XML answers as JSON values, without knowing the operation.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/json.h"
#include "controller/base/status.h"

namespace holdfast::aws {

struct XmlDocument {
  std::string root;  // the outermost element's name, without a prefix
  json::value content;
};

inline constexpr int kMostXmlDepth = 48;

// Texts stay texts. An element whose children are all `member` or `item` is a list, one whose children are
// all `entry` with key and value is an object, several children of one name are a list, and an empty element
// is an empty text. FailedPrecondition when it is not one complete document.
Result<XmlDocument> ParseXml(std::string_view body);

}  // namespace holdfast::aws
