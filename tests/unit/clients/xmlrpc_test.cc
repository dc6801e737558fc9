#include "reconcilers/clients/control/xmlrpc.h"

#include <gmock/gmock.h>

#include <string>

#include "controller/base/text.h"

namespace holdfast::clients {
namespace {

using testing::HasSubstr;

std::string Answer(std::string_view value) {
  return Cat("<?xml version='1.0'?><methodResponse><params><param>", value,
             "</param></params></methodResponse>");
}

TEST(XmlRpc, EscapesWhatXmlCannotCarry) {
  const std::string call =
      EncodeCall({"supervisor.startProcess", {std::string("a<b>&\"\x01"), false, int64_t{-7}}});
  EXPECT_THAT(call, HasSubstr("<string>a&lt;b&gt;&amp;\"?</string>"));
  EXPECT_THAT(call, HasSubstr("<boolean>0</boolean>"));
  EXPECT_THAT(call, HasSubstr("<int>-7</int>"));
}

TEST(XmlRpc, ReadsEveryType) {
  struct Case {
    std::string_view xml, json;
  };
  for (const Case& one :
       {Case{"<value>bare</value>", "\"bare\""},
        Case{"<value><string>a &amp; b</string></value>", "\"a & b\""},
        Case{"<value><string></string></value>", "\"\""}, Case{"<value><int>42</int></value>", "42"},
        Case{"<value><i4>-1</i4></value>", "-1"}, Case{"<value><i8>4294967296</i8></value>", "4294967296"},
        Case{"<value><boolean>1</boolean></value>", "true"}, Case{"<value><nil/></value>", "null"},
        Case{"<value>\n  <array><data><value><int>1</int></value></data></array>\n</value>", "[1]"},
        Case{"<value><struct><member><name>a</name><value>b</value></member></struct></value>",
             R"({"a":"b"})"}}) {
    const Result<XmlRpcAnswer> answer = DecodeAnswer(Answer(one.xml));
    ASSERT_TRUE(answer.ok()) << one.xml << ": " << answer.status().message();
    EXPECT_EQ(Compact(answer->value), one.json) << one.xml;
  }
}

TEST(XmlRpc, RefusesWhatIsNoAnswer) {
  for (const std::string& body :
       {std::string(), std::string("<html><body>502 Bad Gateway</body></html>"),
        std::string("\x00\x01\xff garbage", 12), std::string("<methodResponse><params>"),
        std::string("<methodResponse/>"), Answer("<value><int>12x</int></value>"),
        Answer("<value><frob>1</frob></value>"),
        Answer("<value><struct><member><name>a</name></member></struct></value>")})
    EXPECT_FALSE(DecodeAnswer(body).ok()) << body;
}

TEST(XmlRpc, DoesNotExpandEntities) {
  const std::string bomb =
      "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'boom'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
      "<methodResponse><params><param><value><string>&a;&f;</string></value></param></params></"
      "methodResponse>";
  const Result<XmlRpcAnswer> answer = DecodeAnswer(bomb);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(Compact(answer->value), "\"&a;&f;\"");
}

TEST(XmlRpc, RefusesDeepNesting) {
  std::string deep = "<value>x</value>";
  for (int i = 0; i < 2000; ++i) deep = Cat("<value><array><data>", deep, "</data></array></value>");
  EXPECT_THAT(DecodeAnswer(Answer(deep)).status().message(), HasSubstr("too deeply"));
}

TEST(XmlRpc, TellsAFaultFromAnAnswer) {
  const Result<XmlRpcAnswer> answer = DecodeAnswer(
      "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>10</int></value></"
      "member>"
      "<member><name>faultString</name><value><string>BAD_NAME: "
      "x</string></value></member></struct></value></fault></methodResponse>");
  ASSERT_TRUE(answer.ok());
  ASSERT_TRUE(answer->fault);
  EXPECT_EQ(answer->fault->code, 10);
  EXPECT_EQ(answer->fault->text, "BAD_NAME: x");
}

TEST(XmlRpc, MulticallAnswersComeWrappedOrBare) {
  const std::string fault =
      "<value><struct><member><name>faultCode</name><value><int>70</int></value></member>"
      "<member><name>faultString</name><value>NOT_RUNNING</value></member></struct></value>";
  const std::string wrapped = "<value><array><data><value><int>1</int></value></data></array></value>";
  const std::string body = Answer(
      Cat("<value><array><data>", wrapped, "<value><int>2</int></value>", fault, "</data></array></value>"));
  const auto answers = DecodeMulticall(body, 3);
  ASSERT_TRUE(answers.ok()) << answers.status().message();
  EXPECT_EQ(Compact((*answers)[0].value), "1");
  EXPECT_EQ(Compact((*answers)[1].value), "2");
  EXPECT_EQ((*answers)[2].fault->code, 70);
  EXPECT_FALSE(DecodeMulticall(body, 4).ok()) << "an answer less than calls cannot be assigned";
}

}  // namespace
}  // namespace holdfast::clients
