#include "tests/sim/lossy_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <new>
#include <optional>
#include <random>
#include <utility>

namespace holdfast {
namespace {

constexpr size_t kSectorBytes = 512;

// A change that was not synced yet.
struct Change {
  enum class Is { kWrite, kTruncate } is = Is::kWrite;
  size_t offset = 0;  // of a write; the new size of a truncate
  std::string bytes;
};

void Apply(std::string& to, const Change& change) {
  if (change.is == Change::Is::kTruncate) return to.resize(change.offset);
  if (to.size() < change.offset + change.bytes.size()) to.resize(change.offset + change.bytes.size());
  to.replace(change.offset, change.bytes.size(), change.bytes);
}

struct Inode {
  std::string current, synced;
  std::vector<Change> pending;
  bool dead = false;  // it was open when the power went

  int shared = 0;                  // connections that hold SHARED or more
  const void* reserved = nullptr;  // the connection that holds RESERVED or more
  const void* exclusive = nullptr;

  std::vector<std::unique_ptr<char[]>> shm;
  int shm_users = 0;
  std::array<int, SQLITE_SHM_NLOCK> shm_shared{};
  std::array<const void*, SQLITE_SHM_NLOCK> shm_exclusive{};
};

using Directory = std::map<std::string, std::shared_ptr<Inode>>;

}  // namespace

struct LossyDisk::State {
  mutable std::mutex mutex;
  std::string name;
  sqlite3_vfs vfs{};
  Directory names, synced_names;
  int64_t calls = 0, writes = 0, syncs = 0;
  int64_t fail_from = 0, fail_count = 0, power_goes_at = 0;
  Fault fault = Fault::kFull;
  bool powered = true;
  bool is_protected = false;

  // What becomes of a counted call.
  enum class Fate { kGoes, kFails, kPowerGoes, kNoPower };
  Fate Count() {
    if (!powered) return Fate::kNoPower;
    ++calls;
    if (power_goes_at != 0 && calls >= power_goes_at) {
      powered = false;
      return Fate::kPowerGoes;
    }
    if (fail_from != 0 && calls >= fail_from && calls - fail_from < fail_count) return Fate::kFails;
    return Fate::kGoes;
  }
  int Failure(int io_code) const { return fault == Fault::kFull ? SQLITE_FULL : io_code; }
};

namespace {

struct OpenFile {
  sqlite3_file base;
  LossyDisk::State* disk;
  std::shared_ptr<Inode> inode;
  std::string name;  // "" = temporary
  int level;         // of the file lock
  bool has_shm;
  std::array<bool, SQLITE_SHM_NLOCK> holds_shared, holds_exclusive;
  bool delete_on_close;
};

OpenFile& Of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
LossyDisk::State& DiskOf(sqlite3_vfs* vfs) { return *static_cast<LossyDisk::State*>(vfs->pAppData); }
using Fate = LossyDisk::State::Fate;

bool IsGone(const OpenFile& file) { return file.inode->dead || (!file.disk->powered && !file.name.empty()); }

void Unlock(OpenFile& file, int to) {
  Inode& inode = *file.inode;
  if (to < SQLITE_LOCK_EXCLUSIVE && inode.exclusive == &file) inode.exclusive = nullptr;
  if (to < SQLITE_LOCK_RESERVED && inode.reserved == &file) inode.reserved = nullptr;
  if (to < SQLITE_LOCK_SHARED && file.level >= SQLITE_LOCK_SHARED) --inode.shared;
  file.level = std::min(file.level, to);
}

void ReleaseShm(OpenFile& file) {
  if (!file.has_shm) return;
  Inode& inode = *file.inode;
  for (int i = 0; i < SQLITE_SHM_NLOCK; ++i) {
    if (file.holds_shared[i]) --inode.shm_shared[i];
    if (file.holds_exclusive[i]) inode.shm_exclusive[i] = nullptr;
    file.holds_shared[i] = file.holds_exclusive[i] = false;
  }
  file.has_shm = false;
  if (--inode.shm_users == 0) inode.shm.clear();
}

int Close(sqlite3_file* base) {
  OpenFile& file = Of(base);
  {
    std::lock_guard lock(file.disk->mutex);
    Unlock(file, SQLITE_LOCK_NONE);
    ReleaseShm(file);
    if (file.delete_on_close) file.disk->names.erase(file.name);
  }
  file.~OpenFile();
  return SQLITE_OK;
}

int Read(sqlite3_file* base, void* to, int amount, sqlite3_int64 offset) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  if (IsGone(file)) return SQLITE_IOERR_READ;
  const std::string& from = file.inode->current;
  const size_t begin = std::min(from.size(), static_cast<size_t>(offset));
  const size_t there = std::min(from.size() - begin, static_cast<size_t>(amount));
  std::memcpy(to, from.data() + begin, there);
  if (there == static_cast<size_t>(amount)) return SQLITE_OK;
  std::memset(static_cast<char*>(to) + there, 0, static_cast<size_t>(amount) - there);
  return SQLITE_IOERR_SHORT_READ;
}

int Alter(OpenFile& file, Change change, int io_code) {
  std::lock_guard lock(file.disk->mutex);
  if (file.inode->dead) return io_code;
  if (file.name.empty()) return Apply(file.inode->current, change), SQLITE_OK;
  const Fate fate = file.disk->Count();
  if (change.is == Change::Is::kWrite) ++file.disk->writes;
  if (fate == Fate::kNoPower) return io_code;
  if (fate == Fate::kFails) return file.disk->Failure(io_code);
  Apply(file.inode->current, change);
  file.inode->pending.push_back(std::move(change));
  return fate == Fate::kPowerGoes ? io_code : SQLITE_OK;
}

int Write(sqlite3_file* base, const void* from, int amount, sqlite3_int64 offset) {
  return Alter(
      Of(base),
      {Change::Is::kWrite, static_cast<size_t>(offset), std::string(static_cast<const char*>(from), amount)},
      SQLITE_IOERR_WRITE);
}

int Truncate(sqlite3_file* base, sqlite3_int64 size) {
  return Alter(Of(base), {Change::Is::kTruncate, static_cast<size_t>(size), {}}, SQLITE_IOERR_TRUNCATE);
}

int Sync(sqlite3_file* base, int) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  if (file.inode->dead) return SQLITE_IOERR_FSYNC;
  if (file.name.empty()) return SQLITE_OK;
  const Fate fate = file.disk->Count();
  ++file.disk->syncs;
  if (fate == Fate::kNoPower || fate == Fate::kPowerGoes) return SQLITE_IOERR_FSYNC;
  if (fate == Fate::kFails) {
    if (file.disk->fault == LossyDisk::Fault::kBroken) file.inode->pending.clear();
    return file.disk->Failure(SQLITE_IOERR_FSYNC);
  }
  for (const Change& change : file.inode->pending) Apply(file.inode->synced, change);
  file.inode->pending.clear();
  // SQLite's own layer syncs the directory, and so all its names, with the first sync of a file that it
  // created.
  const auto named = file.disk->synced_names.find(file.name);
  if (named == file.disk->synced_names.end() || named->second != file.inode)
    file.disk->synced_names = file.disk->names;
  return SQLITE_OK;
}

