// The clients of this folder, made once per process.
#pragma once

#include "controller/kind/systems.h"
#include "controller/world/world.h"
#include "reconcilers/clients/control/command.h"
#include "reconcilers/clients/control/orphans.h"
#include "reconcilers/clients/control/processes.h"
#include "reconcilers/clients/control/ssh.h"
#include "reconcilers/clients/control/supervisord.h"
#include "reconcilers/clients/control/systemd.h"
#include "reconcilers/clients/elasticsearch/elasticsearch.h"
#include "reconcilers/clients/probe/probe.h"
#include "reconcilers/clients/secrets.h"
#include "reconcilers/clients/settings.h"

namespace holdfast::clients {

// `systems.Use<Clients>()`. Main fills in `settings` before the first look and hands the same object to
// ControlDoors.
struct Clients {
  Clients(World& world, Waker&) : Clients(world) {}
  explicit Clients(World& world)
      : secrets(world.files, settings),
        ssh(world, settings),
        supervisors(world, secrets),
        units(world, ssh),
        status_commands(world, ssh),
        processes(world, ssh),
        orphans(world, supervisors, processes),
        probes(world, ssh, secrets),
        elasticsearch(world, secrets) {}
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  ClientSettings settings;
  Secrets secrets;
  Ssh ssh;
  Supervisors supervisors;
  Units units;
  StatusCommands status_commands;
  Processes processes;
  Orphans orphans;
  Probes probes;
  Elasticsearch elasticsearch;
};

}  // namespace holdfast::clients
