#include <gmock/gmock.h>

#include <algorithm>
#include <string>

#include "controller/base/text.h"
#include "reconcilers/clients/aws/decode.h"
#include "reconcilers/clients/aws/document.h"
#include "reconcilers/clients/aws/encode.h"
#include "reconcilers/clients/aws/failure.h"
#include "reconcilers/clients/aws/pages.h"
#include "reconcilers/clients/aws/xml.h"

namespace holdfast::aws {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Result<Encoded> Encoding(std::string_view service, std::string_view operation, std::string_view parameters) {
  return Encode(*FindService(service), *FindOperation(service, operation), *ParseJson(parameters));
}
std::string BodyOf(std::string_view service, std::string_view operation, std::string_view parameters) {
  Result<Encoded> encoded = Encoding(service, operation, parameters);
  return encoded.ok() ? encoded->body : encoded.status().message();
}
HttpResponse Answer(int status, std::string body, Pairs headers = {}) {
  return {status, std::move(headers), std::move(body)};
}
Result<json::value> Decoding(std::string_view service, std::string_view operation,
                             const HttpResponse& response) {
  return DecodeAnswer(*FindService(service), *FindOperation(service, operation), response);
}

TEST(Operations, AreSortedKnowTheirServiceAndHaveOneRowEach) {
  for (const Operation& row : Operations()) {
    EXPECT_NE(FindService(row.service), nullptr) << row.service;
    EXPECT_EQ(FindOperation(row.service, row.name), &row) << row.service << " " << row.name;
  }
  EXPECT_EQ(FindOperation("dynamodb", "PutItem"), nullptr);
  EXPECT_EQ(IamAction(*FindOperation("elbv2", "DescribeTargetHealth")),
            "elasticloadbalancing:DescribeTargetHealth");
  EXPECT_EQ(IamAction(*FindOperation("s3", "ListBuckets")), "s3:ListAllMyBuckets");
}

TEST(Encode, JsonNamesTheOperationInAHeader) {
  const Result<Encoded> call = Encoding("dynamodb", "DescribeTable", R"({"TableName":"t"})");
  ASSERT_TRUE(call.ok());
  EXPECT_THAT(call->headers, ElementsAre(std::pair("Content-Type", "application/x-amz-json-1.0"),
                                         std::pair("X-Amz-Target", "DynamoDB_20120810.DescribeTable")));
  EXPECT_EQ(call->body, R"({"TableName":"t"})");
}

TEST(Encode, QueryNumbersListsAndStructures) {
  EXPECT_EQ(BodyOf("autoscaling", "SuspendProcesses",
                   R"({"AutoScalingGroupName":"a b","ScalingProcesses":["Launch","Terminate"]})"),
            "Action=SuspendProcesses&Version=2011-01-01&AutoScalingGroupName=a+b"
            "&ScalingProcesses.member.1=Launch&ScalingProcesses.member.2=Terminate");
  EXPECT_EQ(BodyOf("autoscaling", "CreateOrUpdateTags",
                   R"({"Tags":[{"Key":"k","PropagateAtLaunch":true,"Value":"*/~"}]})"),
            "Action=CreateOrUpdateTags&Version=2011-01-01&Tags.member.1.Key=k"
            "&Tags.member.1.PropagateAtLaunch=true&Tags.member.1.Value=%2A%2F~");
  EXPECT_THAT(BodyOf("autoscaling", "UpdateAutoScalingGroup", R"({"TerminationPolicies":[]})"),
              HasSubstr("&TerminationPolicies="));
  EXPECT_THAT(
      BodyOf("autoscaling", "PutScalingPolicy", R"({"TargetTrackingConfiguration":{"TargetValue":50.5}})"),
      HasSubstr("TargetTrackingConfiguration.TargetValue=50.5"));
}

TEST(Encode, QueryWritesMapsAsEntries) {
  EXPECT_THAT(BodyOf("sns", "CreateTopic", R"({"Name":"n","Attributes":{"DisplayName":"d"}})"),
              HasSubstr("Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=d"));
}

TEST(Encode, Ec2NamesListsInTheSingularAndFlat) {
  EXPECT_EQ(BodyOf("ec2", "DescribeInstances",
                   R"({"Filters":[{"Name":"tag:x","Values":["1","2"]}],"InstanceIds":["i-1"]})"),
            "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=tag%3Ax&Filter.1.Value.1=1"
            "&Filter.1.Value.2=2&InstanceId.1=i-1");
}

TEST(Encode, UserDataIsPlainForPeopleAndBase64OnTheWire) {
  EXPECT_THAT(BodyOf("autoscaling", "CreateLaunchConfiguration", R"({"UserData":"#!/bin/sh\n"})"),
              HasSubstr("UserData=IyEvYmluL3NoCg%3D%3D"));
}

TEST(Encode, S3AddressesTheBucketAndSendsADigest) {
  const Result<Encoded> call = Encoding(
      "s3", "PutBucketVersioning", R"({"Bucket":"logs-1","VersioningConfiguration":{"Status":"Enabled"}})");
  ASSERT_TRUE(call.ok()) << call.status().message();
  EXPECT_EQ(call->method, "PUT");
  EXPECT_EQ(call->path, "/logs-1");
  EXPECT_THAT(call->query, ElementsAre(std::pair("versioning", "")));
  EXPECT_EQ(call->body,
            "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
            "<Status>Enabled</Status></VersioningConfiguration>");
  EXPECT_THAT(BodyOf("s3", "PutBucketTagging",
                     R"({"Bucket":"logs","Tagging":{"TagSet":[{"Key":"a","Value":"<&>"}]}})"),
              HasSubstr("<TagSet><Tag><Key>a</Key><Value>&lt;&amp;&gt;</Value></Tag></TagSet>"));
  EXPECT_FALSE(Encoding("s3", "GetBucketVersioning", R"({"Bucket":"../x"})").ok());
}

TEST(Encode, RefusesWhatCannotBeSent) {
  EXPECT_FALSE(Encoding("autoscaling", "DescribePolicies", "[]").ok());
  EXPECT_FALSE(Encoding("autoscaling", "DescribePolicies", R"({"A":null})").ok());
  std::string deep = "{}";
  for (int i = 0; i < 2 * kMostParameterDepth; ++i) deep = Cat(R"({"A":)", deep, "}");
  EXPECT_FALSE(Encoding("autoscaling", "DescribePolicies", Cat(R"({"A":)", deep, "}")).ok());
}

TEST(Xml, ListsMapsAndRepetitionsAreTold) {
  const auto content = [](std::string_view body) {
    Result<XmlDocument> document = ParseXml(body);
    return document.ok() ? Compact(document->content) : document.status().message();
  };
  EXPECT_EQ(content("<r><L><member>1</member></L><E/></r>"), R"({"L":["1"],"E":""})");
  EXPECT_EQ(content("<r><s><item><a>1</a></item><item/></s></r>"), R"({"s":[{"a":"1"},""]})");
  EXPECT_EQ(content("<r><A><entry><key>k</key><value>v</value></entry></A></r>"), R"({"A":{"k":"v"}})");
  EXPECT_EQ(content("<r><b>1</b><b>2</b><b>3</b><c>x &amp; y</c></r>"), R"({"b":["1","2","3"],"c":"x & y"})");
  EXPECT_EQ(content("<r><b><member>1</member></b><b><member>2</member></b></r>"), R"({"b":[["1"],["2"]]})");
}

TEST(Decode, OperationsAreReadInTheirOwnWay) {
  EXPECT_EQ(Compact(*Decoding("dynamodb", "ListTables", Answer(200, R"({"TableNames":[]})"))),
            R"({"TableNames":[]})");
  EXPECT_EQ(Compact(*Decoding("sts", "GetCallerIdentity",
                              Answer(200,
                                     "<?xml version='1.0'?><GetCallerIdentityResponse "
                                     "xmlns='https://sts.amazonaws.com/doc/2011-06-15/'>"
                                     "<GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult>"
                                     "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
                                     "</GetCallerIdentityResponse>"))),
            R"({"Account":"1"})");
  EXPECT_TRUE(
      Decoding("autoscaling", "SuspendProcesses",
               Answer(200, "<SuspendProcessesResponse><ResponseMetadata/></SuspendProcessesResponse>"))
          .ok());
  EXPECT_EQ(Compact(*Decoding("ec2", "DescribeInstances",
                              Answer(200,
                                     "<DescribeInstancesResponse><requestId>r</requestId><reservationSet/>"
                                     "</DescribeInstancesResponse>"))),
            R"({"requestId":"r","reservationSet":""})");
  EXPECT_TRUE(Decoding("cloudwatch", "PutMetricAlarm", Answer(200, "")).ok());
}

// What botocore takes for success without any field.
TEST(Decode, A200ThatIsNotAWholeAnswerIsAnError) {
  const std::string json = R"({"TableNames":["a"]})";
  const std::string xml =
      "<DescribePoliciesResponse><DescribePoliciesResult><ScalingPolicies/></DescribePoliciesResult>"
      "</DescribePoliciesResponse>";
  ASSERT_TRUE(Decoding("dynamodb", "ListTables", Answer(200, json)).ok());
  ASSERT_TRUE(Decoding("autoscaling", "DescribePolicies", Answer(200, xml)).ok());
  for (size_t cut = 0; cut < json.size(); ++cut)
    EXPECT_FALSE(Decoding("dynamodb", "ListTables", Answer(200, json.substr(0, cut))).ok()) << cut;
  for (size_t cut = 0; cut < xml.size(); ++cut)
    EXPECT_FALSE(Decoding("autoscaling", "DescribePolicies", Answer(200, xml.substr(0, cut))).ok()) << cut;
  for (const char* body : {"<html><body>Sign in</body></html>", "[]", "null", "\"x\"", "OK", "  "}) {
    EXPECT_FALSE(Decoding("dynamodb", "ListTables", Answer(200, body)).ok()) << body;
    EXPECT_FALSE(Decoding("autoscaling", "DescribePolicies", Answer(200, body)).ok()) << body;
    EXPECT_FALSE(Decoding("autoscaling", "SuspendProcesses", Answer(200, body)).ok()) << body;
    EXPECT_FALSE(Decoding("ec2", "DescribeInstances", Answer(200, body)).ok()) << body;
  }
  EXPECT_FALSE(Decoding("autoscaling", "DescribePolicies", Answer(200, xml + xml)).ok());
  EXPECT_FALSE(Decoding("autoscaling", "DescribeTags", Answer(200, xml)).ok()) << "of another operation";
}

TEST(Decode, ChecksTheChecksum) {
  const std::string body = R"({"TableNames":[]})";
  EXPECT_TRUE(Decoding("dynamodb", "ListTables", Answer(200, "{}", {{"x-amz-crc32", "2745614147"}})).ok());
  EXPECT_FALSE(Decoding("dynamodb", "ListTables", Answer(200, body, {{"x-amz-crc32", "2745614147"}})).ok());
  EXPECT_FALSE(Decoding("dynamodb", "ListTables", Answer(200, "{}", {{"x-amz-crc32", "many"}})).ok());
}

TEST(DecodeError, EveryServicesShapeGivesTheSame) {
  struct Case {
    HttpResponse response;
    std::string_view code, message;
  };
  for (const Case& one :
       {Case{Answer(400, R"({"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",)"
                         R"("message":"m"})"),
             "ResourceNotFoundException", "m"},
        Case{Answer(400, R"({"Message":"m"})", {{"x-amzn-errortype", "Throttling:http://x"}}), "Throttling",
             "m"},
        Case{Answer(400, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"m"})",
                    {{"x-amzn-query-error", "AWS.SimpleQueueService.NonExistentQueue;Sender"}}),
             "AWS.SimpleQueueService.NonExistentQueue", "m"},
        Case{Answer(400,
                    "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
                    "<Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>"),
             "ValidationError", "m"},
        Case{Answer(400,
                    "<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code><Message>m</Message>"
                    "</Error></Errors><RequestID>r</RequestID></Response>"),
             "InvalidAMIID.NotFound", "m"},
        Case{Answer(403,
                    "<ErrorResponse><Errors><Error><Code>SignatureDoesNotMatch</Code><Message>m</Message>"
                    "</Error></Errors></ErrorResponse>"),
             "SignatureDoesNotMatch", "m"},
        Case{Answer(404, "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>"), "NoSuchBucket",
             "m"},
        Case{Answer(503, "<html><h1>Service Unavailable</h1></html>"), "", ""}, Case{Answer(503, ""), "", ""},
        Case{Answer(500, "Internal Error\x01"), "", ""}}) {
    const ServiceError error = DecodeError(one.response);
    EXPECT_EQ(error.code, one.code) << one.response.body;
    EXPECT_EQ(error.message, one.message) << one.response.body;
    EXPECT_EQ(error.http_status, one.response.status);
  }
  EXPECT_EQ(DecodeError(Answer(400, "{}", {{"x-amzn-requestid", "R1"}})).request_id, "R1");
}

