// Reading, checking and merging specs, measured against nothing but yaml-cpp's events over the same files.
//
//   build/bench/validate_bench [documents …]      default 10,000; ten documents of about 1 KB in each file;
//                                                 of several counts each is measured and set against the
//                                                 first
#include <malloc.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "controller/base/text.h"
#include "specs/catalog.h"
#include "tests/bench/measure.h"
#include "tests/unit/specs/example_kind.h"

namespace holdfast::specs {
namespace {

constexpr int kDocumentsPerFile = 10;
constexpr int kRepetitions = 5;
constexpr int kThreads = 2;

struct NoHandler final : YAML::EventHandler {
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
  }
  void OnMapEnd() override {}
};

std::string DocumentText(int number) {
  return Cat("apiVersion: holdfast/v1\nkind: Example\nmetadata:\n  name: stack-", number,
             "\n  labels: {team: search, site: east}\n",
             number % 7 == 3 ? Cat("dependsOn: [Example/stack-", number - 1, "]\n") : "",
             "policy: {mode: {reversible: act, disruptive: propose}, interval: 10s}\nspec:\n"
             "  name: service-",
             number,
             "\n  port: 8080\n  unit: web\n  hosts: \"dn[01-05]\"\n  deadline: 10s   # an answer takes two\n"
             "  maxUnavailable: 25%\n  memory: 2GiB\n  tags: [front, web]\n  parts:\n"
             "    - name: zookeeper\n      hosts: [zk1, zk2, zk3]\n      probe: {redis: {port: 2181, "
             "deadline: 2s}}\n"
             "    # the front\n"
             "    - {name: datanode, hosts: \"dn[01-03]\", probe: {http: {port: 9864, path: /jmx}}}\n"
             "    - name: front\n      hosts: [web1, web2]\n      probe:\n        http:\n          port: "
             "8080\n          path: /health\n"
             "  control: {systemd: {unit: hadoop-hdfs-datanode}}\n  onManualStop: {hold: 1h}\n  readyWhen: "
             "majority\n"
             "  password:\n    valueFrom: {file: /etc/holdfast/secrets/web.password}\n  start: "
             "[/usr/bin/systemctl, start, \"web@blue\"]\n"
             "  selector: {ip: 10.0.0.39, attributes: {zone: spot}}\n  until: 2026-11-23T18:00:00Z\n  "
             "reason: \"disk, CHG-812\"\n");
}

std::vector<std::string> WriteFiles(const std::filesystem::path& directory, int documents) {
  std::vector<std::string> paths;
  size_t bytes = 0;
  for (int at = 0; at < documents; at += kDocumentsPerFile) {
    std::string text;
    for (int i = at; i < std::min(at + kDocumentsPerFile, documents); ++i)
      Append(text, i > at ? "---\n" : "", DocumentText(i));
    paths.push_back((directory / Cat("file", at, ".yaml")).string());
    std::ofstream(paths.back(), std::ios::binary) << text;
    bytes += text.size();
  }
  std::printf("%d documents in %zu files, %.0f bytes each\n", documents, paths.size(),
              static_cast<double>(bytes) / documents);
  return paths;
}

std::string ReadFile(const std::string& path) {
  std::string out(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(out.data(), static_cast<std::streamsize>(out.size()));
  return out;
}

struct Seconds {
  double wall, cpu;
};
Seconds Measured(const std::function<void()>& work) {
  const auto wall_begin = std::chrono::steady_clock::now();
  const double cpu_begin = CpuSeconds();
  work();
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_begin).count(),
          CpuSeconds() - cpu_begin};
}

void BareEvents(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    std::istringstream stream(ReadFile(path));
    YAML::Parser parser(stream);
    NoHandler handler;
    while (parser.HandleNextDocument(handler)) {
    }
  }
}

std::vector<Parsed> ParseAll(const std::vector<std::string>& paths) {
  std::vector<Parsed> parsed(paths.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < paths.size(); i = next++)
      parsed[i] = ParseFile(paths[i], ReadFile(paths[i]), ExampleKinds(), absl::InfiniteFuture());
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < kThreads; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return parsed;
}

size_t Validate(const std::vector<std::string>& paths, Catalog& catalog) {
  catalog.Apply(ParseAll(paths));
  return catalog.AllProblems().size();
}