int FileSize(sqlite3_file* base, sqlite3_int64* size) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  if (IsGone(file)) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(file.inode->current.size());
  return SQLITE_OK;
}

int Lock(sqlite3_file* base, int level) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  if (IsGone(file)) return SQLITE_IOERR_LOCK;
  if (file.level >= level) return SQLITE_OK;
  Inode& inode = *file.inode;
  if (inode.exclusive != nullptr && inode.exclusive != &file) return SQLITE_BUSY;
  if (level >= SQLITE_LOCK_RESERVED && inode.reserved != nullptr && inode.reserved != &file)
    return SQLITE_BUSY;
  if (level == SQLITE_LOCK_EXCLUSIVE && inode.shared > (file.level >= SQLITE_LOCK_SHARED ? 1 : 0))
    return SQLITE_BUSY;
  if (file.level < SQLITE_LOCK_SHARED) ++inode.shared;
  if (level >= SQLITE_LOCK_RESERVED) inode.reserved = &file;
  if (level == SQLITE_LOCK_EXCLUSIVE) inode.exclusive = &file;
  file.level = level;
  return SQLITE_OK;
}

int UnlockTo(sqlite3_file* base, int level) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  Unlock(file, level);
  return SQLITE_OK;
}

int CheckReserved(sqlite3_file* base, int* reserved) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  *reserved = file.inode->reserved != nullptr;
  return SQLITE_OK;
}

int FileControl(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file*) { return 4096; }
int DeviceCharacteristics(sqlite3_file*) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int ShmMap(sqlite3_file* base, int region, int bytes, int extend, void volatile** to) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  if (IsGone(file)) return SQLITE_IOERR_SHMMAP;
  if (file.disk->is_protected) return SQLITE_CANTOPEN;
  Inode& inode = *file.inode;
  if (!file.has_shm) {
    file.has_shm = true;
    ++inode.shm_users;
  }
  *to = nullptr;
  while (extend != 0 && inode.shm.size() <= static_cast<size_t>(region))
    inode.shm.push_back(std::make_unique<char[]>(static_cast<size_t>(bytes)));
  if (static_cast<size_t>(region) < inode.shm.size()) *to = inode.shm[static_cast<size_t>(region)].get();
  return SQLITE_OK;
}

