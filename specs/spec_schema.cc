#include "specs/spec_schema.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <utility>

#include "controller/base/text.h"
#include "specs/reading.h"

namespace holdfast::specs {
namespace {

constexpr size_t kMaxRows = 64;  // bits of the mask of given fields

[[noreturn]] void Broken(std::string_view table, std::string_view what) {
  const std::string text = Cat("the field table ", table, " is wrong: ", what);
  std::fprintf(stderr, "%s\n", text.c_str());
  std::abort();
}

}  // namespace

SpecSchema::SpecSchema(std::string_view name, std::string_view doc, Make make)
    : name_(name), doc_(doc), make_(make), defaults_(make()) {}

void SpecSchema::AddRow(std::string_view name, size_t offset, ShapePtr shape, std::string_view doc,
                        const FieldOptions& options) {
  if (FindRow(name) != nullptr) Broken(name_, Cat("`", name, "` is there twice"));
  if (rows_.size() == kMaxRows) Broken(name_, "too many fields");
  Row row{.name = name, .doc = doc, .offset = offset, .shape = std::move(shape), .options = options};
  if (!options.pattern.empty()) row.pattern = std::make_shared<Pattern>(options.pattern);
  const void* value = static_cast<const char*>(defaults_.get()) + offset;
  if (!options.required && !row.shape->IsUnset(value)) row.shape->Encode(value, row.default_json);
  rows_.push_back(std::move(row));
  by_name_.resize(rows_.size());
  std::iota(by_name_.begin(), by_name_.end(), uint16_t{0});
  std::sort(by_name_.begin(), by_name_.end(),
            [&](uint16_t a, uint16_t b) { return rows_[a].name < rows_[b].name; });
}

void SpecSchema::AddInline(const SpecSchema& inner, size_t offset) {
  for (const Row& row : inner.rows_) AddRow(row.name, offset + row.offset, row.shape, row.doc, row.options);
  groups_.insert(groups_.end(), inner.groups_.begin(), inner.groups_.end());
  for (Check check : inner.checks_) {
    check.offset += offset;
    checks_.push_back(check);
  }
}

void SpecSchema::AddGroup(GroupRule rule, std::initializer_list<std::string_view> fields) {
  for (std::string_view field : fields)
    if (FindRow(field) == nullptr)
      Broken(name_, Cat("a rule names `", field, "`, which is not declared before it"));
  groups_.push_back({rule, fields});
}

const Row* SpecSchema::FindRow(std::string_view name) const {
  for (const Row& row : rows_)
    if (row.name == name) return &row;
  return nullptr;
}

std::shared_ptr<const void> SpecSchema::Decode(const Node& node, Problems& problems,
                                               const DecodeContext& context) const {
  const size_t before = problems.errors();
  std::shared_ptr<void> object = make_();
  Decoding decoding(problems, context);
  DecodeInto(node, object.get(), decoding);
  return problems.errors() == before ? object : nullptr;
}

void SpecSchema::DecodeInto(const Node& node, void* object, Decoding& decoding) const {
  if (!node.IsMap()) return WrongShape(node, decoding, Cat("a mapping: ", name_));
  const size_t before = decoding.problems.errors();
  uint64_t given = 0;
  size_t next = 0;  // people write fields in the declared order more often than not
  for (Node entry : node) {
    size_t index = next;
    for (size_t tried = 0; tried < rows_.size() && rows_[index].name != entry.key(); ++tried)
      index = index + 1 == rows_.size() ? 0 : index + 1;
    if (rows_.empty() || rows_[index].name != entry.key()) {
      ReportUnknown(entry, decoding);
      continue;
    }
    given |= uint64_t{1} << index;
    next = index + 1 == rows_.size() ? 0 : index + 1;
    const Row& row = rows_[index];
    decoding.steps.push_back({this, row.name, Decoding::kNoIndex});
    row.shape->Decode(entry, static_cast<char*>(object) + row.offset, row, decoding);
    decoding.steps.pop_back();
  }
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (!rows_[i].options.required || (given >> i & 1) != 0) continue;
    Diagnostic& problem = decoding.problems.Error(
        ProblemCode::kMissingField, node.key().empty() ? node.span() : node.key_span(),
        Cat("`", rows_[i].name, "` is missing in ", decoding.Where()));
    problem.Help(rows_[i].options.example.empty()
                     ? Cat(rows_[i].name, ": ", rows_[i].doc)
                     : Cat("for example: ", rows_[i].name, ": ", rows_[i].options.example));
  }
  for (const Group& group : groups_) CheckGroup(group, node, decoding);
  if (decoding.problems.errors() != before) return;
  for (const Check& check : checks_)
    check.call(check.function, static_cast<const char*>(object) + check.offset, node, decoding);
}

