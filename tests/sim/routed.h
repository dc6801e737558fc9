// Leads what is sent or run to the model that answers it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "controller/world/commands.h"
#include "controller/world/http.h"

namespace holdfast::sim {

// "10.0.0.11:9200" of "http://10.0.0.11:9200/_cluster/health".
inline std::string AuthorityOf(std::string_view url) {
  const size_t scheme = url.find("://");
  if (scheme != url.npos) url.remove_prefix(scheme + 3);
  return std::string(url.substr(0, url.find_first_of("/?")));
}

// By authority; everything else goes to `otherwise`. What it refers to outlives it.
class RoutedHttp : public Http {
 public:
  RoutedHttp(Http& otherwise, const std::map<std::string, Http*>& models)
      : otherwise_(otherwise), models_(models) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override {
    const auto model = models_.find(AuthorityOf(request.url));
    Http& to = model == models_.end() || !request.unix_socket.empty() ? otherwise_ : *model->second;
    co_return co_await to.Send(std::move(request), limits, sink);
  }

 private:
  Http& otherwise_;
  const std::map<std::string, Http*>& models_;
};

// By the first word.
class RoutedCommands : public Commands {
 public:
  RoutedCommands(Commands& otherwise, const std::map<std::string, Commands*>& programs)
      : otherwise_(otherwise), programs_(programs) {}
  Task<Result<Exit>> Run(CommandLine command, Limits limits) override {
    const auto program = command.argv.empty() ? programs_.end() : programs_.find(command.argv[0]);
    Commands& to = program == programs_.end() ? otherwise_ : *program->second;
    co_return co_await to.Run(std::move(command), limits);
  }

 private:
  Commands& otherwise_;
  const std::map<std::string, Commands*>& programs_;
};

}  // namespace holdfast::sim
