#include "controller/world/real/answer_parser.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <memory>
#include <string>
#include <utility>

#include "controller/base/text.h"

namespace holdfast {
namespace beast = boost::beast;
namespace http = beast::http;

class AnswerParser::Parts : public http::basic_parser<false> {
 public:
  Parts(size_t most_header_bytes, size_t most_body_bytes, HttpSink* sink)
      : most_header_bytes_(most_header_bytes), most_body_bytes_(most_body_bytes), sink_(sink) {}

  size_t most_header_bytes() const { return most_header_bytes_; }

  HttpResponse response;
  Status failed;
  size_t body_bytes = 0;
  bool has_length = false, has_chunks = false;

 private:
  using Error = beast::error_code;

  size_t TakeBody(beast::string_view piece, Error& error) {
    body_bytes += piece.size();
    if (body_bytes > most_body_bytes_)
      failed = ResourceExhausted(Cat("the answer is longer than ", most_body_bytes_, " bytes"));
    else if (sink_ != nullptr && response.status / 100 == 2)
      failed = sink_->Take(response, {piece.data(), piece.size()});
    else
      response.body.append(piece.data(), piece.size());
    if (!failed.ok()) error = http::error::body_limit;
    return piece.size();
  }

  void on_request_impl(http::verb, beast::string_view, beast::string_view, int, Error&) override {}
  void on_response_impl(int code, beast::string_view, int, Error&) override { response.status = code; }
  void on_field_impl(http::field field, beast::string_view name, beast::string_view value, Error& error) override {
    // Beast's own limit holds for one piece of the input at a time.
    header_bytes_ += name.size() + value.size();
    if (header_bytes_ > most_header_bytes_) {
      error = http::error::header_limit;
      return;
    }
    has_length |= field == http::field::content_length;
    has_chunks |= field == http::field::transfer_encoding;
    response.headers.emplace_back(Lower({name.data(), name.size()}), std::string(value.data(), value.size()));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, Error& error) override {
    if (!length || *length <= most_body_bytes_) return;
    failed = ResourceExhausted(Cat("the answer is ", *length, " bytes long, more than ", most_body_bytes_));
    error = http::error::body_limit;
  }
  size_t on_body_impl(beast::string_view piece, Error& error) override { return TakeBody(piece, error); }
  void on_chunk_header_impl(std::uint64_t, beast::string_view, Error&) override {}
  size_t on_chunk_body_impl(std::uint64_t, beast::string_view piece, Error& error) override {
    return TakeBody(piece, error);
  }
  void on_finish_impl(Error&) override {}

  size_t most_header_bytes_;
  size_t most_body_bytes_;
  size_t header_bytes_ = 0;
  HttpSink* sink_;
};

AnswerParser::AnswerParser(Body body, size_t most_header_bytes, size_t most_body_bytes, HttpSink* sink)
    : parts_(std::make_unique<Parts>(most_header_bytes, most_body_bytes, sink)) {
  parts_->eager(true);
  parts_->skip(body == Body::kNone);
  parts_->header_limit(static_cast<std::uint32_t>(most_header_bytes));
  parts_->body_limit(boost::none);  // counted above, where the reason can be told
}

AnswerParser::~AnswerParser() = default;

Result<size_t> AnswerParser::Take(std::string_view bytes) {
  beast::error_code error;
  const size_t used = parts_->put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  if (!parts_->failed.ok()) return parts_->failed;
  const bool header_limit =
      error == http::error::header_limit || (!parts_->is_header_done() && bytes.size() - used > parts_->most_header_bytes());
  if (header_limit)
    return ResourceExhausted(Cat("the answer's header is longer than ", parts_->most_header_bytes(), " bytes"));
  if (!error || error == http::error::need_more) return used;
  return Unavailable(Cat("the answer is not HTTP (", error.message(), "): ", Excerpt(bytes, 80)));
}

Status AnswerParser::End() {
  if (!parts_->got_some()) return Unavailable("the peer closed the connection without an answer");
  beast::error_code error;
  parts_->put_eof(error);
  if (!error) return {};
  return Unavailable(Cat("the peer closed the connection in the middle of its answer, after ", parts_->body_bytes,
                         " bytes of the body"));
}

bool AnswerParser::done() const { return parts_->is_done(); }
bool AnswerParser::begun() const { return parts_->got_some(); }
bool AnswerParser::keeps_alive() const {
  // Both framings at once: where the next answer begins is anybody's guess.
  return parts_->keep_alive() && !(parts_->has_length && parts_->has_chunks) && parts_->response.status != 101;
}
size_t AnswerParser::body_bytes() const { return parts_->body_bytes; }
HttpResponse& AnswerParser::response() { return parts_->response; }

}  // namespace holdfast
