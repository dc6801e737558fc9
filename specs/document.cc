#include "specs/document.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "controller/base/text.h"
#include "controller/base/time_text.h"
#include "specs/document_head.h"
#include "specs/fingerprint.h"
#include "specs/reading.h"

namespace holdfast::specs {
namespace {

constexpr size_t kMostKindsNamed = 12;

Place PlaceOf(const Node& node) { return {node.begin_byte(), node.end_byte()}; }

std::string KindsText(const std::vector<std::string_view>& names) {
  std::vector<std::string> quoted;
  for (std::string_view name : names) quoted.push_back(Cat("`", name, "`"));
  return Enumerate(quoted, kMostKindsNamed);
}

class DocumentReader {
 public:
  DocumentReader(const KindTable& kinds, absl::Time now, Problems& problems)
      : kinds_(kinds), now_(now), problems_(problems) {}

  // What it returns is only to be used when no error was added.
  Document Read(const Node& root) {
    Document out;
    out.line = root.span().line;
    const Node kind_node = root.Find("kind");
    const std::string_view kind_name =
        kind_node.IsScalar() ? kind_node.text() : std::string_view("the document");
    const DecodeContext context{.now = now_, .where = kind_name};
    if (root.IsMap() && !CheckVersion(root)) return out;
    DocumentHead head;
    DocumentHeadFields().Decode(root, head, problems_, context);
    if (problems_.errors() == 0) out.head_digest = Sha256(DocumentHeadFields().Canonical(head));
    out.metadata = std::move(head.metadata);
    out.policy = head.policy;
    out.depends_on = std::move(head.depends_on);
    RememberPlaces(root, out);
    if (kind_name == kOperationKind) {
      ReadOperation(head.spec.node, out);
    } else if (kind_node.IsScalar()) {
      out.kind = kinds_.Find(kind_name);
      if (out.kind == nullptr)
        UnknownKind(kind_node);
      else if (head.spec.node)
        ReadSpec(head.spec.node, out);
    }
    if (problems_.errors() == 0) out.spec_digest = Sha256(out.Canonical());
    return out;
  }

 private:
  // Another version would make everything else look wrong too, so it is the only thing that is told.
  bool CheckVersion(const Node& root) {
    const Node version = root.Find("apiVersion");
    if (!version.IsScalar() || version.text() == kApiVersion) return true;
    problems_
        .Error(ProblemCode::kApiVersion, version.span(),
               Cat("`", Excerpt(version.text(), 60), "` is not a version that this holdfast reads"))
        .Labelled(Cat("expected ", kApiVersion))
        .Help(Cat("write apiVersion: ", kApiVersion,
                  "; a file that is not meant for holdfast does not belong into this directory"));
    return false;
  }

  static void RememberPlaces(const Node& root, Document& out) {
    out.name_place = PlaceOf(root.Find("metadata").Find("name"));
    std::vector<Place> places;
    for (Node ref : root.Find("dependsOn")) places.push_back(PlaceOf(ref));
    out.depends_on_places = std::move(places);
  }

  void UnknownKind(const Node& node) {
    std::vector<std::string_view> names = kinds_.names();
    names.push_back(kOperationKind);
    problems_
        .Error(ProblemCode::kUnknownKind, node.span(), Cat("unknown kind `", Excerpt(node.text(), 60), "`"))
        .Labelled(DidYouMeanText(node.text(), names))
        .Help(Cat("the kinds are ", KindsText(names)));
  }

  void ReadSpec(const Node& node, Document& out) {
    const std::string where = Cat(out.kind->name, ".spec");
    out.spec = out.kind->schema->Decode(node, problems_, {.now = now_, .where = where});
    if (!out.spec || !out.kind->claims) return;
    for (const std::string& claim : out.kind->claims(out.spec.get()))
      out.claims.push_back(Fingerprint(claim));
    std::sort(out.claims.begin(), out.claims.end());
    out.claims.erase(std::unique(out.claims.begin(), out.claims.end()), out.claims.end());
    out.claims.shrink_to_fit();
  }

  // `target` and `notAfter` are the same for all; what is left is the verb, which the target's kind knows.
  void ReadOperation(const Node& node, Document& out) {
    if (!node) return;
    const DecodeContext context{.now = now_, .where = "Operation.spec"};
    Decoding decoding(problems_, context);
    if (!node.IsMap())
      return WrongShape(node, decoding, "a mapping: target, notAfter and what is to be done");
    const FieldTable<OperationHead>& fields = OperationHeadFields();
    OperationHead head;
    std::vector<Node> verbs;
    for (Node entry : node) {
      const Row* row = fields.FindRow(entry.key());
      if (row == nullptr) {
        verbs.push_back(entry);
        continue;
      }
      decoding.steps.push_back({&fields, row->name, Decoding::kNoIndex});
      row->shape->Decode(entry, reinterpret_cast<char*>(&head) + row->offset, *row, decoding);
      decoding.steps.pop_back();
    }
    const Node target = node.Find("target");
    if (!target) {
      problems_.Error(ProblemCode::kMissingField, node.key_span(), "`target` is missing in Operation.spec")
          .Help("for example: target: ServiceStack/site");
      return;
    }
    out.target_place = PlaceOf(target);
    if (!head.target.kind.empty()) ReadVerb(node, target, std::move(head), verbs, out);
  }

