#include "specs/codes.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "controller/base/text.h"

namespace holdfast::specs {
namespace {

using enum ProblemCode;

// Examples without `kind:` stand for a part of a spec.
constexpr CodeInfo kCodes[] = {
    {kNotYaml, "not valid YAML", "The text has no meaning as YAML, so nothing of the file can be used.",
     "metadata: {name: web\n", "Look at the line shown and the one above it: indentation, quotes, brackets."},
    {kFileTooLarge, "the file is too large",
     "Files are read whole; a limit keeps one file from taking all memory.", "a file of 2 MiB",
     "Split it into several files."},
    {kBinary, "a control character",
     "Specs are text. A byte like this is a sign of a file that got here by mistake.", "name: web\\x00",
     "Take the file out of the directory, or remove the byte."},
    {kNotUtf8, "not UTF-8", "Another encoding would turn names into other names without anyone noticing.",
     "name: caf\\xE9", "Save the file as UTF-8."},
    {kByteOrderMark, "a byte order mark",
     "Some tools keep it as a part of the first key, which then is another key.", "\\xEF\\xBB\\xBFkind: …",
     "Save the file as UTF-8 without byte order mark."},
    {kTab, "a tab in the indentation", "YAML forbids tabs there, because nobody can say how wide they are.",
     "metadata:\n\tname: web\n", "Indent with blanks."},
    {kDuplicateKey, "a key is given twice",
     "Some tools take the first one and some the last one, so two people can read two different specs.",
     "port: 80\nport: 81\n", "Keep one of them."},
    {kMergeKey, "merge keys are not part of the language",
     "`<<` merges in some tools, is a plain key in others, and is not in YAML 1.2.",
     "probe: {<<: {port: 80}}\n",
     "Write the fields out, or give the shared value an anchor: `&name` and `*name`."},
    {kAliasBomb, "too many values", "A few lines with aliases can stand for billions of values.",
     "labels: &a [*a]\n", "Write less with aliases, or split the file."},
    {kTooDeep, "nested too deeply", "No kind has so many levels, so a bracket is missing somewhere.",
     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]"
     "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
     "Look for a bracket that is not closed."},
    {kCustomTag, "tags are not part of the language",
     "A tag changes what a value is for tools that know it, and for no others.", "port: !!int 80\n",
     "Leave the tag out; put text that looks like something else in quotes."},
    {kKeyNotText, "a key is not text", "Fields have names. A list, a mapping or nothing at all is no name.",
     "? [a, b]\n: 1\n", "Write a name, followed by a colon."},
    {kUnreadable, "the file cannot be read",
     "What is in it is unknown, so what it described before stays in force.",
     "a file without the right to read it",
     "Give the controller's user the right to read it, or take it out of the directory."},

    {kWrongShape, "another shape of value is expected", "A list stands where a mapping belongs, or the like.",
     "port: [80]\n",
     "Write the value in the shape that the message names; `holdfast explain` shows the field."},
    {kMissingField, "a field is missing",
     "There is no value that would be right for everyone, so it must be said.", "port: 80\n",
     "Add the field."},
    {kUnknownField, "an unknown field",
     "A typing error would otherwise be a setting that silently does nothing.", "name: web\nprot: 80\n",
     "Correct the name; when it stands on the wrong level, indent it differently."},
    {kNoValue, "a field has no value",
     "Nothing after the colon can mean the default, nothing at all, or that somebody was interrupted.",
     "name: web\nport:\n", "Give it a value or leave the field out."},
    {kAmbiguousScalar, "a value that readers disagree about",
     "`no` is false and `012` is ten to some readers of YAML, and text or twelve to others.", "name: no\n",
     "Put text in quotes; write true, false and decimal numbers plainly."},
    {kOutOfBounds, "out of bounds", "The value is one that cannot be right here.", "name: web\nport: 0\n",
     "Stay within the limits that the message names."},
    {kBadPattern, "text of another form is expected",
     "The text becomes a name somewhere that does not accept everything.",
     "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: Web_1}\nspec: {name: web}\n",
     "Follow the example in the message."},
    {kWrongCount, "too many or too few",
     "The list or mapping has a number of entries that cannot be right here.", "name: web\nhosts: []\n",
     "Stay within the limits that the message names."},
    {kUnknownWord, "not one of the words that are known here",
     "Only certain words have a meaning in this place.", "name: web\nonManualStop: fight\n",
     "Use one of the words that the message names."},
    {kBadDuration, "not a duration", "A bare number could be seconds, milliseconds or minutes.",
     "name: web\ndeadline: 30\n", "Write the unit: 30s, 500ms, 1h30m."},
    {kBadTime, "not a time with a zone",
     "Without a zone, the same text is another moment on another machine.",
     "name: web\nuntil: 2026-11-23 18:00\nreason: disk\n",
     "Write 2026-11-23T18:00:00Z or 2026-11-23T19:00:00+01:00."},
    {kBadPercentage, "not a percentage", "A bare number could be a count.", "name: web\nshare: 50\n",
     "Write 50%."},
    {kBadSize, "not a size", "A bare number could be bytes or megabytes.", "name: web\nmemory: 512\n",
     "Write the unit: 512MiB, 1GiB."},
    {kBadHosts, "not a host or a range of hosts", "The text would not give the names of hosts.",
     "name: web\nhosts: \"dn[20-01]\"\n", "Write dn[01-20], in quotes when it stands in braces or brackets."},
    {kNotOneKey, "exactly one key is expected",
     "The value is one of several things; two at once, or none, is nothing.",
     "name: web\ncontrol: {systemd: {unit: a}, sysv: {service: b}}\n", "Keep one of them."},
    {kSecretInClear, "a secret in clear text", "Specs are kept in git, shown on pages and sent to others.",
     "name: web\npassword: hunter2\n",
     "Say where it is kept: {valueFrom: {file: /etc/holdfast/web.password}}. Change the secret if it was "
     "committed."},
    {kBadRef, "not a reference", "Another resource is named by its kind and its name.",
     "name: web\nafter: storage\n", "Write KIND/NAME: ServiceStack/storage."},
    {kShellLine, "a program's arguments as one text",
     "There is never a shell that takes a line apart, expands * or follows `;`.",
     "name: web\nstart: systemctl start web\n", "Write a list: [systemctl, start, web]."},
    {kFieldsExclude, "fields that cannot stand together", "They say the same thing in different ways.",
     "name: web\nsocket: /run/a.sock\nurl: http://a\n", "Keep one of them."},
    {kFieldNeeds, "a field that needs another one", "One without the other says only half of it.",
     "name: web\nreason: disk\n", "Add the other one, or remove this one."},
    {kNotANumber, "not a number", "A number is expected here.", "name: web\nport: http\n",
     "Write a decimal number, without quotes."},
    {kBadText, "text that cannot be right", "It is empty or far too long.", "name: \"\"\n",
     "Write the text, or leave the field out."},
    {kInTheFuture, "a moment in the future",
     "It says what has happened before; a moment that is still to come would make it happen for ever.",
     "apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: bounce}\nspec: {target: Example/web, "
     "restart: {startedBefore: 2999-01-01T00:00:00Z}}\n",
     "Give a moment that has passed."},
    {kRule, "against a rule of the kind", "Every field is right by itself, but together they are not.",
     "name: web\ndeadline: 50s\ninterval: 10s\n", "See the message: each rule says what it protects."},

