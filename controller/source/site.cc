#include "controller/source/site.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "controller/base/json.h"
#include "controller/base/log.h"
#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "controller/base/together.h"

namespace holdfast {
namespace {

Mode ModeOf(specs::Mode mode) {
  switch (mode) {
    case specs::Mode::kObserve:
      return Mode::kObserve;
    case specs::Mode::kPropose:
      return Mode::kPropose;
    case specs::Mode::kAct:
      return Mode::kAct;
  }
  return Mode::kObserve;
}

ResourceKey KeyOf(const specs::Ref& ref) { return {ref.kind, ref.name}; }
specs::Ref RefOf(const ResourceKey& key) { return {key.kind, key.name}; }

json::object StringsJson(const std::map<std::string, std::string>& strings) {
  json::object out;
  for (const auto& [key, value] : strings) out[JsonView(key)] = JsonView(value);
  return out;
}

// The document as JSON that ParseFile reads back as the same: YAML is a superset.
std::string DocumentText(const specs::Document& document) {
  const specs::Policy& policy = document.policy;
  json::array depends_on;
  for (const specs::Ref& on : *document.depends_on)
    depends_on.push_back(json::value(JsonView(specs::RefText(on))));
  const json::object head{
      {"apiVersion", JsonView(specs::kApiVersion)},
      {"kind", JsonView(document.kind_name())},
      {"metadata", json::object{{"name", JsonView(document.metadata.name)},
                                {"labels", StringsJson(*document.metadata.labels)},
                                {"annotations", StringsJson(*document.metadata.annotations)}}},
      {"dependsOn", std::move(depends_on)},
      {"policy",
       json::object{
           {"mode", json::object{{"reversible", JsonView(specs::ModeText(policy.mode.reversible))},
                                 {"disruptive", JsonView(specs::ModeText(policy.mode.disruptive))},
                                 {"destructive", JsonView(specs::ModeText(policy.mode.destructive))}}},
           {"interval", JsonView(DurationText(policy.interval))},
           {"prune", policy.prune}}}};
  std::string text = Compact(head);
  text.pop_back();  // the brace: the spec is written by its own table
  return Cat(text, ",\"spec\":", document.Canonical(), "}");
}

Declared DeclaredFrom(const specs::Document& document, const AnyKind& kind, Systems& systems,
                      SourceRef source) {
  Declared declared;
  declared.key = KeyOf(document.key());
  const specs::ModeByDanger& mode = document.policy.mode;
  declared.modes.by_danger = {ModeOf(mode.reversible), ModeOf(mode.disruptive), ModeOf(mode.destructive)};
  declared.interval = document.policy.interval;
  declared.when_gone = document.policy.prune ? Declared::WhenGone::kPrune : Declared::WhenGone::kRelease;
  for (const specs::Ref& on : *document.depends_on) declared.depends_on.push_back(KeyOf(on));
  declared.source = std::move(source);
  declared.text = [&document] { return DocumentText(document); };
  declared.digest = Hex(document.spec_digest);
  declared.head = Hex(document.head_digest).substr(0, 16);
  declared.resource = kind.make(document.spec, systems);
  return declared;
}

// What the catalog has against an entry, as the engine takes it.
SpecTrouble TroubleOf(const specs::Catalog& catalog, const specs::Entry& entry) {
  using specs::Hindrance;
  SpecTrouble trouble;
  if (entry.hindrances == 0) return trouble;
  std::string detail;
  for (const specs::Diagnostic& problem : catalog.ProblemsOf(entry.document.key())) {
    detail = specs::ProblemLine(problem);
    break;
  }
  const auto wait = [&](std::string name, std::string what, std::string remedy) {
    trouble.waits.push_back({.on = Wait::On::kSpec,
                             .name = std::move(name),
                             .detail = detail.empty() ? what : Cat(what, ": ", detail),
                             .remedy = std::move(remedy)});
  };
  if (entry.Has(Hindrance::kStale))
    wait("stale", "its file is broken, the last good version stays in force",
         Cat("holdfast validate ", entry.path()));
  if (entry.Has(Hindrance::kNameTaken))
    wait("name taken", "another file declares the same kind and name; this one was first",
         "keep one of them");
  if (entry.Has(Hindrance::kClaimed))
    wait("claimed twice", "another spec claims the same thing in the world: neither acts",
         "let one of them go");
  if (entry.Has(Hindrance::kDependencyMissing))
    wait("dependency missing", "it names what is not there", "holdfast validate");
  if (entry.Has(Hindrance::kCycle)) wait("cycle", "it depends on itself", "holdfast validate shows the path");
  const bool holds = entry.Has(Hindrance::kClaimed) || entry.Has(Hindrance::kCycle) ||
                     entry.Has(Hindrance::kDependencyMissing);
  if (holds) trouble.effect = SpecTrouble::Effect::kHoldsSteps;
  return trouble;
}

bool MayBeHalfSaved(const Reading& reading) {
  return !reading.gone.empty() ||
         std::any_of(reading.read.begin(), reading.read.end(),
                     [](const FileRead& file) { return file.error.ok() && Trim(file.bytes).empty(); });
}

}  // namespace

std::unique_ptr<specs::KindTable> TableOf(const std::vector<AnyKind>& kinds) {
  auto table = std::make_unique<specs::KindTable>();
  for (const AnyKind& kind : kinds) table->Add(kind.entry);
  return table;
}

namespace {

Task<void> ParsePiece(Pool* pool, std::vector<FileRead>* files, size_t begin, size_t end,
                      const specs::KindTable* kinds, absl::Time now, std::vector<specs::Parsed>* parsed) {
  co_await pool->Run([=] {
    for (size_t i = begin; i < end; ++i) {
      FileRead& file = (*files)[i];
      (*parsed)[i] = file.error.ok()
                         ? specs::ParseFile(std::move(file.path), std::move(file.bytes), *kinds, now)
                         : specs::UnreadableFile(std::move(file.path), file.error.message());
    }
  });
}

}  // namespace

Task<std::vector<specs::Parsed>> ParseAll(World world, std::vector<FileRead> files,
                                          const specs::KindTable* kinds, absl::Time now) {
  std::vector<specs::Parsed> parsed(files.size());
  const size_t threads = static_cast<size_t>(std::max(1, world.pool.threads()));
  const size_t piece = std::max<size_t>(1, (files.size() + threads - 1) / threads);
  std::vector<Task<void>> pieces;
  for (size_t begin = 0; begin < files.size(); begin += piece)
    pieces.push_back(
        ParsePiece(&world.pool, &files, begin, std::min(files.size(), begin + piece), kinds, now, &parsed));
  co_await Together(std::move(pieces));
  co_return parsed;
}

Site::Site(World world, Systems& systems, Engine& engine, Metrics& metrics, const std::vector<AnyKind>& kinds,
           std::string root)
    : world_(world),
      systems_(systems),
      engine_(engine),
      metrics_(metrics),
      kinds_(kinds),
      table_(TableOf(kinds)),
      directory_(world.files, std::move(root)),
      texts_(world.files) {}

Site::~Site() = default;

const AnyKind* Site::KindOf(std::string_view name) const {
  for (const AnyKind& kind : kinds_)
    if (kind.entry.name == name) return &kind;
  return nullptr;
}

Task<Status> Site::Load() {
  Status status = co_await Take(directory_.Look());
  RecallRemembered();
  co_return status;
}

Task<Status> Site::LookNow() {
  const Status status = co_await Take(directory_.Look());
  if (texts_.Look(TextsBeside::Haste::kNow)) TellTexts();
  co_return status;
}

Task<Status> Site::Take(Result<Reading> reading) {
  if (!reading.ok()) {
    trouble_ = Cat(directory_.root(), ": ", reading.status().message(), ": nothing is changed");
    metrics_.SpecLoad("unreadable");
    Log(Severity::kError, "the source cannot be read: nothing is changed", {{"error", trouble_}});
    co_return Annotate(reading.status(), directory_.root());
  }
  trouble_ = reading->unlisted.empty() ? "" : Cat("in part: ", reading->unlisted[0]);
  if (reading->read.empty() && reading->gone.empty() && directory_.size() > 0) {
    last_good_load_ = world_.clock.Now();
    co_return Status();
  }
  std::vector<specs::Parsed> parsed =
      co_await ParseAll(world_, std::move(reading->read), table_.get(), world_.clock.Now());
  const specs::Changes changes = catalog_.Apply(std::move(parsed), std::move(reading->gone));
  if (changes.state == specs::Changes::State::kEmpty) {
    trouble_ = Cat(directory_.root(), " holds no specs: nothing is changed");
    Log(Severity::kWarning, "the source shows no document: nothing is changed",
        {{"root", directory_.root()}});
  }
  const size_t broken = catalog_.BrokenFiles().size();
  metrics_.SpecLoad(broken == 0 ? "good" : "broken");
  if (broken > 0)
    for (const specs::Diagnostic& problem : catalog_.AllProblems())
      if (problem.level == specs::Level::kError)
        Log(Severity::kWarning, "a spec is wrong", {{"problem", specs::ProblemLine(problem)}});
  Tell(changes);
  last_good_load_ = world_.clock.Now();
  co_return Status();
}

// Operations first, so that no round takes one for withdrawn.
void Site::Tell(const specs::Changes& changes) {
  const auto is_operation = [](const specs::Ref& key) { return key.kind == specs::kOperationKind; };
  std::vector<specs::Ref> touched = changes.added;
  touched.insert(touched.end(), changes.changed.begin(), changes.changed.end());
  touched.insert(touched.end(), changes.hindered.begin(), changes.hindered.end());
  touched.insert(touched.end(), changes.unchanged.begin(), changes.unchanged.end());
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  const std::string revision = this->revision();
  SharedTexts texts;
  for (const specs::Ref& key : touched)
    if (is_operation(key)) TellEntry(key, revision, texts);
  for (const specs::Ref& key : touched)
    if (!is_operation(key)) TellEntry(key, revision, texts);
  for (const specs::Ref& key : changes.removed) {
    if (is_operation(key))
      engine_.UndeclareOperation(key.name);
    else
      engine_.Undeclare(KeyOf(key));
  }
  // What the journal remembered is either declared by a file now, or its file is good and no longer has it.
  const std::vector<std::string> broken = catalog_.BrokenFiles();
  std::erase_if(recalled_, [&](const auto& recalled) {
    if (catalog_.Find(RefOf(recalled.first)) != nullptr) return true;
    if (catalog_.size() == 0 || !trouble_.empty() ||
        std::find(broken.begin(), broken.end(), recalled.second) != broken.end())
      return false;
    engine_.Undeclare(recalled.first);
    return true;
  });
}

void Site::TellEntry(const specs::Ref& key, std::string_view revision, SharedTexts& texts) {
  const specs::Entry* entry = catalog_.Find(key);
  if (entry == nullptr) return;
  const specs::Document& document = entry->document;
  const SourceRef source{texts.Of(entry->path()), texts.Of(revision), static_cast<int>(document.line)};
  if (document.operation) return TellOperation(document, source);
  const AnyKind* kind = KindOf(document.kind_name());
  if (kind == nullptr) return;
  engine_.Declare(DeclaredFrom(document, *kind, systems_, source));
  engine_.SetTrouble(KeyOf(key), TroubleOf(catalog_, *entry));
}

void Site::TellOperation(const specs::Document& document, const SourceRef& source) {
  const auto reason = document.metadata.annotations->find("reason");
  engine_.DeclareOperation(
      {.operation = {.name = document.metadata.name,
                     .digest = DigestOf(document),
                     .reason = reason == document.metadata.annotations->end() ? "" : reason->second,
                     .want = document.operation->arguments,
                     .not_after = document.operation->not_after.value_or(absl::InfiniteFuture())},
       .target = KeyOf(document.operation->target),
       .source = source});
}

std::string Site::DigestOf(const specs::Document& document) {
  std::string own = Hex(document.spec_digest);
  const AnyKind* kind = KindOf(document.operation->target.kind);
  if (kind == nullptr || kind->texts_of_operation == nullptr) return own;
  const std::vector<std::string> paths = kind->texts_of_operation(document.operation->arguments.get());
  if (paths.empty()) return own;
  if (const auto texts = texts_.DigestOf(paths)) return Cat(own, "+", *texts);
  // What cannot be read changes nothing.
  const auto& remembered = engine_.memory().resources;
  const auto target = remembered.find(KeyOf(document.operation->target));
  if (target == remembered.end()) return own;
  const auto life = target->second.past.operations.find(document.metadata.name);
  const bool same = life != target->second.past.operations.end() && life->second.digest.starts_with(own);
  return same ? life->second.digest : own;
}

void Site::TellTexts() {
  const std::string revision = this->revision();
  SharedTexts texts;
  for (const specs::Ref& key : catalog_.Keys()) {
    const specs::Document& document = catalog_.Find(key)->document;
    if (!document.operation) continue;
    const AnyKind* kind = KindOf(document.operation->target.kind);
    if (kind == nullptr || kind->texts_of_operation == nullptr ||
        kind->texts_of_operation(document.operation->arguments.get()).empty())
      continue;
    Log(Severity::kInfo, "a text that an Operation names may have changed", {{"operation", key.name}});
    TellEntry(key, revision, texts);
  }
}

void Site::RecallRemembered() {
  std::vector<std::pair<ResourceKey, SpecInForce>> lost;
  for (const auto& [key, remembered] : engine_.memory().resources)
    if (remembered.spec && !engine_.IsDeclared(key)) lost.emplace_back(key, *remembered.spec);
  for (const auto& [key, spec] : lost) {
    const specs::Parsed parsed = specs::ParseFile(spec.file, spec.text, *table_, world_.clock.Now());
    const AnyKind* kind = KindOf(key.kind);
    if (parsed.broken || parsed.documents.size() != 1 || kind == nullptr) {
      Log(Severity::kError, "a remembered spec is not understood any more",
          {{"resource", key.Text()}, {"file", spec.file}});
      continue;
    }
    engine_.Declare(
        DeclaredFrom(parsed.documents[0], *kind, systems_, {spec.file, spec.revision, spec.line}));
    engine_.SetTrouble(
        key, {.waits = {{.on = Wait::On::kSpec,
                         .name = "remembered",
                         .detail = Cat(spec.file,
                                       " is not readable or broken: the last good version stays in force"),
                         .remedy = Cat("holdfast validate ", spec.file)}}});
    recalled_[key] = spec.file;
  }
  Tell({});
}

Task<void> Site::Follow() {
  for (;;) {
    auto watch = world_.files.WatchTree(directory_.root());
    // Between the last look and the watch something may have changed.
    (void)co_await Take(directory_.Look());
    while (watch.ok()) {
      Result<std::vector<std::string>> paths = co_await (*watch)->Next();
      if (!paths.ok()) {
        Log(Severity::kWarning, "the source cannot be watched, it is looked through now and then",
            {{"error", paths.status().message()}});
        break;
      }
      Result<Reading> reading = paths->empty() ? directory_.Look() : directory_.LookAt(*paths);
      if (reading.ok() && MayBeHalfSaved(*reading)) co_await Settle(*reading);
      (void)co_await Take(std::move(reading));
    }
    co_await world_.clock.Sleep(kLookThroughEvery);
  }
}

Task<void> Site::FollowTexts() {
  for (;;) {
    co_await world_.clock.Sleep(kLookThroughEvery);
    if (texts_.Look(TextsBeside::Haste::kSettled)) TellTexts();
  }
}

// Looks again at what seems gone or empty and takes what has come back.
Task<void> Site::Settle(Reading& reading) {
  co_await world_.clock.Sleep(kRemovalSettles);
  Result<Reading> again = directory_.Look();
  if (!again.ok()) {
    // The source itself went: what seemed gone is not believed.
    reading.gone.clear();
    co_return;
  }
  for (FileRead& file : again->read) {
    std::erase(reading.gone, file.path);
    std::erase_if(reading.read, [&](const FileRead& before) { return before.path == file.path; });
    reading.read.push_back(std::move(file));
  }
  for (std::string& path : again->gone) {
    std::erase_if(reading.read, [&](const FileRead& before) { return before.path == path; });
    reading.gone.push_back(std::move(path));
  }
  reading.unlisted.insert(reading.unlisted.end(), again->unlisted.begin(), again->unlisted.end());
}

}  // namespace holdfast
