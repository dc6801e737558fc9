// Whatever a probed server answers, reading it neither crashes nor runs away.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "reconcilers/clients/probe/answers.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace holdfast::clients;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  HttpProbe http;
  http.json_pointer = "/status/state";
  http.json_equals = "green";
  http.body_regex = "gr(e|a)+n";
  if (const auto response = ParseHttpAnswer(bytes); response.ok()) {
    if (response->body.size() > size) std::abort();
    ReadHttp(*response, http, "fuzz");
  }
  RedisProbe redis;
  redis.expected_role = "master";
  IsWholeRedis(bytes, redis);
  ReadRedis(bytes, redis, "fuzz");
  IsWholePostgresql(bytes);
  ReadPostgresql(bytes, "fuzz");
  ReadZookeeper(bytes, "fuzz");
  ReadNameNode(bytes, bytes, "fuzz");
  ReadDataNode(bytes, "fuzz");
  ReadAccumuloMonitor(bytes, "fuzz");
  const bool serves = ReadAccumuloServer(bytes, "fuzz").level == ProbeAnswer::Level::kServing;
  if (serves && !IsWholeAccumulo(bytes)) std::abort();
  return 0;
}
