// YAML events into a tree, with the strict dialect's rules.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "controller/base/text.h"
#include "specs/node.h"
#include "specs/problem.h"
#include "specs/yaml_text.h"

namespace holdfast::specs {

class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(Tree& tree, Problems& problems) : tree_(tree), problems_(problems), text_(tree.source_->text) {
    tree_.cells_.reserve(text_.size() / 16 + 8);
    open_.reserve(kMaxDepth + 1);
  }

  // Nothing more is taken in: something makes the file as a whole unusable.
  bool refused() const { return refused_; }

  // Called once all documents are read.
  void Finish() {
    if (!refused_ && last_quoted_ != Tree::kNone && !IsClosedQuote(text_, last_quoted_))
      Refuse(ProblemCode::kNotYaml, last_quoted_, "the file ends inside of a quoted text")
          .Help("add the closing quote");
  }

  void OnDocumentStart(const YAML::Mark&) override {
    open_.clear();
    anchors_.clear();
    skip_ = 0;
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (Ignored()) return;
    const uint32_t offset = Offset(mark);
    if (AtKey()) return RefuseKey(offset, "a key is missing");
    const uint32_t cell = Put(offset, NodeType::kNull);
    tree_.cells_[cell].text = NullText(text_, offset);
    Close(cell, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (Ignored()) return;
    const uint32_t offset = Offset(mark);
    if (AtKey()) return RefuseKey(offset, "an alias cannot be a key");
    const uint32_t target = anchor < anchors_.size() ? anchors_[anchor] : Tree::kNone;
    const bool inside =
        std::any_of(open_.begin(), open_.end(), [&](const Open& o) { return o.cell == target; });
    if (target == Tree::kNone || inside) {
      Refuse(ProblemCode::kAliasBomb, offset, "this alias stands inside of what it stands for")
          .Help("write the value out");
      return;
    }
    const uint32_t cell = Put(offset, tree_.cells_[target].type);
    tree_.cells_[cell].alias_of = target;
    tree_.cells_[cell].expanded = tree_.cells_[target].expanded;
    Close(cell, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (Ignored()) return;
    const uint32_t offset = Offset(mark);
    const bool plain = tag == "?";
    if (!plain && tag != "!") RefuseTag(offset, tag);
    if (!plain) last_quoted_ = offset;
    const std::string_view text = Keep(offset, value);
    if (AtKey()) return TakeKey(offset, text, plain);
    const uint32_t cell = Put(offset, NodeType::kScalar);
    tree_.cells_[cell].text = text;
    tree_.cells_[cell].quoted = !plain;
    Close(cell, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Begin(Offset(mark), tag, anchor, NodeType::kList);
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Begin(Offset(mark), tag, anchor, NodeType::kMap);
  }
  void OnSequenceEnd() override { End(); }
  void OnMapEnd() override { End(); }

 private:
  struct Open {
    uint32_t cell;
    uint32_t last = Tree::kNone;  // entry
    bool is_map = false;
    bool key_taken = false;  // the next value belongs to the key
    bool key_unusable = false;
    std::string_view key;
    uint32_t key_offset = 0;
    std::unordered_map<std::string_view, uint32_t> large;  // keys of a map that has many
  };
  static constexpr uint32_t kManyKeys = 16;

  bool Ignored() const { return refused_ || skip_ > 0; }
  bool AtKey() const { return !open_.empty() && open_.back().is_map && !open_.back().key_taken; }

  uint32_t Offset(const YAML::Mark& mark) const {
    return static_cast<uint32_t>(std::clamp<int64_t>(mark.pos, 0, static_cast<int64_t>(text_.size())));
  }
  Diagnostic& Error(ProblemCode code, uint32_t offset, std::string message) {
    size_t end = std::min(text_.find_first_of(" \t\r\n,]}", offset), text_.size());
    return problems_.Error(code, SpanOf(tree_.source_, offset, std::max<size_t>(end, offset)),
                           std::move(message));
  }
  Diagnostic& Refuse(ProblemCode code, uint32_t offset, std::string message) {
    refused_ = true;
    return Error(code, offset, std::move(message));
  }
  void RefuseTag(uint32_t offset, const std::string& tag) {
    Error(ProblemCode::kCustomTag, offset, Cat("tags such as `", Excerpt(tag, 40), "` are not used in specs"))
        .Help("leave the tag out; put text that looks like something else in quotes");
  }

  // The value where it stands in the source, or a copy when it reads otherwise than it stands.
  std::string_view Keep(uint32_t offset, const std::string& value) {
    const char first = offset < text_.size() ? text_[offset] : '\0';
    const size_t begin = offset + (first == '"' || first == '\'' ? 1 : 0);
    if (begin <= text_.size() && text_.compare(begin, value.size(), value) == 0)
      return text_.substr(begin, value.size());
    return tree_.folded_.emplace_back(value);
  }

  void RefuseKey(uint32_t offset, std::string message) {
    Error(ProblemCode::kKeyNotText, offset, std::move(message)).Help("write a name, followed by a colon");
    open_.back().key_taken = open_.back().key_unusable = true;
    open_.back().key = {};
    open_.back().key_offset = offset;
  }

  void TakeKey(uint32_t offset, std::string_view text, bool plain) {
    Open& map = open_.back();
    map.key = text;
    map.key_offset = offset;
    map.key_taken = true;
    if (plain && text == "<<") {
      map.key_unusable = true;
      Error(ProblemCode::kMergeKey, offset, "`<<` does not merge anything here")
          .Help(
              "write the fields out; what several resources share belongs into a value of its own with "
              "`&name` and `*name`");
      return;
    }
    if (const uint32_t twin = FindKey(map, text); twin != Tree::kNone) {
      const uint32_t first = tree_.cells_[twin].key_offset;
      problems_
          .Error(ProblemCode::kDuplicateKey, SpanOf(tree_.source_, offset, offset + text.size()),
                 Cat("`", Excerpt(text, 60), "` is given twice"))
          .Labelled("the second one would be ignored by some tools and the first one by others")
          .Also(SpanOf(tree_.source_, first, first + text.size()), "first given here")
          .Help("keep one of them");
      map.key_unusable = true;
    }
  }

  uint32_t FindKey(Open& map, std::string_view key) {
    const uint32_t count = tree_.cells_[map.cell].count;
    if (count < kManyKeys) {
      for (uint32_t at = tree_.cells_[map.cell].first; at != Tree::kNone; at = tree_.cells_[at].next)
        if (tree_.cells_[at].key == key) return at;
      return Tree::kNone;
    }
    if (map.large.empty()) {
      for (uint32_t at = tree_.cells_[map.cell].first; at != Tree::kNone; at = tree_.cells_[at].next)
        map.large.emplace(tree_.cells_[at].key, at);
    }
    const auto found = map.large.find(key);
    return found == map.large.end() ? Tree::kNone : found->second;
  }

  // A new cell, as the next entry of what is open; or, below an unusable key, one that belongs to nothing.
  uint32_t Put(uint32_t offset, NodeType type) {
    const auto index = static_cast<uint32_t>(tree_.cells_.size());
    Tree::Cell& cell = tree_.cells_.emplace_back();
    cell.offset = offset;
    cell.type = type;
    if (open_.empty()) return index;
    Open& parent = open_.back();
    const bool unusable = std::exchange(parent.key_unusable, false);
    parent.key_taken = false;
    if (unusable) return index;
    if (parent.is_map) {
      cell.key = parent.key;
      cell.key_offset = parent.key_offset;
      if (!parent.large.empty()) parent.large.emplace(parent.key, index);
    }
    (parent.last == Tree::kNone ? tree_.cells_[parent.cell].first : tree_.cells_[parent.last].next) = index;
    parent.last = index;
    ++tree_.cells_[parent.cell].count;
    return index;
  }

  // The value is complete: it can be aliased, and counts for what encloses it.
  void Close(uint32_t index, YAML::anchor_t anchor) {
    Anchor(index, anchor);
    const Tree::Cell& cell = tree_.cells_[index];
    if (open_.empty()) {
      total_ += cell.expanded;
      if (total_ > kMaxExpandedNodes) return RefuseCount(cell.offset);
      // yaml-cpp tells an empty document as a null: there is nothing in it to complain about.
      if (cell.type != NodeType::kNull || !cell.text.empty()) tree_.documents_.push_back(index);
      return;
    }
    uint32_t& sum = tree_.cells_[open_.back().cell].expanded;
    sum += cell.expanded;
    if (sum > kMaxExpandedNodes || tree_.cells_.size() > kMaxExpandedNodes) RefuseCount(cell.offset);
  }

  void RefuseCount(uint32_t offset) {
    Refuse(ProblemCode::kAliasBomb, offset,
           Cat("more than ", kMaxExpandedNodes, " values, counting what aliases stand for"))
        .Help("split the file, or write less with aliases");
  }

  void Anchor(uint32_t index, YAML::anchor_t anchor) {
    if (anchor == 0) return;
    if (anchors_.size() <= anchor) anchors_.resize(anchor + 1, Tree::kNone);
    anchors_[anchor] = index;
  }

  void Begin(uint32_t offset, const std::string& tag, YAML::anchor_t anchor, NodeType type) {
    if (refused_) return;
    if (skip_ > 0) {
      ++skip_;
      return;
    }
    if (tag != "?" && tag != "!" && !tag.empty()) RefuseTag(offset, tag);
    if (AtKey()) {
      RefuseKey(offset, "a list or mapping cannot be a key");
      skip_ = 1;
      return;
    }
    if (open_.size() >= kMaxDepth) {
      Refuse(ProblemCode::kTooDeep, offset, Cat("nested more than ", kMaxDepth, " levels deep"))
          .Help("no kind has so many levels: look for a bracket that is not closed");
      return;
    }
    const uint32_t cell = Put(offset, type);
    Anchor(cell, anchor);
    open_.push_back({.cell = cell, .is_map = type == NodeType::kMap});
  }

  void End() {
    if (refused_) return;
    if (skip_ > 0) {
      --skip_;
      return;
    }
    const uint32_t cell = open_.back().cell;
    open_.pop_back();
    Close(cell, 0);
  }

  Tree& tree_;
  Problems& problems_;
  std::string_view text_;
  std::vector<Open> open_;
  std::vector<uint32_t> anchors_;  // by yaml-cpp's number
  int skip_ = 0;                   // levels inside of a key that is not text
  uint32_t last_quoted_ = Tree::kNone;
  size_t total_ = 0;  // values of the documents so far
  bool refused_ = false;
};

namespace {

// Bytes that are already in memory, as yaml-cpp wants them.
class MemoryBuffer : public std::streambuf {
 public:
  explicit MemoryBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only ever read from
    setg(begin, begin, begin + text.size());
  }
};

}  // namespace

std::unique_ptr<Tree> Tree::Parse(SourcePtr source, Problems& problems) {
  if (!CheckBytes(source, problems)) return nullptr;
  std::unique_ptr<Tree> tree(new Tree(source));
  TreeBuilder builder(*tree, problems);
  MemoryBuffer buffer(source->text);
  std::istream stream(&buffer);
  try {
    YAML::Parser parser(stream);
    while (!builder.refused() && parser.HandleNextDocument(builder)) {
    }
    builder.Finish();
  } catch (const YAML::Exception& error) {
    if (!builder.refused())
      ReportSyntax(source, error.mark.is_null() ? 0 : error.mark.pos, error.msg, problems);
    return nullptr;
  }
  return builder.refused() ? nullptr : std::move(tree);
}

}  // namespace holdfast::specs
