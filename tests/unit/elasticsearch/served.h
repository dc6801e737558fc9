// A cluster in memory that answers with texts, for the tests of the client and of the look.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "tests/unit/clients/fakes.h"

namespace holdfast::elasticsearch {

inline Result<HttpResponse> Json(int status, std::string body) {
  return HttpResponse{status, {{"content-type", "application/json; charset=UTF-8"}}, std::move(body)};
}

// Answers by endpoint and path; bodies go to the sink in small pieces, as over a wire.
class ServedHttp : public Http {
 public:
  explicit ServedHttp(Clock& clock) : clock_(clock) {}
  Task<Result<HttpResponse>> Send(HttpRequest request, Limits limits, HttpSink* sink) override {
    requests.push_back(request);
    const size_t path = request.url.find('/', 8);
    const std::string endpoint = request.url.substr(0, path);
    Result<HttpResponse> response = answer(endpoint, request.url.substr(path));
    if (!response.ok()) {
      if (response.status().code() == Code::kDeadlineExceeded) co_await clock_.Sleep(limits.deadline);
      co_return Annotate(response.status(),
                         Cat(request.method, " ", request.url.substr(0, request.url.find('?'))));
    }
    co_await clock_.Sleep(absl::Milliseconds(10));
    if (sink != nullptr && response->status / 100 == 2) {
      const std::string body = std::exchange(response->body, "");
      for (size_t at = 0; at < body.size(); at += piece)
        HF_CO_TRY(sink->Take(*response, std::string_view(body).substr(at, piece)));
    }
    co_return response;
  }
  std::function<Result<HttpResponse>(const std::string& endpoint, const std::string& path)> answer;
  std::vector<HttpRequest> requests;
  size_t piece = 100;

 private:
  Clock& clock_;
};

// The clients on such a cluster.
struct ServedRig {
  boost::asio::io_context loop;
  clients::FakeClock clock;
  clients::FakeRandom random;
  ServedHttp http{clock};
  clients::FakeNet net{clock};
  clients::FakeCommands commands{clock};
  clients::FakeFiles files;
  clients::FakePool pool;
  Vitals vitals;
  World world{clock, random, http, net, commands, files, pool, vitals};

  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out;
    boost::asio::co_spawn(loop, std::move(task), [&out](std::exception_ptr error, T value) {
      if (error) std::rethrow_exception(error);
      out = std::move(value);
    });
    do {
      loop.restart();
      loop.poll();
    } while (clock.Advance());
    return *std::move(out);
  }
};

}  // namespace holdfast::elasticsearch
