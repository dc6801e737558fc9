#!/usr/bin/env python3
"""Reads the sources and fails where they break a rule of the house. Prints lengths as a table.

Usage: tidy.py ROOT [--lengths]
"""
import collections
import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])

# ── layering: who may include whom; the arrows of ARCHITECTURE.md ──
LAYERS = {
    "controller/base": [],
    "specs": ["controller/base"],
    "controller/world": ["controller/base"],
    "controller/world/real": ["controller/base", "controller/world"],
    "metrics": ["controller/base"],
    "controller/plan": ["controller/base", "specs", "controller/world", "metrics"],
    "controller/kind": ["controller/base", "specs", "controller/world", "controller/plan", "metrics"],
    "controller/journal": ["controller/base", "specs", "controller/world", "controller/plan", "controller/kind", "metrics"],
    "controller/engine": ["controller/base", "specs", "controller/world", "controller/plan", "controller/kind",
                          "controller/journal", "metrics"],
    "controller/source": ["controller/base", "specs", "controller/world", "controller/plan", "controller/kind",
                          "controller/journal", "controller/engine", "metrics"],
    "controller/api": ["controller/base", "specs", "controller/world", "controller/world/real", "controller/plan",
                       "controller/kind", "controller/journal", "controller/engine", "controller/source", "metrics"],
    "controller/cli": ["*"],
    "controller": ["*"],           # main.cc and host: where all meet
    "reconcilers": ["controller/kind", "controller/plan", "controller/world", "controller/base", "specs", "metrics", "examples"],
    "examples": ["*"],
    "tests": ["*"],
}
# ── third-party libraries: each has one home ──
HOMES = {
    r"<yaml-cpp/": ["specs", "tests/bench"],
    r"<sqlite3\.h>": ["controller/journal", "tests"],
    r"<prometheus/": ["metrics"],
    r"<pugixml": ["reconcilers/clients", "examples/sandbox", "tests"],
    r"<boost/beast": ["controller/world/real", "controller/api", "examples/sandbox", "tests"],
    r"<openssl/": ["controller/base", "controller/world/real", "tests"],
    r"<re2/": ["specs", "reconcilers/clients", "reconcilers/service_stack"],
    r"<CLI/": ["controller/cli"],
    r"<fmt/": ["controller/cli"],
    r"<gtest/|<gmock/|<rapidcheck": ["tests"],
}
# ── only controller/world/real asks the machine ──
BANNED = {
    r"\bsystem_clock::now\b|\babsl::Now\(": "the time comes from Clock",
    r"\bsteady_clock::now\b": "the time comes from Clock",
    r"\b(?:std::)?(?:rand|srand|random_device)\b\s*[({]": "chance comes from Random",
    r"\bgetenv\s*\(": "the environment is read once, in main",
    r"(?<![\w.:>])(?:::)?(?:sleep|usleep|nanosleep)\s*\(": "waiting goes through Clock",
    r"(?<![\w.>])::(?:socket|connect|fork|execv\w*|posix_spawn\w*|open|openat|kill)\s*\(": "system calls live in controller/world/real",
    r"\bstd::system\s*\(|\bpopen\s*\(": "programs run through Commands, never by a shell",
    r"\bstd::(?:i|o)?fstream\b": "files go through Files",
    r"\bstd::regex\b": "std::regex recurses without bound: RE2",
    r"\bas<(?:int|bool|std::string|double)\w*>\(\)": "yaml-cpp's as<>() guesses",
}
MAY_ASK = ("controller/world/real/", "tests/", "controller/main.cc", "examples/sandbox/", "examples/quickstart/")
MARKS = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b|[Nn]ot (?:yet )?implemented")
WORKPLACE = re.compile(r"\bissue #?\d+\b(?!.*(?:elasticsearch|github))")

problems = []


def sources():
    for top in ("controller", "specs", "reconcilers", "metrics", "examples", "tests"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".h", ".cc") and "build" not in path.parts:
                yield path


def layer_of(relative):
    best = ""
    for layer in LAYERS:
        if relative.startswith(layer + "/") and len(layer) > len(best):
            best = layer
    return best


