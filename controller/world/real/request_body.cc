#include "controller/world/real/request_body.h"

#include <algorithm>
#include <string>

#include "controller/base/text.h"

namespace holdfast {

std::optional<RequestProblem> RequestBody::Take(std::string_view bytes, size_t* used) {
  *used = 0;
  while (!done() && *used < bytes.size()) {
    std::string_view data = bytes.substr(*used);
    size_t step = 0;
    if (framing_ == RequestHead::Framing::kChunked) {
      auto took = chunks_.Take(data, &data);
      if (!took.ok())
        return RequestProblem{400, "badRequest", took.status().message(), "send a plain HTTP/1.1 request"};
      step = *took;
    } else {
      data = data.substr(0, std::min<uint64_t>(left_, data.size()));
      left_ -= step = data.size();
    }
    if (step == 0) break;
    *used += step;
    if (body_.size() + data.size() > kMostBodyBytes)
      return RequestProblem{413, "bodyTooLarge", Cat("the body is longer than ", kMostBodyBytes, " bytes"),
                            "send less at a time"};
    body_.append(data);
  }
  return std::nullopt;
}

}  // namespace holdfast
