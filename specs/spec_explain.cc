// `holdfast explain` and the reference pages from field tables.
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "controller/base/text.h"
#include "specs/reading.h"
#include "specs/spec_schema.h"

namespace holdfast::specs {
namespace {

std::string DefaultText(const Row& row) {
  if (row.options.required) return "required";
  const std::string_view json = row.default_json;
  if (json.empty() || json == "{}" || json == "[]" || json == "\"\"") return {};
  const bool text = json.size() > 2 && json.front() == '"' && json.find('\\') == std::string_view::npos;
  return Cat("default ", text ? json.substr(1, json.size() - 2) : json);
}

std::string TypeAndDefault(const Row& row) {
  const std::string fallback = DefaultText(row);
  return fallback.empty() ? row.shape->TypeText(row) : Cat(row.shape->TypeText(row), "; ", fallback);
}

// The fields of a level, one line each, the sentence below.
void PrintFields(const SpecSchema& table, std::string& out) {
  for (const Row& row : table.rows())
    Append(out, "  ", row.name, "  (", TypeAndDefault(row), ")\n      ", row.doc, "\n");
}

void PrintAlternatives(std::span<const Alternative> alternatives, std::string& out) {
  for (const Alternative& alternative : alternatives) {
    if (alternative.form == Alternative::Form::kWord)
      Append(out, "  ", alternative.row.name, "\n");
    else if (alternative.form == Alternative::Form::kKey)
      Append(out, "  {", alternative.row.name, ": ", alternative.row.shape->TypeText(alternative.row), "}\n");
    else
      Append(out, "  ", alternative.row.shape->TypeText(alternative.row), "\n");
    Append(out, "      ", alternative.row.doc, "\n");
  }
}

std::string PrintRow(std::string_view where, const Row& row) {
  std::string out = Cat(where, "\n\n", row.doc, "\n\ntype: ", TypeAndDefault(row), "\n");
  if (!row.options.example.empty()) Append(out, "example: ", row.name, ": ", row.options.example, "\n");
  if (const SpecSchema* table = row.shape->table()) {
    Append(out, "\n", table->doc(), "\n\n");
    PrintFields(*table, out);
  } else if (!row.shape->alternatives().empty()) {
    out.append("\none of\n");
    PrintAlternatives(row.shape->alternatives(), out);
  }
  return out;
}

// "layers[0]" names the field "layers".
std::string_view WithoutIndex(std::string_view step) { return step.substr(0, step.find('[')); }

Result<std::string> NoSuchStep(std::string_view where, std::string_view step,
                               const std::vector<std::string_view>& known) {
  std::string message = Cat(where, " has no field `", Excerpt(step, 60), "`");
  const std::string meant = DidYouMeanText(step, known);
  std::vector<std::string> names(known.begin(), known.end());
  if (!meant.empty())
    Append(message, "; ", meant);
  else if (!names.empty())
    Append(message, "; its fields are ", Enumerate(names, 24));
  return NotFound(std::move(message));
}

}  // namespace

Result<std::string> SpecSchema::Explain(std::string_view root, std::string_view path) const {
  std::string where(root);
  if (path.empty()) {
    std::string out = Cat(where, "\n\n", doc_, "\n\n");
    PrintFields(*this, out);
    return out;
  }
  const SpecSchema* table = this;
  const Row* row = nullptr;
  for (const std::string& written : Split(path, '.')) {
    const std::string_view step = WithoutIndex(written);
    std::vector<std::string_view> known;
    const Row* found = nullptr;
    if (row == nullptr || row->shape->table() != nullptr) {
      if (row != nullptr) table = row->shape->table();
      found = table->FindRow(step);
      for (const Row& field : table->rows()) known.push_back(field.name);
    } else {
      for (const Alternative& alternative : row->shape->alternatives()) {
        if (alternative.form != Alternative::Form::kKey) continue;
        known.push_back(alternative.row.name);
        if (alternative.row.name == step) found = &alternative.row;
      }
    }
    if (found == nullptr) return NoSuchStep(where, step, known);
    Append(where, ".", step);
    row = found;
  }
  return PrintRow(where, *row);
}

namespace {

std::string Cell(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '|')
      out.append("\\|");
    else
      out.push_back(c == '\n' ? ' ' : c);
  }
  return out;
}

class Page {
 public:
  std::string out;

  void Table(const std::string& where, const SpecSchema& table) {
    if (!written_.insert(&table).second) return;
    Append(out, "\n## ", where, "\n\n", table.doc(),
           "\n\n| field | type | default | what it says |\n|---|---|---|---|\n");
    for (const Row& row : table.rows()) Line(row.name, row);
    for (const Row& row : table.rows()) Below(Cat(where, ".", row.name), row);
  }

 private:
  void Line(std::string_view name, const Row& row) {
    std::string fallback = DefaultText(row);
    if (fallback.starts_with("default ")) fallback = Cat("`", fallback.substr(8), "`");
    std::string doc(row.doc);
    if (!row.options.example.empty()) Append(doc, " Example: `", row.options.example, "`");
    Append(out, "| `", name, "` | ", Cell(row.shape->TypeText(row)), " | ", Cell(fallback), " | ", Cell(doc),
           " |\n");
  }

  void Below(const std::string& where, const Row& row) {
    if (const SpecSchema* table = row.shape->table()) return Table(where, *table);
    const auto alternatives = row.shape->alternatives();
    if (alternatives.empty()) return;
    Append(out, "\n## ", where, "\n\n", row.doc,
           " One of:\n\n| written as | type | what it says |\n|---|---|---|\n");
    for (const Alternative& alternative : alternatives) {
      const bool word = alternative.form == Alternative::Form::kWord;
      const std::string type = word ? "word" : alternative.row.shape->TypeText(alternative.row);
      const std::string written = word ? std::string(alternative.row.name)
                                  : alternative.form == Alternative::Form::kKey
                                      ? Cat("{", alternative.row.name, ": …}")
                                      : "…";
      Append(out, "| `", written, "` | ", Cell(type), " | ", Cell(alternative.row.doc), " |\n");
    }
    for (const Alternative& alternative : alternatives)
      if (alternative.form == Alternative::Form::kKey)
        Below(Cat(where, ".", alternative.row.name), alternative.row);
  }

  std::set<const SpecSchema*> written_;
};

}  // namespace

std::string SpecSchema::Markdown(std::string_view root) const {
  Page page;
  page.Table(std::string(root), *this);
  return std::move(page.out);
}

}  // namespace holdfast::specs