TEST(Classify, TellsQuotasFromThrottlingAndForeignersFromServices) {
  struct Case {
    std::string_view service, code, message;
    int status;
    Trouble trouble;
  };
  for (const Case& one : {
           Case{"dynamodb", "LimitExceededException",
                "Subscriber limit exceeded: Provisioned throughput "
                "decreases are limited",
                400, Trouble::kQuota},
           Case{"dynamodb", "LimitExceededException",
                "Only 1 online index can be created or deleted "
                "simultaneously per table",
                400, Trouble::kBusy},
           Case{"dynamodb", "ThrottlingException", "Rate of requests exceeds", 400, Trouble::kThrottled},
           Case{"dynamodb", "ResourceInUseException", "Attempt to change a resource which is still in use",
                400, Trouble::kBusy},
           Case{"dynamodb", "ValidationException", "will not change", 400, Trouble::kRefused},
           Case{"autoscaling", "ResourceContention", "", 500, Trouble::kBusy},
           Case{"autoscaling", "ScalingActivityInProgress", "", 400, Trouble::kBusy},
           Case{"autoscaling", "ValidationError", "AutoScalingGroup name not found - x", 400,
                Trouble::kMissing},
           Case{"autoscaling", "ValidationError", "MinSize is too big", 400, Trouble::kRefused},
           Case{"autoscaling", "LimitExceeded", "", 400, Trouble::kQuota},
           Case{"cloudwatch", "ResourceNotFound", "", 404, Trouble::kMissing},
           Case{"sns", "Throttled", "", 429, Trouble::kThrottled},
           Case{"elbv2", "PriorRequestNotComplete", "", 429, Trouble::kBusy},
           Case{"elbv2", "HealthUnavailable", "", 500, Trouble::kTransient},
           Case{"ec2", "RequestLimitExceeded", "", 503, Trouble::kThrottled},
           Case{"ec2", "InvalidInstanceID.NotFound", "", 400, Trouble::kMissing},
           Case{"ec2", "AuthFailure", "", 401, Trouble::kMaybeSkewed},
           Case{"sts", "ExpiredToken", "", 403, Trouble::kExpired},
           Case{"sts", "AccessDenied", "", 403, Trouble::kDenied},
           Case{"sns", "SomethingNew", "", 400, Trouble::kRefused},
           Case{"sns", "SomethingNew", "", 503, Trouble::kTransient},
           Case{"sns", "", "", 500, Trouble::kForeign},
           Case{"sns", "", "", 429, Trouble::kThrottled},
       }) {
    EXPECT_EQ(
        TroubleName(Classify(one.service, {std::string(one.code), std::string(one.message), "", one.status})),
        TroubleName(one.trouble))
        << one.service << " " << one.code << " " << one.message;
  }
}

