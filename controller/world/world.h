// Everything that is not a pure function comes through here.
#pragma once

#include "controller/world/clock.h"
#include "controller/world/commands.h"
#include "controller/world/files.h"
#include "controller/world/http.h"
#include "controller/world/net.h"
#include "controller/world/pool.h"
#include "controller/world/random.h"
#include "controller/world/vitals.h"

namespace holdfast {

// References to what main (or a test) made; all of it outlives the engine.
struct World {
  Clock& clock;
  Random& random;
  Http& http;
  Net& net;
  Commands& commands;
  Files& files;
  Pool& pool;
  Vitals& vitals;
};

}  // namespace holdfast
