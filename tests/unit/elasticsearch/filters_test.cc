#include "reconcilers/elasticsearch/filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/elasticsearch/scene.h"

namespace holdfast::elasticsearch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kIp[] = "cluster.routing.allocation.exclude._ip";
constexpr char kZone[] = "cluster.routing.allocation.exclude.zone";

View TwoZones() {
  return Scene().Node("n1").Zone("main").Node("n2").Zone("spot").Node("n3").Zone("spot").Node("n4").view();
}
View With(View view, std::string key, std::string value) {
  view.settings.persistent[std::move(key)] = std::move(value);
  return view;
}
Exclusion ByIp(std::string ip) {
  Exclusion exclusion;
  exclusion.ip = std::move(ip);
  return exclusion;
}

TEST(Filters, TokensHaveNoBlanksAndNoneIsEmpty) {
  EXPECT_THAT(FilterTokens("a, b ,,c,"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(FilterTokens(","), IsEmpty());
  EXPECT_THAT(FilterTokens(""), IsEmpty());
}

TEST(Filters, ADuplicateTokenIsKeptBecauseItIsHowAKeyIsKeptInForce) {
  EXPECT_THAT(FilterTokens("spot,spot"), ElementsAre("spot", "spot"));
}

TEST(Upstream, Elasticsearch22297_BeforeFiveTwoATokenAfterABlankMatchesNothing) {
  const Scene scene = Scene().Node("n1");
  EXPECT_THAT(FilterTokens("a, b,c", Scene(scene).Cluster(5, 1, 1).view()), ElementsAre("a", "c"));
  EXPECT_THAT(FilterTokens("a, b,c", Scene(scene).Cluster(5, 2, 0).view()), ElementsAre("a", "b", "c"));
  EXPECT_THAT(FilterTokens("a, b,c", Scene(scene).OpenSearch().view()), ElementsAre("a", "b", "c"));
}

TEST(Filters, AStarStandsForAnyText) {
  EXPECT_TRUE(MatchesPattern("old-*", "old-7"));
  EXPECT_TRUE(MatchesPattern("*", ""));
  EXPECT_TRUE(MatchesPattern("*a*b", "xxaxxbyyb"));
  EXPECT_FALSE(MatchesPattern("old-*", "Old-7"));
  EXPECT_FALSE(MatchesPattern("a*b", "abc"));
  EXPECT_FALSE(MatchesPattern("es?1", "es-1"));
}

TEST(Filters, AnAddressIsTheHostsOrThePublishedOne) {
  Node node;
  node.ip = "10.0.0.1";
  node.publish_ip = "192.168.0.1";
  node.host = "es1.example";
  EXPECT_TRUE(TokenMatches("_ip", "10.0.0.1", node));
  EXPECT_TRUE(TokenMatches("_ip", "192.168.*", node));
  EXPECT_FALSE(TokenMatches("_publish_ip", "10.0.0.1", node));
  EXPECT_FALSE(TokenMatches("_host_ip", "192.168.0.1", node));
  EXPECT_TRUE(TokenMatches("_host", "es1.*", node));
  EXPECT_TRUE(TokenMatches("_host", "10.0.0.1", node));
}

TEST(Filters, AnIdIsNoPattern) {
  Node node;
  node.id = "abc";
  EXPECT_TRUE(TokenMatches("_id", "abc", node));
  EXPECT_FALSE(TokenMatches("_id", "a*", node));
}

TEST(Filters, NameIsWrittenWithAndWithoutUnderscore) {
  Node node;
  node.name = "old-1";
  EXPECT_TRUE(TokenMatches("_name", "old-*", node));
  EXPECT_TRUE(TokenMatches("name", "old-1", node));
}

TEST(Filters, AnAttributeThatANodeDoesNotHaveNeverMatches) {
  EXPECT_FALSE(TokenMatches("zone", "*", Node{}));
  EXPECT_THAT(ExcludedNodes(With(TwoZones(), kZone, "*")), ElementsAre(0, 1, 2));
}

TEST(Upstream, Elasticsearch72091_AnAddressMatchesInItsShortestFormOnly) {
  EXPECT_EQ(CanonicalIp("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(CanonicalIp("::ffff:10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(CanonicalIp("10.0.*"), "10.0.*");
  Node node;
  node.ip = "2001:db8::1";
  EXPECT_FALSE(TokenMatches("_ip", "2001:db8:0:0:0:0:0:1", node));
  EXPECT_EQ(KeyAndToken(ByIp("2001:db8:0:0:0:0:0:1")),
            std::pair(std::string("_ip"), std::string("2001:db8::1")));
}

TEST(Hazard, H47_ASelectorFindsANodeByAnyFormOfItsAddress) {
  View view = Scene().Node("n1").Ip("2001:db8::1").view();
  Selector selector;
  selector.ip = "2001:DB8:0::1";
  EXPECT_THAT(MatchedNodes(view, selector), ElementsAre(0));
}

TEST(Filters, OneOfSeveralTokensAndKeysIsEnough) {
  View view = With(With(TwoZones(), kZone, "main,other"), kIp, "127.0.0.4");
  EXPECT_THAT(ExcludedNodes(view), ElementsAre(0, 3));
}

TEST(Filters, AnEmptyTransientValueShadowsThePersistentOne_H15) {
  View view = With(TwoZones(), kZone, "spot");
  EXPECT_THAT(ExcludedNodes(view), ElementsAre(1, 2));
  view.settings.transient[kZone] = "";
  EXPECT_THAT(ExcludedNodes(view), IsEmpty());
  EXPECT_TRUE(EffectiveFilter(view).contains("zone"));
}

TEST(Filters, WhatTheNodesFileExcludesCountsToo_H14) {
  View view = TwoZones();
  view.settings.defaults[kZone] = "spot";
  EXPECT_THAT(ExcludedNodes(view), ElementsAre(1, 2));
}

TEST(Filters, ASelectorWantsAllThatIsWritten) {
  View view = TwoZones();
  Selector selector;
  selector.attributes["zone"] = "spot";
  EXPECT_THAT(MatchedNodes(view, selector), ElementsAre(1, 2));
  selector.name = "n3";
  EXPECT_THAT(MatchedNodes(view, selector), ElementsAre(2));
  selector.id = "n2";
  EXPECT_THAT(MatchedNodes(view, selector), IsEmpty());
}

TEST(Filters, AnEmptySelectorMatchesNothing) { EXPECT_THAT(MatchedNodes(TwoZones(), Selector{}), IsEmpty()); }

TEST(Filters, AnExclusionIsOneKeyAndItsToken) {
  Exclusion exclusion;
  exclusion.attributes["zone"] = "spot";
  EXPECT_EQ(KeyAndToken(exclusion), std::pair(std::string("zone"), std::string("spot")));
  exclusion = {};
  exclusion.name = "old-*";
  EXPECT_EQ(KeyAndToken(exclusion), std::pair(std::string("_name"), std::string("old-*")));
}

TEST(Filters, RequireWantsEveryKey) {
  Node node;
  node.name = "n1";
  node.attributes = {{"box", "hot"}};
  EXPECT_TRUE(MatchesEvery({{"box", {"hot"}}, {"_name", {"n*"}}}, node));
  EXPECT_FALSE(MatchesEvery({{"box", {"hot"}}, {"_name", {"m*"}}}, node));
  EXPECT_TRUE(MatchesEvery({{"box", {}}}, node));
}

}  // namespace
}  // namespace holdfast::elasticsearch
