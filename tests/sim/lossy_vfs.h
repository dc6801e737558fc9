// A disk in memory for SQLite that fails when told to and forgets at a crash what was not synced.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

namespace holdfast {

// Registers itself as a SQLite file layer under a name of its own for as long as it lives; give `vfs()` to
// SqliteJournal::Options and take any directory. Connections of one process only. Thread-safe. Everything
// that uses it must be closed before it goes.
//
// Counted calls are those that change the disk: create, write, truncate, sync, delete. Reads never fail by
// themselves.
class LossyDisk {
 public:
  enum class Fault {
    kFull,    // no space: the call does nothing
    kBroken,  // an I/O error; a failing sync forgets for ever what it should have kept, as Linux does
  };
  static constexpr int64_t kForEver = std::numeric_limits<int64_t>::max();

  LossyDisk();
  ~LossyDisk();
  LossyDisk(const LossyDisk&) = delete;
  LossyDisk& operator=(const LossyDisk&) = delete;

  const std::string& vfs() const;

  // The counted calls from the `first` next one (1 is the very next) on fail, `count` of them.
  void FailCalls(int64_t first, int64_t count, Fault fault);
  // The power goes at the `nth` next counted call: it may or may not have reached the disk, and whatever
  // comes after it fails until Crash.
  void CutPowerAt(int64_t nth);
  // A read-only medium from now on: nothing can be made on it, not even shared memory.
  void Protect();
  // No more faults.
  void Heal();

  // Everything open is dead. Of what was not synced, a part chosen by `seed` has reached the disk, in pieces
  // of 512 bytes and in any order: 0 keeps nothing, 1 everything. Power is back.
  void Crash(uint32_t seed);
  bool powered() const;

  int64_t calls() const;
  int64_t writes() const;
  int64_t syncs() const;

  std::vector<std::string> Names() const;
  // As programs see it now. A file that is not there is empty.
  std::string Content(const std::string& name) const;
  // Only while nothing has it open; is on disk at once.
  void SetContent(const std::string& name, std::string bytes);
  // Only while nothing is open: nothing is on it any more.
  void Wipe();

  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace holdfast
