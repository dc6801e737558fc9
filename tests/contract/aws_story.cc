#include "tests/contract/aws_story.h"

#include <memory>

#include "controller/base/text.h"

namespace holdfast::contract {

using sandbox::aws::Account;
using sim::AccountSeat;
using sim::Harness;

std::string AwsSpecText(const ResourceKey& key, std::string_view spec) {
  return Cat("apiVersion: holdfast/v1\nkind: ", key.kind, "\nmetadata: {name: ", key.name,
             "}\npolicy: {mode: act, interval: 30s}\nspec:\n  region: us-east-1\n", spec);
}

Scenario ScenarioFrom(const AccountStory& story) {
  const auto tell = [story](Harness& h) {
    AccountSeat& seat = h.Add<AccountSeat>(h);
    Account& account = seat.account;
    story.scene(account);
    h.clock.AdvanceTo(h.clock.Steady() + absl::Minutes(10));
    seat.Now();
    for (const auto& [file, text] : story.specs) h.SetSpec(file, text);
    auto watchman = std::make_shared<AccountWatchman>(account);
    story.rules(*watchman);
    return Told{.judge = watchman,
                .when = [&h, &seat, when = story.when] { when(h, seat.Now()); },
                .then = [&h, &seat, then = story.then] { return then(h, seat.Now()); },
                .stays_aside = story.stays_aside};
  };
  return {.name = story.name,
          .resource = story.resource,
          .tell = tell,
          .begins = story.begins,
          .longest = story.longest,
          .interval = story.interval};
}

}  // namespace holdfast::contract