TEST(Classify, OnlyWhatMayHaveBeenDoneIsUnknown) {
  for (const Trouble trouble :
       {Trouble::kThrottled, Trouble::kBusy, Trouble::kQuota, Trouble::kMissing, Trouble::kDenied,
        Trouble::kExpired, Trouble::kSkewed, Trouble::kMaybeSkewed, Trouble::kRefused, Trouble::kOurs})
    EXPECT_EQ(AppliedDespite(trouble), Applied::kNo) << TroubleName(trouble);
  for (const Trouble trouble : {Trouble::kTransient, Trouble::kForeign, Trouble::kUnreached})
    EXPECT_EQ(AppliedDespite(trouble), Applied::kMaybe) << TroubleName(trouble);
}

TEST(Document, ReadsTypedAndUntypedAlike) {
  const json::value typed = *ParseJson(R"({"a":{"n":5,"d":1.5,"f":true,"t":1800000000,"l":["x"]}})");
  const json::value untyped =
      *ParseJson(R"({"a":{"n":"5","d":"1.5","f":"true","t":"2027-01-15T08:00:00Z","l":"x","e":""}})");
  for (const json::value& one : {typed, untyped}) {
    EXPECT_EQ(WholeAt(one, "a.n"), 5);
    EXPECT_EQ(NumberAt(one, "a.d"), 1.5);
    EXPECT_EQ(FlagAt(one, "a.f"), true);
    EXPECT_EQ(TimeAt(one, "a.t"), absl::FromUnixSeconds(1'800'000'000));
    EXPECT_EQ(ListAt(one, "a.l")->size(), 1U);
    EXPECT_EQ(At(one, "a.n.x"), nullptr);
    EXPECT_FALSE(ListAt(one, "a.missing").has_value());
  }
  EXPECT_TRUE(ListAt(untyped, "a.e")->empty());
  EXPECT_FALSE(WholeAt(untyped, "a.d").has_value());
  EXPECT_FALSE(NumberAt(*ParseJson(R"({"x":"nan"})"), "x").has_value());
}

TEST(Pages, APageWithoutItsMemberIsNoEmptyPage) {
  const Paging& paging = *FindPaging("autoscaling", "DescribeAutoScalingGroups");
  std::vector<json::value> items;
  const TakeItem take = [&](json::value item) { items.push_back(std::move(item)); };
  EXPECT_EQ(*TakePage(paging, *ParseJson(R"({"AutoScalingGroups":[{"a":"1"}],"NextToken":"n"})"), take), "n");
  EXPECT_EQ(*TakePage(paging, *ParseJson(R"({"AutoScalingGroups":""})"), take), "");
  EXPECT_EQ(items.size(), 1U);
  EXPECT_FALSE(TakePage(paging, *ParseJson(R"({"NextToken":"n"})"), take).ok());
  for (const Operation& row : Operations())
    if (const Paging* one = FindPaging(row.service, row.name)) EXPECT_FALSE(one->items.empty());
}

}  // namespace
}  // namespace holdfast::aws