void Print(std::string_view what, const Seconds& seconds, int documents) {
  std::printf("  %-44s wall %7.3f s   cpu %7.3f s   %6.1f us/document\n", std::string(what).c_str(),
              seconds.wall, seconds.cpu, seconds.cpu / documents * 1e6);
}

struct Run {
  int exit_code = EXIT_FAILURE;
  Seconds per_document{};
};

Run Measure(int documents) {
  const std::filesystem::path directory =
      std::filesystem::temp_directory_path() / Cat("holdfast_validate_bench_", documents);
  std::filesystem::create_directories(directory);
  const std::vector<std::string> paths = WriteFiles(directory, documents);
  Seconds bare{1e9, 1e9}, ours{1e9, 1e9}, merge{1e9, 1e9};
  const auto least = [](Seconds& of, const Seconds& with) {
    of = {std::min(of.wall, with.wall), std::min(of.cpu, with.cpu)};
  };
  size_t problems = 0, in_force = 0;
  // In turns, so that a busy machine slows both.
  for (int i = 0; i < kRepetitions; ++i) {
    least(bare, Measured([&] { BareEvents(paths); }));
    Catalog catalog;
    least(ours, Measured([&] { problems = Validate(paths, catalog); }));
    in_force = catalog.size();
    std::vector<Parsed> parsed = ParseAll(paths);
    Catalog again;
    least(merge, Measured([&] { again.Apply(std::move(parsed)); }));
  }
  Print("yaml-cpp's bare events, one thread", bare, documents);
  Print("validate, two threads", ours, documents);
  Print("  of it: merging into the catalog", merge, documents);
  std::printf("  wall ratio validate / bare: %.2f (reach 0.80)   cpu ratio: %.2f\n", ours.wall / bare.wall,
              ours.cpu / bare.cpu);
  std::printf("  in force %zu, problems %zu\n", in_force, problems);

  const auto heap = [] {
    malloc_trim(0);
    return mallinfo2().uordblks;
  };
  const size_t before = heap();
  Catalog kept;
  kept.Apply(ParseAll(paths));
  size_t text = 0;
  for (const std::string& path : paths) text += std::filesystem::file_size(path);
  std::printf("  memory: %.0f bytes a document beyond its text (text is kept once: %.0f)\n",
              (static_cast<double>(heap() - before) - static_cast<double>(text)) / documents,
              static_cast<double>(text) / documents);
  const std::string changed = ReadFile(paths[paths.size() / 2]);
  const std::string from = "port: 8080\n  unit", to = "port: 8081\n  unit";
  double one = 1e9;
  for (int i = 0; i < 20; ++i) {
    std::string text_now = changed;
    if (i % 2 == 0) text_now.replace(text_now.find(from), from.size(), to);
    one = std::min(one, Measured([&] {
                          std::vector<Parsed> batch;
                          batch.push_back(ParseFile(paths[paths.size() / 2], std::move(text_now),
                                                    ExampleKinds(), absl::InfiniteFuture()));
                          kept.Apply(std::move(batch));
                        }).wall);
  }
  std::printf("  one file of ten documents changed: %.2f ms\n", one * 1e3);
  std::filesystem::remove_all(directory);
  return {problems == 0 ? EXIT_SUCCESS : EXIT_FAILURE, {ours.wall / documents, ours.cpu / documents}};
}

int MeasureAll(const std::vector<int>& counts) {
  std::vector<Run> runs;
  for (const int count : counts) {
    runs.push_back(Measure(count));
    if (runs.back().exit_code != EXIT_SUCCESS) return runs.back().exit_code;
    const Seconds &first = runs[0].per_document, &now = runs.back().per_document;
    if (runs.size() > 1)
      std::printf("%d against %d: per document wall %.2f, cpu %.2f (reach 1.10)\n", count, counts[0],
                  now.wall / first.wall, now.cpu / first.cpu);
  }
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace holdfast::specs

int main(int argc, char** argv) {
  std::vector<int> counts;
  for (int i = 1; i < argc; ++i) counts.push_back(std::max(10, std::atoi(argv[i])));
  if (counts.empty()) counts.push_back(10'000);
  return holdfast::specs::MeasureAll(counts);
}