void SpecSchema::CheckGroup(const Group& group, const Node& node, Decoding& decoding) const {
  std::vector<Node> given;
  std::vector<std::string> names;
  for (std::string_view field : group.fields) {
    names.push_back(Cat("`", field, "`"));
    if (Node entry = node.Find(field)) given.push_back(entry);
  }
  const Span place = node.key().empty() ? node.span() : node.key_span();
  const bool one_at_least = group.rule == GroupRule::kExactlyOne || group.rule == GroupRule::kAtLeastOne;
  if (group.rule == GroupRule::kNeeds) {
    const Node field = node.Find(group.fields[0]);
    if (field && !node.Find(group.fields[1]))
      decoding.problems.Error(ProblemCode::kFieldNeeds, field.key_span(),
                              Cat(names[0], " needs ", names[1], " beside it"));
  } else if (given.empty() && one_at_least) {
    decoding.problems.Error(ProblemCode::kMissingField, place,
                            Cat("one of ", Enumerate(names, 12), " is missing in ", decoding.Where()));
  } else if (given.size() > 1 && group.rule != GroupRule::kAtLeastOne) {
    decoding.problems
        .Error(ProblemCode::kFieldsExclude, given[1].key_span(),
               Cat("`", given[1].key(), "` cannot stand beside `", given[0].key(), "`"))
        .Also(given[0].key_span(), "given here")
        .Help(Cat("keep one of ", Enumerate(names, 12)));
  }
}

namespace {

// "probe.http": where below the table a field of this name is, or "".
std::string PathBelow(const SpecSchema& table, std::string_view name, int depth) {
  constexpr int kDeepest = 3;
  if (depth == kDeepest) return {};
  const auto within = [&](const SpecSchema* below, std::string_view step) -> std::string {
    if (below == nullptr) return {};
    if (below->FindRow(name) != nullptr) return std::string(step);
    const std::string deeper = PathBelow(*below, name, depth + 1);
    return deeper.empty() ? deeper : Cat(step, ".", deeper);
  };
  for (const Row& row : table.rows()) {
    if (std::string path = within(row.shape->table(), row.name); !path.empty()) return path;
    for (const Alternative& alternative : row.shape->alternatives()) {
      if (!alternative.row.shape) continue;
      if (std::string path = within(alternative.row.shape->table(), Cat(row.name, ".", alternative.row.name));
          !path.empty())
        return path;
    }
  }
  return {};
}

}  // namespace

void SpecSchema::ReportUnknown(const Node& entry, Decoding& decoding) const {
  std::vector<std::string_view> siblings;
  for (const Row& row : rows_) siblings.push_back(row.name);
  std::vector<std::string> shown;
  for (std::string_view name : siblings) shown.push_back(Cat("`", name, "`"));
  std::string label = DidYouMeanText(entry.key(), siblings), help;
  for (size_t i = decoding.steps.size(); i-- > 0 && label.empty() && help.empty();) {
    const SpecSchema* table = decoding.steps[i].table;
    if (table == nullptr || table == this || table->FindRow(entry.key()) == nullptr) continue;
    std::vector<Decoding::Step> below(decoding.steps.begin() + static_cast<ptrdiff_t>(i),
                                      decoding.steps.end());
    decoding.steps.resize(i);
    help = Cat("`", entry.key(), "` is a field of ", decoding.Where(), ": indent it less");
    decoding.steps.insert(decoding.steps.end(), below.begin(), below.end());
  }
  if (label.empty() && help.empty()) {
    const std::string path = PathBelow(*this, entry.key(), 0);
    help = path.empty() ? Cat("the fields here are ", Enumerate(shown, 24))
                        : Cat("`", entry.key(), "` belongs under `", path, "`");
  }
  decoding.problems
      .Error(ProblemCode::kUnknownField, entry.key_span(),
             Cat("unknown field `", Excerpt(entry.key(), 60), "` in ", decoding.Where()))
      .Labelled(std::move(label))
      .Help(std::move(help));
}

std::string SpecSchema::Canonical(const void* object) const {
  std::string out;
  AppendCanonical(object, out);
  return out;
}

void SpecSchema::AppendCanonical(const void* object, std::string& out) const {
  out.push_back('{');
  bool first = true;
  for (uint16_t index : by_name_) {
    const Row& row = rows_[index];
    const void* value = static_cast<const char*>(object) + row.offset;
    if (row.shape->IsUnset(value)) continue;
    const size_t begin = out.size();
    if (!first) out.push_back(',');
    AppendJsonText(row.name, out);
    out.push_back(':');
    const size_t value_begin = out.size();
    row.shape->Encode(value, out);
    // What is as it would be anyway is left out, so that a new field does not make every spec another one.
    if (std::string_view(out).substr(value_begin) == row.default_json)
      out.resize(begin);
    else
      first = false;
  }
  out.push_back('}');
}

}  // namespace holdfast::specs
