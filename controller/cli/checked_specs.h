// Specs that stand in files, read and checked without a controller.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "controller/kind/any_kind.h"
#include "specs/catalog.h"
#include "specs/kind_table.h"
#include "specs/problem.h"

namespace holdfast::cli {

struct CheckedSpecs {
  std::unique_ptr<specs::KindTable> table;  // the catalog's documents point into it
  specs::Catalog catalog;                   // what is good
  std::vector<specs::Diagnostic> problems;  // ordered
  size_t files = 0;

  size_t errors() const;
};

// Each path is a directory or a file. One that cannot be read is a problem.
std::unique_ptr<CheckedSpecs> CheckSpecs(const std::vector<std::string>& paths,
                                         const std::vector<AnyKind>& kinds);

}  // namespace holdfast::cli
