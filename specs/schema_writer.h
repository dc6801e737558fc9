// A JSON Schema (draft-07) in the making: the definitions that several places share.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "specs/node.h"
#include "specs/spec_schema.h"

namespace holdfast::specs {

class SchemaWriter {
 public:
  // {"$ref": "#/definitions/RedisProbe"}; the table is written on first use.
  boost::json::object Reference(const SpecSchema& table);
  // What goes under "definitions".
  boost::json::object Definitions();

 private:
  std::map<const SpecSchema*, std::string> names_;
  std::vector<std::pair<std::string, boost::json::object>> definitions_;
};

// The row's shape, with its documentation, default and example.
boost::json::object RowSchema(const Row& row, SchemaWriter& writer);
// What a JSON reader would make of the node.
boost::json::value NodeJson(const Node& node);

}  // namespace holdfast::specs
