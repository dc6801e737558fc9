// The AWS client, made once per process.
#pragma once

#include "controller/kind/systems.h"
#include "controller/world/world.h"
#include "reconcilers/clients/aws/client.h"
#include "reconcilers/clients/secrets.h"
#include "reconcilers/clients/settings.h"

namespace holdfast::aws {

// `systems.Use<System>()`. Main fills in `settings` before the first look, as it does for Clients.
struct System {
  System(World& world, Waker&) : System(world) {}
  explicit System(World& world) : secrets(world.files, settings), client(world, settings) {}
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  clients::ClientSettings settings;
  clients::Secrets secrets;
  Client client;
};

}  // namespace holdfast::aws
