#include "reconcilers/elasticsearch/read_json.h"

#include <absl/strings/numbers.h>

#include <boost/json/basic_parser_impl.hpp>
#include <vector>

#include "controller/base/json.h"
#include "controller/base/text.h"

namespace holdfast::elasticsearch {

namespace {

using boost::system::error_code;

// Turns the parser's events into places. Keys and texts come in pieces where the document was cut.
class Handler {
 public:
  static constexpr size_t max_object_size = SIZE_MAX;
  static constexpr size_t max_array_size = SIZE_MAX;
  static constexpr size_t max_key_size = JsonStream::kMostText;
  static constexpr size_t max_string_size = JsonStream::kMostText;

  explicit Handler(JsonReader& reader) : reader_(reader) {}

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    const int place = next_;
    open_.push_back({place, JsonReader::kSkip, Container::kObject});
    if (place != JsonReader::kSkip) reader_.Open(place);
    return true;
  }
  bool on_array_begin(error_code&) {
    const int place = next_;
    next_ = place == JsonReader::kSkip ? JsonReader::kSkip : reader_.Element(place);
    open_.push_back({place, next_, Container::kArray});
    return true;
  }
  bool on_object_end(size_t, error_code&) { return End(); }
  bool on_array_end(size_t, error_code&) { return End(); }

  bool on_key_part(json::string_view piece, size_t, error_code&) {
    if (open_.back().place != JsonReader::kSkip) kept_.append(piece.data(), piece.size());
    return true;
  }
  bool on_key(json::string_view piece, size_t, error_code&) {
    const int place = open_.back().place;
    next_ = place == JsonReader::kSkip ? JsonReader::kSkip : reader_.Key(place, Whole(piece));
    kept_.clear();
    return true;
  }
  bool on_string_part(json::string_view piece, size_t, error_code&) { return Keep(piece); }
  bool on_string(json::string_view piece, size_t, error_code&) { return Tell(Scalar::Kind::kText, piece); }
  bool on_number_part(json::string_view piece, error_code&) { return Keep(piece); }
  bool on_int64(int64_t number, json::string_view piece, error_code&) {
    return Tell(Scalar::Kind::kInteger, piece, number);
  }
  bool on_uint64(uint64_t, json::string_view piece, error_code&) {
    return Tell(Scalar::Kind::kReal, piece);  // beyond what any of our fields holds
  }
  bool on_double(double, json::string_view piece, error_code&) { return Tell(Scalar::Kind::kReal, piece); }
  bool on_bool(bool truth, error_code&) { return Tell(Scalar::Kind::kTruth, truth ? "true" : "false"); }
  bool on_null(error_code&) { return Tell(Scalar::Kind::kNull, ""); }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }

 private:
  enum class Container : uint8_t { kObject, kArray };
  struct Opened {
    int place, element;
    Container container;
  };

  bool End() {
    const int place = open_.back().place;
    open_.pop_back();
    if (place != JsonReader::kSkip) reader_.Close(place);
    if (!open_.empty() && open_.back().container == Container::kArray) next_ = open_.back().element;
    return true;
  }
  bool Keep(json::string_view piece) {
    if (next_ != JsonReader::kSkip) kept_.append(piece.data(), piece.size());
    return true;
  }
  std::string_view Whole(json::string_view piece) {
    if (kept_.empty()) return Chars(piece);
    kept_.append(piece.data(), piece.size());
    return kept_;
  }
  bool Tell(Scalar::Kind kind, json::string_view piece, int64_t integer = 0) {
    if (next_ == JsonReader::kSkip) return true;
    reader_.Value(next_, {kind, Whole(piece), integer});
    kept_.clear();
    return true;
  }

  JsonReader& reader_;
  std::vector<Opened> open_;
  int next_ = JsonReader::kRoot;
  std::string kept_;
};

json::parse_options Options() {
  json::parse_options options;
  options.max_depth = JsonStream::kMostDepth;
  return options;
}

}  // namespace

std::optional<int64_t> Scalar::Integer() const {
  if (kind == Kind::kInteger) return integer;
  int64_t number = 0;
  if (kind == Kind::kText && absl::SimpleAtoi({text.data(), text.size()}, &number)) return number;
  return std::nullopt;
}

class JsonStream::Parser {
 public:
  explicit Parser(JsonReader& reader) : parser(Options(), reader) {}
  boost::json::basic_parser<Handler> parser;
};

JsonStream::JsonStream(JsonReader& reader) : reader_(reader) { Restart(); }
JsonStream::~JsonStream() = default;

void JsonStream::Restart() {
  parser_ = std::make_unique<Parser>(reader_);
  taken_ = 0;
  reader_.Begin();
}

Status JsonStream::Feed(std::string_view piece) {
  error_code error;
  if (!parser_->parser.done()) {
    const size_t used = parser_->parser.write_some(true, piece.data(), piece.size(), error);
    if (error)
      return Unavailable(Cat("the answer is not JSON at byte ", taken_ + used, ": ", error.message()));
    taken_ += used;
    piece.remove_prefix(used);
  }
  if (piece.find_first_not_of(" \t\r\n") != piece.npos)
    return Unavailable(Cat("the answer goes on after its end at byte ", taken_));
  return {};
}

Status JsonStream::Take(const HttpResponse&, std::string_view piece) { return Feed(piece); }

Status JsonStream::Finish() {
  if (parser_->parser.done()) return {};
  error_code error;
  parser_->parser.write_some(false, "", 0, error);
  if (error || !parser_->parser.done())
    return Unavailable(Cat("the answer ends early, after ", taken_, " bytes"));
  return {};
}

Status JsonStream::ReadAll(std::string_view text) {
  Restart();
  HF_TRY(Feed(text));
  return Finish();
}

}  // namespace holdfast::elasticsearch
