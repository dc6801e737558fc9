// What the bytes of an answer mean, protocol by protocol; pure.
#pragma once

#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "controller/world/http.h"
#include "reconcilers/clients/probe/probe.h"

namespace holdfast::clients {

// Each fills in level, detail and facts; `whom` begins the detail. Foreign bytes: anything may come.
ProbeAnswer ReadHttp(const HttpResponse& response, const HttpProbe& probe, std::string_view whom);
ProbeAnswer ReadPostgresql(std::string_view bytes, std::string_view whom);
ProbeAnswer ReadRedis(std::string_view bytes, const RedisProbe& probe, std::string_view whom);
ProbeAnswer ReadZookeeper(std::string_view bytes, std::string_view whom);
// `system` is the answer for the beans FSNamesystem*, `status` that for NameNodeStatus.
ProbeAnswer ReadNameNode(std::string_view system, std::string_view status, std::string_view whom);
ProbeAnswer ReadDataNode(std::string_view dataset, std::string_view whom);
ProbeAnswer ReadAccumuloMonitor(std::string_view manager, std::string_view whom);
ProbeAnswer ReadAccumuloServer(std::string_view bytes, std::string_view whom);

// What each is asked, and when its answer is whole.
std::string PostgresqlStartup(const PostgresqlProbe& probe);
bool IsWholePostgresql(std::string_view bytes);
std::string RedisQuestions(const RedisProbe& probe, std::string_view password);
bool IsWholeRedis(std::string_view bytes, const RedisProbe& probe);
std::string AccumuloCall(const AccumuloServerProbe& probe);
bool IsWholeAccumulo(std::string_view bytes);

// An HTTP/1 answer as it stands on the wire, ended by the other side's closing. FailedPrecondition when it is
// not one, or not all of it.
Result<HttpResponse> ParseHttpAnswer(std::string_view bytes);

// "" when it is one that RE2 accepts, else why not.
std::string RegexProblem(std::string_view pattern);
bool Matches(std::string_view pattern, std::string_view text);

}  // namespace holdfast::clients
