// A YAML file as a tree that remembers where each key and value was written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "specs/source.h"

namespace holdfast::specs {

class Problems;
class Tree;

inline constexpr size_t kMaxFileBytes = 1 << 20;
inline constexpr size_t kMaxDepth = 64;
// Nodes of a file when every alias is written out: stops alias bombs before anything walks them.
inline constexpr size_t kMaxExpandedNodes = 100'000;

enum class NodeType : uint8_t { kAbsent, kNull, kScalar, kList, kMap };

// One value in a tree: a small handle, valid as long as its Tree. A default Node is absent, and so is what
// Find does not find. An alias reads as what it stands for and points at where it is used.
class Node {
 public:
  Node() = default;

  NodeType type() const;
  explicit operator bool() const { return tree_ != nullptr; }
  bool IsScalar() const { return type() == NodeType::kScalar; }
  bool IsList() const { return type() == NodeType::kList; }
  bool IsMap() const { return type() == NodeType::kMap; }

  // The scalar's text without quotes; a null as it was written (`~`, `null` or nothing).
  std::string_view text() const;
  // True for "no", 'no' and block text; false for no.
  bool quoted() const;
  // Entries of a list or map.
  size_t size() const;
  // The entry of a map, or an absent node.
  Node Find(std::string_view key) const;

  // The key under which this node stands in its map; "" for items of lists and for documents.
  std::string_view key() const;

  // Where the value is written; the key of a map's entry when the value is empty.
  Span span() const;
  // Where the key is written, or the value when there is no key.
  Span key_span() const;
  // Where a map's entry is written, or the map when it has no such entry.
  Span SpanAt(std::string_view key) const;

  // The bytes of span() in the source's text: to keep a place without its tree.
  uint32_t begin_byte() const { return Extent().first; }
  uint32_t end_byte() const { return Extent().second; }

  class Iterator;
  Iterator begin() const;
  Iterator end() const;

 private:
  friend class Tree;
  std::pair<uint32_t, uint32_t> KeyExtent() const;
  std::pair<uint32_t, uint32_t> Extent() const;
  Node(const Tree* tree, uint32_t place, uint32_t content) : tree_(tree), place_(place), content_(content) {}

  const Tree* tree_ = nullptr;
  uint32_t place_ = 0;    // where it is written
  uint32_t content_ = 0;  // what it says; differs from place_ for an alias
};

// The documents of one file. Dropped as soon as the file is decoded: a tree is several times its text.
class Tree {
 public:
  // Reads the strict dialect (docs: one meaning for every text). Nullptr when the file could not be read as a
  // whole; then at least one problem was added. Duplicate keys and the like add problems and still give a
  // tree, so that everything wrong is told in one run: whoever decodes must look at the problems too. Pure;
  // safe in many threads.
  static std::unique_ptr<Tree> Parse(SourcePtr source, Problems& problems);

  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  const SourcePtr& source() const { return source_; }
  // Empty documents are left out.
  std::vector<Node> documents() const;

 private:
  friend class Node;
  friend class TreeBuilder;
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Cell {
    std::string_view text;        // the scalar's; in the source's text where it stands there literally
    std::string_view key;         // of a map's entry
    uint32_t offset = 0;          // byte where the value begins
    uint32_t key_offset = kNone;  // byte where the key begins
    uint32_t first = kNone;       // first entry of a list or map
    uint32_t next = kNone;        // the entry after this one in its list or map
    uint32_t count = 0;           // entries
    uint32_t expanded = 1;        // nodes in here when aliases are written out
    uint32_t alias_of = kNone;
    NodeType type = NodeType::kNull;
    bool quoted = false;
  };

  explicit Tree(SourcePtr source) : source_(std::move(source)) {}
  Node At(uint32_t place) const;

  SourcePtr source_;
  std::vector<Cell> cells_;
  std::vector<uint32_t> documents_;
  std::deque<std::string>
      folded_;  // texts that do not stand in the source as they read: escapes, folded lines
};

class Node::Iterator {
 public:
  Iterator(const Tree* tree, uint32_t at) : tree_(tree), at_(at) {}
  Node operator*() const;
  Iterator& operator++();
  bool operator==(const Iterator&) const = default;

 private:
  const Tree* tree_;
  uint32_t at_;
};

}  // namespace holdfast::specs
