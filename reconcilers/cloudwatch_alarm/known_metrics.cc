#include "reconcilers/cloudwatch_alarm/known_metrics.h"

#include <algorithm>

namespace holdfast::alarm {
namespace {

using std::string_view;

constexpr string_view kElb[] = {"BackendConnectionErrors",
                                "DesyncMitigationMode_NonCompliant_Request_Count",
                                "EstimatedALBActiveConnectionCount",
                                "EstimatedALBConsumedLCUs",
                                "EstimatedALBNewConnectionCount",
                                "EstimatedProcessedBytes",
                                "HTTPCode_Backend_2XX",
                                "HTTPCode_Backend_3XX",
                                "HTTPCode_Backend_4XX",
                                "HTTPCode_Backend_5XX",
                                "HTTPCode_ELB_4XX",
                                "HTTPCode_ELB_5XX",
                                "HealthyHostCount",
                                "Latency",
                                "RequestCount",
                                "SpilloverCount",
                                "SurgeQueueLength",
                                "UnHealthyHostCount"};
constexpr string_view kElbDimensions[] = {"AvailabilityZone", "LoadBalancerName"};

constexpr string_view kEc2[] = {"CPUCreditBalance",
                                "CPUCreditUsage",
                                "CPUSurplusCreditBalance",
                                "CPUSurplusCreditsCharged",
                                "CPUUtilization",
                                "DedicatedHostCPUUtilization",
                                "DiskReadBytes",
                                "DiskReadOps",
                                "DiskWriteBytes",
                                "DiskWriteOps",
                                "EBSByteBalance%",
                                "EBSIOBalance%",
                                "EBSReadBytes",
                                "EBSReadOps",
                                "EBSWriteBytes",
                                "EBSWriteOps",
                                "GPUPowerUtilization",
                                "InstanceEBSIOPSExceededCheck",
                                "InstanceEBSThroughputExceededCheck",
                                "MetadataNoToken",
                                "MetadataNoTokenRejected",
                                "NetworkIn",
                                "NetworkOut",
                                "NetworkPacketsIn",
                                "NetworkPacketsOut",
                                "StatusCheckFailed",
                                "StatusCheckFailed_AttachedEBS",
                                "StatusCheckFailed_Instance",
                                "StatusCheckFailed_System"};
constexpr string_view kEc2Dimensions[] = {"AutoScalingGroupName", "HostId",       "ImageId",
                                          "InstanceId",           "InstanceType", "PerInstanceMetrics"};

constexpr string_view kDynamo[] = {"AccountMaxReads",
                                   "AccountMaxTableLevelReads",
                                   "AccountMaxTableLevelWrites",
                                   "AccountMaxWrites",
                                   "AccountProvisionedReadCapacityUtilization",
                                   "AccountProvisionedWriteCapacityUtilization",
                                   "AgeOfOldestUnreplicatedRecord",
                                   "ConditionalCheckFailedRequests",
                                   "ConsumedChangeDataCaptureUnits",
                                   "ConsumedReadCapacityUnits",
                                   "ConsumedWriteCapacityUnits",
                                   "FailedToReplicateRecordCount",
                                   "MaxProvisionedTableReadCapacityUtilization",
                                   "MaxProvisionedTableWriteCapacityUtilization",
                                   "OnDemandMaxReadRequestUnits",
                                   "OnDemandMaxWriteRequestUnits",
                                   "OnlineIndexConsumedWriteCapacity",
                                   "OnlineIndexPercentageProgress",
                                   "OnlineIndexThrottleEvents",
                                   "PendingReplicationCount",
                                   "ProvisionedReadCapacityUnits",
                                   "ProvisionedWriteCapacityUnits",
                                   "ReadAccountLimitThrottleEvents",
                                   "ReadKeyRangeThroughputThrottleEvents",
                                   "ReadMaxOnDemandThroughputThrottleEvents",
                                   "ReadProvisionedThroughputThrottleEvents",
                                   "ReadThrottleEvents",
                                   "ReplicationLatency",
                                   "ReturnedBytes",
                                   "ReturnedItemCount",
                                   "ReturnedRecordsCount",
                                   "SuccessfulRequestLatency",
                                   "SystemErrors",
                                   "ThrottledPutRecordCount",
                                   "ThrottledRequests",
                                   "TimeToLiveDeletedItemCount",
                                   "TransactionConflict",
                                   "UserErrors",
                                   "WriteAccountLimitThrottleEvents",
                                   "WriteKeyRangeThroughputThrottleEvents",
                                   "WriteMaxOnDemandThroughputThrottleEvents",
                                   "WriteProvisionedThroughputThrottleEvents",
                                   "WriteThrottleEvents"};
constexpr string_view kDynamoDimensions[] = {"DelegatedOperation", "GlobalSecondaryIndexName",
                                             "Operation",          "OperationType",
                                             "ReceivingRegion",    "StreamLabel",
                                             "TableName",          "Verb"};

constexpr KnownNamespace kNamespaces[] = {
    {"AWS/DynamoDB", kDynamo, kDynamoDimensions},
    {"AWS/EC2", kEc2, kEc2Dimensions},
    {"AWS/ELB", kElb, kElbDimensions},
};

}  // namespace

std::span<const KnownNamespace> KnownNamespaces() { return kNamespaces; }

const KnownNamespace* FindNamespace(std::string_view name) {
  const auto found = std::ranges::find(kNamespaces, name, &KnownNamespace::name);
  return found == std::end(kNamespaces) ? nullptr : found;
}

}  // namespace holdfast::alarm
