// Clients shared by all resources, made on first use.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <typeindex>

#include "controller/world/world.h"

namespace holdfast {

struct ResourceKey {
  std::string kind, name;
  bool operator==(const ResourceKey&) const = default;
  auto operator<=>(const ResourceKey&) const = default;
  std::string Text() const { return kind + "/" + name; }  // "ServiceStack/site"
};

// Wakes a resource whose interest something touched. Events only say "look now".
class Waker {
 public:
  virtual ~Waker() = default;
  virtual void LookNow(const ResourceKey& key, std::string why) = 0;
};

// One client of a type per process: `systems.Use<Supervisors>()` calls Supervisors(World&, Waker&) the first
// time. Engine thread only. Clients live as long as this.
class Systems {
 public:
  Systems(World world, Waker& waker) : world_(world), waker_(waker) {}
  Systems(const Systems&) = delete;
  Systems& operator=(const Systems&) = delete;

  template <class Client>
  Client& Use() {
    std::shared_ptr<void>& slot = shared_[typeid(Client)];
    if (!slot) slot = std::make_shared<Client>(world_, waker_);
    return *static_cast<Client*>(slot.get());
  }
  World& world() { return world_; }

 private:
  World world_;
  Waker& waker_;
  std::map<std::type_index, std::shared_ptr<void>> shared_;
};

}  // namespace holdfast
