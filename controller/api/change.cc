// What the API's routes change.
#include "controller/api/route.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"

namespace holdfast {
namespace {

// The text member of a request's body, or "".
std::string TextIn(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(JsonView(name));
  if (value == nullptr || !value->is_string()) return {};
  return {value->get_string().data(), value->get_string().size()};
}

Result<ResourceKey> KeyIn(const json::object& body) {
  ResourceKey key{TextIn(body, "kind"), TextIn(body, "name")};
  if (key.kind.empty() || key.name.empty()) return InvalidArgument("the body needs \"kind\" and \"name\"");
  return key;
}

}  // namespace

Task<Result<std::string>> Api::Route::Suspend(Api* api, json::object body, Actor by) {
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  const std::string reason = TextIn(body, "reason"), until_text = TextIn(body, "until");
  if (reason.empty()) co_return InvalidArgument("a suspension needs a \"reason\": others will read it");
  absl::Time until = absl::InfiniteFuture();
  if (!until_text.empty()) {
    const auto time = ParseRfc3339(until_text);
    if (!time)
      co_return InvalidArgument(
          Cat("until ", Excerpt(until_text, 40), " is not a time such as 2026-11-20T10:00:00Z"));
    until = *time;
  }
  HF_CO_TRY(co_await api->context_.engine.Suspend(key, by, reason, until));
  co_return Cat(key.Text(), " suspended",
                until == absl::InfiniteFuture() ? " until it is resumed" : Cat(" until ", Rfc3339(until)));
}

Task<Result<std::string>> Api::Route::Resume(Api* api, json::object body, Actor by) {
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  HF_CO_TRY(co_await api->context_.engine.Resume(key, by));
  co_return Cat(key.Text(), " resumed");
}

Task<Result<std::string>> Api::Route::StopAll(Api* api, json::object body, Actor by) {
  const std::string reason = TextIn(body, "reason");
  const json::value* freeze = body.if_contains("freeze");
  const bool frozen = freeze != nullptr && freeze->is_bool() && freeze->get_bool();
  const StopAllSet::Reach reach = frozen ? StopAllSet::Reach::kFreeze : StopAllSet::Reach::kNewSteps;
  HF_CO_TRY(co_await api->context_.engine.StopAll(reach, by, reason));
  co_return frozen
      ? "stopped: nothing is begun any more, obligations are held too; observation goes on"
      : "stopped: nothing new is begun any more; what ends an exposure is finished, observation goes on";
}

Task<Result<std::string>> Api::Route::StartAll(Api* api, json::object, Actor by) {
  HF_CO_TRY(co_await api->context_.engine.StartAll(by));
  co_return std::string("started: steps go again");
}

Task<Result<std::string>> Api::Route::Apply(Api* api, json::object body, Actor by) {
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  const std::string digest = TextIn(body, "digest");
  if (digest.empty()) co_return InvalidArgument("the body needs the \"digest\" of the plan that is let go");
  HF_CO_TRY(co_await api->context_.engine.Apply(key, digest, by));
  co_return Cat(key.Text(), ": the plan ", digest.substr(0, 12), " is let go");
}

Task<Result<std::string>> Api::Route::Look(Api* api, json::object body, Actor by) {
  if (body.if_contains("kind") == nullptr) {
    HF_CO_TRY(co_await api->context_.site.LookNow());
    api->context_.engine.LookAtAll(api->context_.clock.Now());
    co_return std::string("looking at everything now");
  }
  const ResourceKey key = HF_CO_TRY(KeyIn(body));
  if (!api->context_.engine.IsDeclared(key)) co_return NotFound(Cat("no resource ", key.Text()));
  api->context_.engine.LookNow(key, Cat("asked by ", by));
  co_return Cat("looking at ", key.Text(), " now");
}

}  // namespace holdfast
