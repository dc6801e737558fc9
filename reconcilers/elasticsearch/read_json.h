// A JSON document that is read while it arrives, without keeping what nobody asked for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "controller/base/status.h"
#include "reconcilers/clients/elasticsearch/elasticsearch.h"

namespace holdfast::elasticsearch {

// Versions differ in what they write as numbers and what as text.
struct Scalar {
  enum class Kind : uint8_t { kNull, kText, kInteger, kReal, kTruth };
  Kind kind = Kind::kNull;
  std::string_view text;  // as it was written; lives as long as the call
  int64_t integer = 0;    // of kInteger

  bool IsNull() const { return kind == Kind::kNull; }
  std::optional<int64_t> Integer() const;  // also of "12"
  bool IsTrue() const { return text == "true"; }
};

// Gives every value a place, a number of its own choice; kSkip and everything below it is not told of.
class JsonReader {
 public:
  virtual ~JsonReader() = default;
  static constexpr int kSkip = -1;
  static constexpr int kRoot = 0;

  virtual void Begin() = 0;  // a document, perhaps anew
  // The place of what stands under `key` in the object at `place`. `key` lives as long as the call.
  virtual int Key(int place, std::string_view key) = 0;
  // The place of the elements of the array at `place`.
  virtual int Element(int place) { return place; }
  virtual void Open(int /*place*/) {}   // of an object
  virtual void Close(int /*place*/) {}  // of an object or array
  virtual void Value(int place, const Scalar& value) = 0;
};

class JsonStream : public clients::ElasticsearchSink {
 public:
  // `reader` outlives this.
  explicit JsonStream(JsonReader& reader);
  ~JsonStream() override;

  void Restart() override;
  Status Take(const HttpResponse& head, std::string_view piece) override;
  Status Finish() override;
  // The whole of a document: Restart, Take, Finish.
  Status ReadAll(std::string_view text);

  static constexpr size_t kMostDepth = 64;
  static constexpr size_t kMostText = 1 << 20;  // of one key or value

 private:
  class Parser;
  Status Feed(std::string_view piece);

  JsonReader& reader_;
  std::unique_ptr<Parser> parser_;
  size_t taken_ = 0;
};

}  // namespace holdfast::elasticsearch