def check_includes(relative, number, line):
    match = re.match(r'\s*#include "([^"]+)"', line)
    if not match:
        return
    included = match.group(1)
    if "/" not in included:
        problems.append(f"{relative}:{number}: include \"{included}\" from the repository's root")
        return
    mine, theirs = layer_of(relative), layer_of(included)
    allowed = LAYERS[mine]
    if "*" in allowed or theirs == mine:
        return
    if mine == "reconcilers" and theirs == "reconcilers":
        return
    if theirs not in allowed:
        problems.append(f"{relative}:{number}: {mine or 'the root'} must not know {included}")


def kind_folders():
    return sorted(p.name for p in (ROOT / "reconcilers").iterdir() if p.is_dir() and p.name not in ("clients", "aws"))


def check_kinds():
    kinds_cc = (ROOT / "reconcilers/kinds.cc").read_text()
    for folder in kind_folders():
        for name in ("spec.h", "observe.cc", "decide.cc", "kind.h"):
            if not (ROOT / "reconcilers" / folder / name).exists():
                problems.append(f"reconcilers/{folder}: {name} is missing")
        header = (ROOT / "reconcilers" / folder / "kind.h").read_text()
        names = re.findall(r'kName = "(\w+)"', header)
        for name in names:
            if f"Erase<{name}>" not in kinds_cc:
                problems.append(f"reconcilers/kinds.cc: {name} is not in the list")
            for what in (ROOT / f"examples/{name}.yaml", ROOT / f"docs/kinds/{name}.md"):
                if not what.exists():
                    problems.append(f"{what.relative_to(ROOT)} is missing: every kind has an example and a page")
            for path in sorted((ROOT / "controller/engine").glob("*")):
                if re.search(rf"\b{name}\b", path.read_text()):
                    problems.append(f"{path.relative_to(ROOT)}: the engine names the kind {name}")
        if not (ROOT / "tests/unit" / folder).is_dir():
            problems.append(f"tests/unit/{folder} is missing: every kind has tests")
        other = [f for f in kind_folders() if f != folder]
        for path in (ROOT / "reconcilers" / folder).glob("*"):
            for f in other:
                if f"reconcilers/{f}/" in path.read_text():
                    problems.append(f"{path.relative_to(ROOT)}: a kind knows nothing of another kind ({f})")


def check_file(path):
    relative = str(path.relative_to(ROOT))
    text = path.read_text()
    lines = text.splitlines()
    if path.suffix == ".h":
        if not lines or not lines[0].startswith("//"):
            problems.append(f"{relative}:1: a header begins with one sentence that says its idea")
        if "#pragma once" not in text:
            problems.append(f"{relative}: no #pragma once")
    for number, line in enumerate(lines, 1):
        check_includes(relative, number, line)
        for pattern, homes in HOMES.items():
            if "#include" in line and re.search(pattern, line) and not any(relative.startswith(h) for h in homes):
                problems.append(f"{relative}:{number}: {line.strip()}: the home of this library is {homes[0]}")
        code = line.split("//")[0]
        if not relative.startswith(MAY_ASK):
            for pattern, why in BANNED.items():
                if re.search(pattern, code):
                    problems.append(f"{relative}:{number}: {code.strip()[:60]}: {why}")
        if MARKS.search(line):
            problems.append(f"{relative}:{number}: unfinished: {line.strip()[:70]}")
        if WORKPLACE.search(line):
            problems.append(f"{relative}:{number}: the project speaks of itself alone: {line.strip()[:70]}")


def lengths():
    rows = collections.defaultdict(list)
    for path in sources():
        relative = str(path.relative_to(ROOT))
        rows[layer_of(relative) or "."].append((len(path.read_text().splitlines()), relative))
    print(f"{'folder':28} files  lines  median  p90  longest")
    for layer, files in sorted(rows.items()):
        counts = sorted(n for n, _ in files)
        longest = max(files)
        print(f"{layer:28} {len(files):5} {sum(counts):6} {counts[len(counts) // 2]:7} {counts[len(counts) * 9 // 10]:4}  {longest[0]} {longest[1]}")


for source in sources():
    check_file(source)
check_kinds()
lengths()
if problems:
    print(f"\n{len(problems)} problems:")
    print("\n".join(problems))
    sys.exit(1)
print("\nno problem")
