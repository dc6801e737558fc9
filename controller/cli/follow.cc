#include "controller/cli/follow.h"

#include "controller/base/text.h"
#include "controller/cli/fields.h"

namespace holdfast::cli {

Result<json::object> Follower::Whole() {
  json::object document = HF_TRY(call_.Get("/api/v1/status"));
  version_ = Number(document, "version");
  epoch_ = Text(document, "epoch");
  told_ = Told::kWhole;
  return document;
}

Status Follower::WaitForDaemon(const Status& why_down) {
  call_.Remark(Cat("the daemon does not answer any more (", why_down.message(), "): waiting for it"));
  for (;;) {
    HF_TRY(call_.daemon().Pause(kAskDownEvery));
    const auto back = call_.Get("/api/v1/version");
    if (back.ok() || !call_.IsDown()) return back.status();
  }
}

Result<json::object> Follower::Next() {
  if (told_ == Told::kNothing) return Whole();
  for (;;) {
    HF_TRY(call_.daemon().Pause(kAskEvery));
    Result<json::object> document = call_.Get(Cat("/api/v1/changes?since=", version_));
    if (!document.ok() && call_.IsDown()) {
      HF_TRY(WaitForDaemon(document.status()));
      return Whole();
    }
    if (!document.ok()) return document;
    // Versions of another process mean other changes.
    if (Text(*document, "epoch") != epoch_ || Number(*document, "version") < version_) return Whole();
    version_ = Number(*document, "version");
    if (!List(*document, "resources").empty() || !List(*document, "gone").empty()) return document;
  }
}

int EndOfFollowing(Call& call) {
  constexpr int kSignalBase = 128;
  return kSignalBase + call.daemon().signal();
}

bool WriteNow(Call& call, std::string_view text) {
  call.Out(text);
  call.surroundings().out.flush();
  return call.surroundings().out.good();
}

}  // namespace holdfast::cli