int ShmLock(sqlite3_file* base, int offset, int count, int flags) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  if (IsGone(file)) return SQLITE_IOERR_SHMLOCK;
  Inode& inode = *file.inode;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0, unlock = (flags & SQLITE_SHM_UNLOCK) != 0;
  for (int i = offset; i < offset + count && !unlock; ++i) {
    const bool others_share = inode.shm_shared[i] > (file.holds_shared[i] ? 1 : 0);
    const bool other_owns = inode.shm_exclusive[i] != nullptr && inode.shm_exclusive[i] != &file;
    if (other_owns || (exclusive && others_share)) return SQLITE_BUSY;
  }
  for (int i = offset; i < offset + count; ++i) {
    if (exclusive) {
      inode.shm_exclusive[i] = unlock ? nullptr : &file;
      file.holds_exclusive[i] = !unlock;
    } else if (file.holds_shared[i] == unlock) {
      inode.shm_shared[i] += unlock ? -1 : 1;
      file.holds_shared[i] = !unlock;
    }
  }
  return SQLITE_OK;
}

void ShmBarrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

int ShmUnmap(sqlite3_file* base, int) {
  OpenFile& file = Of(base);
  std::lock_guard lock(file.disk->mutex);
  ReleaseShm(file);
  return SQLITE_OK;
}

constexpr sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = UnlockTo,
    .xCheckReservedLock = CheckReserved,
    .xFileControl = FileControl,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = DeviceCharacteristics,
    .xShmMap = ShmMap,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = ShmUnmap,
};

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* base, int flags, int* out_flags) {
  LossyDisk::State& disk = DiskOf(vfs);
  base->pMethods = nullptr;
  std::lock_guard lock(disk.mutex);
  std::shared_ptr<Inode> inode;
  if (name == nullptr) {
    inode = std::make_shared<Inode>();
  } else if (const auto found = disk.names.find(name); found != disk.names.end()) {
    if (!disk.powered) return SQLITE_CANTOPEN;
    inode = found->second;
  } else {
    if ((flags & SQLITE_OPEN_CREATE) == 0 || disk.is_protected) return SQLITE_CANTOPEN;
    const Fate fate = disk.Count();
    if (fate == Fate::kFails) return disk.Failure(SQLITE_CANTOPEN);
    if (fate == Fate::kNoPower) return SQLITE_CANTOPEN;
    inode = disk.names[name] = std::make_shared<Inode>();
    if (fate == Fate::kPowerGoes) return SQLITE_CANTOPEN;
  }
  new (base) OpenFile{.base = {&kMethods},
                      .disk = &disk,
                      .inode = std::move(inode),
                      .name = name == nullptr ? "" : name,
                      .level = SQLITE_LOCK_NONE,
                      .has_shm = false,
                      .holds_shared = {},
                      .holds_exclusive = {},
                      .delete_on_close = name != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_directory) {
  LossyDisk::State& disk = DiskOf(vfs);
  std::lock_guard lock(disk.mutex);
  if (!disk.names.contains(name)) return SQLITE_IOERR_DELETE_NOENT;
  const Fate fate = disk.Count();
  if (fate == Fate::kFails || fate == Fate::kNoPower) return SQLITE_IOERR_DELETE;
  disk.names.erase(name);
  if (fate == Fate::kPowerGoes) return SQLITE_IOERR_DELETE;
  if (sync_directory != 0) disk.synced_names = disk.names;
  return SQLITE_OK;
}

int Access(sqlite3_vfs* vfs, const char* name, int, int* result) {
  LossyDisk::State& disk = DiskOf(vfs);
  std::lock_guard lock(disk.mutex);
  const auto found = disk.names.find(name);
  // As SQLite's own layer: an empty file does not count as there.
  *result = found != disk.names.end() && !found->second->current.empty();
  return disk.powered ? SQLITE_OK : SQLITE_IOERR_ACCESS;
}

int FullPathname(sqlite3_vfs*, const char* name, int most, char* to) {
  sqlite3_snprintf(most, to, "%s", name);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs*, int bytes, char* to) {
  sqlite3_vfs* system = sqlite3_vfs_find("unix");
  return system->xRandomness(system, bytes, to);
}
int Sleep(sqlite3_vfs*, int microseconds) {
  sqlite3_vfs* system = sqlite3_vfs_find("unix");
  return system->xSleep(system, microseconds);
}
int CurrentTime(sqlite3_vfs*, double* now) {
  *now = 2461000.5;
  return SQLITE_OK;
}
int LastError(sqlite3_vfs*, int, char*) { return 0; }

// What of a file has reached the disk.
std::string AfterCrash(const Inode& inode, uint32_t seed, std::mt19937& random) {
  std::string out = inode.synced;
  for (const Change& change : inode.pending) {
    const auto is_kept = [&] { return seed == 1 || (seed > 1 && random() % 2 == 0); };
    if (change.is == Change::Is::kTruncate) {
      if (is_kept()) Apply(out, change);
      continue;
    }
    for (size_t at = 0; at < change.bytes.size(); at += kSectorBytes)
      if (is_kept())
        Apply(out, {Change::Is::kWrite, change.offset + at, change.bytes.substr(at, kSectorBytes)});
  }
  return out;
}

}  // namespace