    {kApiVersion, "another version of the language",
     "A document for another program, or for another version of this one, must not be guessed at.",
     "apiVersion: apps/v1\nkind: Example\nmetadata: {name: web}\nspec: {name: web}\n",
     "Write apiVersion: holdfast/v1, or take the file out of the directory."},
    {kUnknownKind, "an unknown kind", "Nothing here knows how to read this document.",
     "apiVersion: holdfast/v1\nkind: Exmaple\nmetadata: {name: web}\nspec: {name: web}\n",
     "Correct the name; `holdfast explain` lists the kinds."},
    {kOperationVerb, "an unknown operation", "The target's kind does not know it.",
     "apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: bounce}\nspec: {target: Example/web, "
     "restrat: {}}\n",
     "Use one of the operations that the message names."},
    {kOperationTarget, "nothing can be done to this target", "Its kind has no operations, or does not exist.",
     "apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: bounce}\nspec: {target: Exmaple/web, "
     "restart: {}}\n",
     "Correct the target."},

    {kSameName, "two documents with one kind and name",
     "Which of the two is meant would depend on the order in which files are read.",
     "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\nspec: {name: web}\n---\napiVersion: "
     "holdfast/v1\nkind: Example\nmetadata: {name: web}\nspec: {name: web2}\n",
     "Rename or remove one of them."},
    {kSameClaim, "two specs about one thing", "Each would undo what the other does.",
     "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: a}\nspec: {name: web}\n---\napiVersion: "
     "holdfast/v1\nkind: Example\nmetadata: {name: b}\nspec: {name: web}\n",
     "Let one of them go; until then neither is acted upon."},
    {kDependencyMissing, "a dependency that does not exist", "It would be waited for without end.",
     "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: a}\ndependsOn: [Example/b]\nspec: {name: "
     "web}\n",
     "Correct the name, or add the other document."},
    {kDependencyCycle, "a cycle of dependencies", "Each waits for the next one, and so nothing ever begins.",
     "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: a}\ndependsOn: [Example/a]\nspec: {name: "
     "web}\n",
     "Take one of the dependencies out."},
    {kTargetMissing, "an operation on what does not exist", "There is nothing that it could be done to.",
     "apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: bounce}\nspec: {target: Example/web, "
     "restart: {}}\n",
     "Correct the target, or add its document."},
    {kNothingThere, "no document at all",
     "An empty directory is a mistake more often than a wish: nothing is changed because of it.",
     "an empty directory",
     "Check the directory's name and that it is mounted. To end a resource, remove its document and leave "
     "the others."},
};

}  // namespace

std::string CodeText(ProblemCode code) {
  std::string digits = Cat(static_cast<unsigned>(code));
  return Cat("HF", std::string(4 - std::min<size_t>(digits.size(), 4), '0'), digits);
}

std::span<const CodeInfo> AllCodes() { return kCodes; }

const CodeInfo* FindCode(std::string_view text) {
  if (text.starts_with("HF") || text.starts_with("hf")) text.remove_prefix(2);
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return nullptr;
  for (const CodeInfo& info : kCodes)
    if (static_cast<unsigned>(info.code) == number) return &info;
  return nullptr;
}

std::string ExplainCode(const CodeInfo& info) {
  std::string out =
      Cat(CodeText(info.code), ": ", info.title, "\n\n", info.explanation, "\n\nFor example:\n\n");
  for (const std::string& line : Split(Trim(info.example), '\n')) Append(out, "    ", line, "\n");
  Append(out, "\nWhat to do: ", info.remedy, "\n");
  return out;
}

}  // namespace holdfast::specs