  void ReadVerb(const Node& node, const Node& target, OperationHead head, const std::vector<Node>& verbs,
                Document& out) {
    const KindEntry* kind = kinds_.Find(head.target.kind);
    if (kind == nullptr || kind->operations.empty()) {
      const std::vector<std::string_view> names = kinds_.names();
      problems_
          .Error(ProblemCode::kOperationTarget, target.span(),
                 kind == nullptr ? Cat("unknown kind `", head.target.kind, "`")
                                 : Cat("the kind `", head.target.kind, "` has no operations"))
          .Labelled(kind == nullptr ? DidYouMeanText(head.target.kind, names) : "");
      return;
    }
    std::vector<std::string_view> known;
    for (const OperationVerb& operation : kind->operations) known.push_back(operation.verb);
    const OperationVerb* chosen = nullptr;
    for (const Node& verb : verbs) {
      const auto found = std::find(known.begin(), known.end(), verb.key());
      if (found == known.end()) {
        std::vector<std::string_view> near = known;
        near.insert(near.end(), {"target", "notAfter"});
        problems_
            .Error(ProblemCode::kOperationVerb, verb.key_span(),
                   Cat("`", kind->name, "` knows no operation `", Excerpt(verb.key(), 60), "`"))
            .Labelled(DidYouMeanText(verb.key(), near))
            .Help(Cat("it knows ", KindsText(known)));
      } else if (chosen != nullptr) {
        problems_.Error(ProblemCode::kNotOneKey, verb.key_span(), "an Operation does one thing")
            .Help("write a document for each");
      } else {
        chosen = &kind->operations[static_cast<size_t>(found - known.begin())];
        auto operation = std::make_shared<Operation>();
        const std::string where = Cat("Operation.spec.", chosen->verb);
        *operation = {std::move(head.target), head.not_after, std::string(chosen->verb), chosen->schema,
                      chosen->schema->Decode(verb, problems_, {.now = now_, .where = where})};
        out.operation = std::move(operation);
      }
    }
    if (verbs.empty())
      problems_
          .Error(ProblemCode::kOperationVerb, node.key_span(),
                 "this Operation does not say what is to be done")
          .Help(Cat("add one of ", KindsText(known)));
  }

  const KindTable& kinds_;
  absl::Time now_;
  Problems& problems_;
};

// The same kind and name twice in one file is that file's own mistake.
void CheckNames(const SourcePtr& source, const std::vector<Document>& documents, Problems& problems) {
  if (documents.size() < 2) return;
  std::unordered_map<std::string, const Document*> seen;
  for (const Document& document : documents) {
    const std::string key = RefText(document.key());
    const auto [found, fresh] = seen.emplace(key, &document);
    if (fresh) continue;
    const Place here = document.name_place, first = found->second->name_place;
    problems
        .Error(ProblemCode::kSameName, SpanOf(source, here.begin, here.end), Cat(key, " is described twice"))
        .Also(SpanOf(source, first.begin, first.end), "first here")
        .Help("rename or remove one of them");
  }
}

}  // namespace

std::string Document::Canonical() const {
  if (!operation) return spec ? kind->schema->Canonical(spec.get()) : std::string();
  std::string out = Cat("{\"target\":\"", RefText(operation->target), "\"");
  if (operation->not_after) Append(out, ",\"notAfter\":\"", Rfc3339(*operation->not_after), "\"");
  Append(out, ",\"", operation->verb, "\":");
  if (operation->arguments) operation->schema->AppendCanonical(operation->arguments.get(), out);
  return out + "}";
}

std::vector<std::string> Document::Claims() const {
  return spec && kind->claims ? kind->claims(spec.get()) : std::vector<std::string>();
}

Parsed ParseFile(std::string path, std::string bytes, const KindTable& kinds, absl::Time now) {
  Parsed out;
  out.source = std::make_shared<const Source>(Source{std::move(path), std::move(bytes)});
  Problems problems;
  if (const auto tree = Tree::Parse(out.source, problems)) {
    DocumentReader reader(kinds, now, problems);
    for (const Node& root : tree->documents()) out.documents.push_back(reader.Read(root));
  }
  if (problems.errors() == 0) CheckNames(out.source, out.documents, problems);
  out.broken = problems.errors() > 0;
  if (out.broken) out.documents.clear();
  out.problems = problems.Take();
  Order(out.problems);
  return out;
}

Parsed UnreadableFile(std::string path, std::string why) {
  Parsed out;
  out.source = std::make_shared<const Source>(Source{std::move(path), {}});
  Problems problems;
  problems.Error(ProblemCode::kUnreadable, Span{.source = out.source}, Cat("cannot be read: ", why))
      .Help("give the controller's user the right to read it, or take it out of the directory");
  out.broken = true;
  out.problems = problems.Take();
  return out;
}

}  // namespace holdfast::specs
