#include "specs/node.h"

#include <algorithm>

#include "specs/yaml_text.h"

namespace holdfast::specs {
namespace {

constexpr std::string_view kLineBreaks = "\r\n";

// One past the closing quote, or the end of the text.
size_t QuotedEnd(std::string_view text, size_t begin) { return std::min(QuoteEnd(text, begin), text.size()); }

size_t LineEnd(std::string_view text, size_t begin) {
  size_t end = std::min(text.find_first_of(kLineBreaks, begin), text.size());
  while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\t')) --end;
  return end;
}

// One past the bracket that closes the one at `begin`, as far as it is on the same line.
size_t BracketEnd(std::string_view text, size_t begin) {
  const size_t line_end = LineEnd(text, begin);
  int open = 0;
  for (size_t at = begin; at < line_end; ++at) {
    const char c = text[at];
    if (c == '"' || c == '\'')
      at = QuotedEnd(text, at) - 1;
    else if (c == '{' || c == '[')
      ++open;
    else if ((c == '}' || c == ']') && --open == 0)
      return at + 1;
  }
  return line_end;
}

size_t WordEnd(std::string_view text, size_t begin) {
  return std::min(text.find_first_of(" \t\r\n,:]}", begin), text.size());
}

}  // namespace

NodeType Node::type() const { return tree_ ? tree_->cells_[content_].type : NodeType::kAbsent; }
std::string_view Node::text() const { return tree_ ? tree_->cells_[content_].text : std::string_view(); }
bool Node::quoted() const { return tree_ && tree_->cells_[content_].quoted; }
size_t Node::size() const { return tree_ ? tree_->cells_[content_].count : 0; }
std::string_view Node::key() const { return tree_ ? tree_->cells_[place_].key : std::string_view(); }

Node Node::Find(std::string_view key) const {
  if (!IsMap()) return {};
  for (Node entry : *this)
    if (entry.key() == key) return entry;
  return {};
}

std::pair<uint32_t, uint32_t> Node::KeyExtent() const {
  if (!tree_) return {};
  const Tree::Cell& cell = tree_->cells_[place_];
  if (cell.key_offset == Tree::kNone) return Extent();
  const std::string_view text = tree_->source_->text;
  const size_t begin = cell.key_offset;
  const bool quoted = begin < text.size() && (text[begin] == '"' || text[begin] == '\'');
  return {begin, quoted ? QuotedEnd(text, begin) : begin + cell.key.size()};
}

std::pair<uint32_t, uint32_t> Node::Extent() const {
  if (!tree_) return {};
  const Tree::Cell& cell = tree_->cells_[place_];
  const std::string_view text = tree_->source_->text;
  // A value that is not there has the mark of whatever comes next: its key says more.
  if (cell.type == NodeType::kNull && cell.text.empty() && cell.key_offset != Tree::kNone) return KeyExtent();
  const size_t begin = std::min<size_t>(cell.offset, text.size());
  if (begin == text.size()) return {begin, begin};
  const char first = text[begin];
  if (first == '"' || first == '\'') return {begin, QuotedEnd(text, begin)};
  if (first == '{' || first == '[') return {begin, BracketEnd(text, begin)};
  if (first == '*') return {begin, WordEnd(text, begin)};
  if (cell.type == NodeType::kMap) return {begin, WordEnd(text, begin)};  // its first key
  if (cell.type == NodeType::kList) return {begin, begin + 1};            // its first dash
  const bool literal = !cell.text.empty() && text.substr(begin, cell.text.size()) == cell.text;
  return {begin, literal ? begin + cell.text.size() : LineEnd(text, begin)};
}

Span Node::SpanAt(std::string_view key) const {
  const Node found = Find(key);
  return found ? found.span() : span();
}

Span Node::key_span() const {
  const auto [begin, end] = KeyExtent();
  return tree_ ? SpanOf(tree_->source_, begin, end) : Span{};
}
Span Node::span() const {
  const auto [begin, end] = Extent();
  return tree_ ? SpanOf(tree_->source_, begin, end) : Span{};
}

Node::Iterator Node::begin() const {
  const bool entries = IsMap() || IsList();
  return {tree_, entries ? tree_->cells_[content_].first : Tree::kNone};
}
Node::Iterator Node::end() const { return {tree_, Tree::kNone}; }

Node Node::Iterator::operator*() const { return tree_->At(at_); }
Node::Iterator& Node::Iterator::operator++() {
  at_ = tree_->cells_[at_].next;
  return *this;
}

Node Tree::At(uint32_t place) const {
  const uint32_t target = cells_[place].alias_of;
  return {this, place, target == kNone ? place : target};
}

std::vector<Node> Tree::documents() const {
  std::vector<Node> out;
  for (uint32_t root : documents_) out.push_back(At(root));
  return out;
}

}  // namespace holdfast::specs
