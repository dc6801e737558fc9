#include "reconcilers/kinds.h"

#include "examples/embedded.h"
#include "reconcilers/elasticsearch/kind.h"
#include "reconcilers/service_stack/kind.h"

namespace holdfast {

const std::vector<AnyKind>& Kinds() {
  static const std::vector<AnyKind> kinds = {
      Erase<ElasticsearchCluster>(kElasticsearchClusterExample),
      Erase<ServiceStack>(kServiceStackExample),
  };
  return kinds;
}

}  // namespace holdfast
