// What a process of the model says on its port.
#pragma once

#include <string>
#include <string_view>

#include "examples/sandbox/hosts.h"

namespace holdfast::sandbox {

struct Said {
  std::string bytes;
  enum class Then { kListens, kCloses } then = Then::kListens;
};

// One connection to a process. A process that hangs says nothing: ask the model before asking this.
class Talk {
 public:
  // `hosts` outlives this. `pid` is the process that accepted.
  Talk(const Hosts& hosts, int64_t pid) : hosts_(hosts), pid_(pid) {}
  // The process is gone, or the connection was closed: an empty Said that closes.
  Said Hear(std::string_view bytes);

 private:
  Said Redis(const Process& process);
  Said Http(const Process& process);
  Said Zookeeper(const Process& process);
  Said Postgresql(const Process& process);

  const Hosts& hosts_;
  const int64_t pid_;
  std::string heard_;
};

// The status and body that the process gives to any GET.
struct HttpSaid {
  int status = 200;
  std::string body;
};
HttpSaid SayHttp(const Hosts& hosts, const Process& process);

}  // namespace holdfast::sandbox
