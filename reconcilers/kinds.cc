#include "reconcilers/kinds.h"

#include "examples/embedded.h"
#include "reconcilers/autoscaling_group/kind.h"
#include "reconcilers/cloudwatch_alarm/kind.h"
#include "reconcilers/dynamodb_table/kind.h"
#include "reconcilers/elasticsearch/kind.h"
#include "reconcilers/launch_configuration/kind.h"
#include "reconcilers/service_stack/kind.h"
#include "reconcilers/sns_topic/kind.h"

namespace holdfast {

const std::vector<AnyKind>& Kinds() {
  static const std::vector<AnyKind> kinds = {
      Erase<AutoScalingGroup>(kAutoScalingGroupExample),
      Erase<CloudWatchAlarm>(kCloudWatchAlarmExample),
      Erase<DynamoDBTable>(kDynamoDBTableExample),
      Erase<ElasticsearchCluster>(kElasticsearchClusterExample),
      Erase<LaunchConfiguration>(kLaunchConfigurationExample),
      Erase<ServiceStack>(kServiceStackExample),
      Erase<SnsTopic>(kSnsTopicExample),
  };
  return kinds;
}

}  // namespace holdfast
