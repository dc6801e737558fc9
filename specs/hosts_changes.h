// What an edited range of hosts adds and removes.
#pragma once

#include <string>
#include <vector>

#include "controller/base/json.h"
#include "specs/spec_schema.h"

namespace holdfast::specs {

struct HostsDiffer {
  std::string path;    // "layers[hdfs].services[datanode].hosts"
  std::string change;  // "adds dn21 and dn22, removes dn05"
  bool operator==(const HostsDiffer&) const = default;
};

// Every field of hosts that stands in both specs with other hosts. Both are specs as SpecSchema::Canonical
// writes them. Items of a list are the same ones when they have the same `name`, else by their place.
std::vector<HostsDiffer> HostsChanges(const SpecSchema& schema, const json::value& before,
                                      const json::value& after);

}  // namespace holdfast::specs
