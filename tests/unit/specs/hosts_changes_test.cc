#include "specs/hosts_changes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "specs/values.h"
#include "tests/unit/specs/example_kind.h"

namespace holdfast::specs {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Hosts Range(std::string_view range) {
  Hosts hosts;
  EXPECT_TRUE(ExpandHosts(range, hosts.names).ok());
  return hosts;
}

// As `plan` has them: what the journal kept, and what the file says now.
std::vector<HostsDiffer> Changes(const ExampleSpec& before, const ExampleSpec& after) {
  const auto as_kept = [](const ExampleSpec& spec) {
    return *ParseJson(ExampleFields().Erase().Canonical(&spec));
  };
  return HostsChanges(ExampleFields().Erase(), as_kept(before), as_kept(after));
}

TEST(HostsChanges, NamesWhatARangeGainsAndLoses) {
  ExampleSpec before{.hosts = Range("dn[01-03]")}, after{.hosts = Range("dn[02-04]")};
  EXPECT_THAT(Changes(before, after), ElementsAre(HostsDiffer{"hosts", "adds dn04, removes dn01"}));
  EXPECT_THAT(Changes(before, before), IsEmpty());
}

TEST(HostsChanges, KnowsAnItemOfAListByItsName) {
  ExampleSpec before, after;
  before.parts = {{.name = "cache", .hosts = Range("c1")}, {.name = "web", .hosts = Range("w[1-2]")}};
  after.parts = {{.name = "web", .hosts = Range("w[1-3]")}, {.name = "cache", .hosts = Range("c1")}};
  EXPECT_THAT(Changes(before, after), ElementsAre(HostsDiffer{"parts[web].hosts", "adds w3"}));
}

TEST(HostsChanges, ANewItemIsNoChangeOfARange) {
  ExampleSpec before, after;
  after.parts = {{.name = "web", .hosts = Range("w[1-3]")}};
  EXPECT_THAT(Changes(before, after), IsEmpty());
}

}  // namespace
}  // namespace holdfast::specs