LossyDisk::LossyDisk() : state_(std::make_unique<State>()) {
  static std::atomic<int> number = 0;
  state_->name = "lossy-" + std::to_string(++number);
  sqlite3_initialize();
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 1;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 512;
  vfs.zName = state_->name.c_str();
  vfs.pAppData = state_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = LastError;
  sqlite3_vfs_register(&vfs, 0);
}

LossyDisk::~LossyDisk() { sqlite3_vfs_unregister(&state_->vfs); }

const std::string& LossyDisk::vfs() const { return state_->name; }

void LossyDisk::FailCalls(int64_t first, int64_t count, Fault fault) {
  std::lock_guard lock(state_->mutex);
  state_->fail_from = state_->calls + first;
  state_->fail_count = count;
  state_->fault = fault;
}

void LossyDisk::CutPowerAt(int64_t nth) {
  std::lock_guard lock(state_->mutex);
  state_->power_goes_at = state_->calls + nth;
}

void LossyDisk::Protect() {
  std::lock_guard lock(state_->mutex);
  state_->is_protected = true;
}

void LossyDisk::Heal() {
  std::lock_guard lock(state_->mutex);
  state_->fail_from = state_->power_goes_at = 0;
}

void LossyDisk::Crash(uint32_t seed) {
  std::lock_guard lock(state_->mutex);
  std::mt19937 random(seed);
  // Of each name that was made or taken away since its directory was synced, either may be found.
  Directory survivors = state_->synced_names;
  for (const auto& [name, inode] : state_->names)
    if (seed == 1 || (seed > 1 && random() % 2 == 0)) survivors[name] = inode;
  for (const auto& [name, inode] : state_->synced_names)
    if (!state_->names.contains(name) && (seed == 1 || (seed > 1 && random() % 2 == 0)))
      survivors.erase(name);
  Directory after;
  for (const auto& [name, inode] : survivors) {
    auto fresh = std::make_shared<Inode>();
    fresh->current = fresh->synced = AfterCrash(*inode, seed, random);
    after[name] = std::move(fresh);
  }
  for (const Directory* dead : {&state_->names, &state_->synced_names})
    for (const auto& [name, inode] : *dead) inode->dead = true;
  state_->names = state_->synced_names = std::move(after);
  state_->fail_from = state_->power_goes_at = 0;
  state_->powered = true;
}

bool LossyDisk::powered() const {
  std::lock_guard lock(state_->mutex);
  return state_->powered;
}
int64_t LossyDisk::calls() const {
  std::lock_guard lock(state_->mutex);
  return state_->calls;
}
int64_t LossyDisk::writes() const {
  std::lock_guard lock(state_->mutex);
  return state_->writes;
}
int64_t LossyDisk::syncs() const {
  std::lock_guard lock(state_->mutex);
  return state_->syncs;
}

std::vector<std::string> LossyDisk::Names() const {
  std::lock_guard lock(state_->mutex);
  std::vector<std::string> out;
  for (const auto& [name, inode] : state_->names) out.push_back(name);
  return out;
}

std::string LossyDisk::Content(const std::string& name) const {
  std::lock_guard lock(state_->mutex);
  const auto found = state_->names.find(name);
  return found == state_->names.end() ? std::string() : found->second->current;
}

void LossyDisk::SetContent(const std::string& name, std::string bytes) {
  std::lock_guard lock(state_->mutex);
  auto inode = std::make_shared<Inode>();
  inode->current = inode->synced = std::move(bytes);
  state_->names[name] = state_->synced_names[name] = std::move(inode);
}

void LossyDisk::Wipe() {
  std::lock_guard lock(state_->mutex);
  state_->names.clear();
  state_->synced_names.clear();
}

}  // namespace holdfast
