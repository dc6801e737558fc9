#include "controller/world/real/answer_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <memory>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {
namespace beast = boost::beast;
namespace http = beast::http;

// Beast reads the header only; see chunks.h for why it does not read the body.
class AnswerParser::Head : public http::basic_parser<false> {
 public:
  explicit Head(size_t most_bytes) : most_bytes_(most_bytes) {
    eager(false);
    skip(true);
    header_limit(static_cast<std::uint32_t>(most_bytes));
    body_limit(boost::none);
  }

  HttpResponse response;
  bool has_length = false, has_coding = false;

 private:
  using Error = beast::error_code;

  void on_request_impl(http::verb, beast::string_view, beast::string_view, int, Error&) override {}
  void on_response_impl(int code, beast::string_view, int, Error&) override { response.status = code; }
  void on_field_impl(http::field field, beast::string_view name, beast::string_view value,
                     Error& error) override {
    // Beast's own limit holds for one piece of the input at a time.
    bytes_ += name.size() + value.size();
    if (bytes_ > most_bytes_) {
      error = http::error::header_limit;
      return;
    }
    has_length |= field == http::field::content_length;
    has_coding |= field == http::field::transfer_encoding;
    response.headers.emplace_back(Lower({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  size_t on_body_impl(beast::string_view, Error&) override { return 0; }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, Error&) override {}
  size_t on_chunk_body_impl(std::uint64_t, beast::string_view, Error&) override { return 0; }
  void on_finish_impl(Error&) override {}

  size_t most_bytes_;
  size_t bytes_ = 0;
};

AnswerParser::AnswerParser(Body body, size_t most_header_bytes, size_t most_body_bytes, HttpSink* sink)
    : head_(std::make_unique<Head>(most_header_bytes)),
      body_(body),
      most_header_bytes_(most_header_bytes),
      most_body_bytes_(most_body_bytes),
      sink_(sink) {}

AnswerParser::~AnswerParser() = default;

Result<size_t> AnswerParser::Take(std::string_view bytes) {
  if (bytes.empty() || done()) return size_t{0};
  begun_ = true;
  return state_ == State::kHead ? TakeHead(bytes) : TakeBody(bytes);
}

Result<size_t> AnswerParser::TakeHead(std::string_view bytes) {
  beast::error_code error;
  const size_t used = head_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  const bool too_long = error == http::error::header_limit ||
                        (!head_->is_header_done() && bytes.size() - used > most_header_bytes_);
  if (too_long)
    return ResourceExhausted(Cat("the answer's header is longer than ", most_header_bytes_, " bytes"));
  if (error && error != http::error::need_more)
    return Unavailable(Cat("the answer is not HTTP (", error.message(), "): ", Excerpt(bytes, 80)));
  if (head_->is_header_done()) HF_TRY(BeginBody());
  return used;
}

Status AnswerParser::BeginBody() {
  const int status = head_->response.status;
  const auto length = head_->content_length();
  if (body_ == Body::kNone || status / 100 == 1 || status == 204 || status == 304)
    framing_ = State::kDone;
  else if (head_->chunked())
    framing_ = State::kChunks;
  else if (head_->has_coding)
    return Unavailable("the answer has a transfer encoding that is not chunked");
  else if (length)
    framing_ = State::kLength, left_ = *length;
  else
    framing_ = State::kUntilEnd;
  state_ = framing_ == State::kLength && left_ == 0 ? State::kDone : framing_;
  if (left_ > most_body_bytes_)
    return ResourceExhausted(Cat("the answer is ", left_, " bytes long, more than ", most_body_bytes_));
  return {};
}

Status AnswerParser::Deliver(std::string_view piece) {
  body_bytes_ += piece.size();
  if (body_bytes_ > most_body_bytes_)
    return ResourceExhausted(Cat("the answer is longer than ", most_body_bytes_, " bytes"));
  if (piece.empty()) return {};
  if (sink_ != nullptr && head_->response.status / 100 == 2) return sink_->Take(head_->response, piece);
  head_->response.body.append(piece);
  return {};
}

Result<size_t> AnswerParser::TakeBody(std::string_view bytes) {
  std::string_view data = bytes;
  size_t used = bytes.size();
  if (state_ == State::kChunks) {
    auto took = chunks_.Take(bytes, &data);
    if (!took.ok()) return Unavailable(Cat("the answer is not HTTP (", took.status().message(), ")"));
    used = *took;
    if (chunks_.done()) state_ = State::kDone;
  } else if (state_ == State::kLength) {
    data = bytes.substr(0, std::min<uint64_t>(left_, bytes.size()));
    left_ -= used = data.size();
    if (left_ == 0) state_ = State::kDone;
  }
  HF_TRY(Deliver(data));
  return used;
}

Status AnswerParser::End() {
  if (!begun_) return Unavailable("the peer closed the connection without an answer");
  if (state_ == State::kUntilEnd) state_ = State::kDone;
  if (done()) return {};
  return Unavailable(Cat("the peer closed the connection in the middle of its answer, after ", body_bytes_,
                         " bytes of the body"));
}

bool AnswerParser::keeps_alive() const {
  // With both framings at once, where the next answer begins is anybody's guess.
  return head_->keep_alive() && framing_ != State::kUntilEnd && !(head_->has_length && head_->has_coding) &&
         head_->response.status != 101;
}
HttpResponse& AnswerParser::response() { return head_->response; }

}  // namespace holdfast
