#!/usr/bin/env python3
"""Takes one guard after the other out of the product and expects a test to notice.

Usage: run.py BUILD [--jobs N] [LIST.txt …]
       run.py --stale [LIST.txt …]    only says which lines do not fit the sources any more

BUILD is a debug build folder in which the named tests are built and green. Nothing in the tree is touched: the
changed source is compiled in a temporary folder with the command that the build has for it, and linked in front
of the library that holds the true one. Without lists all that lie beside this program are run.

A line of a list: FILE|exact text|replacement|TEST[:FILTER] ["\\n" stands for a line break, a `|` beside another
one is C++, `#` begins a comment line; one that says "all in TEST" leaves FILTER alone for the lines]. The text stands exactly once in FILE; TEST is a program of ctest, FILTER is
gtest's. Prints the changes that no test noticed; the exit code is 0 when there are none, 1 when one survived, 2 when
a line could not be tried.
"""
import argparse
import concurrent.futures
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS_OF_TEST = 120
SKIPPED = 77
DROPPED_WITH_VALUE = ("-MF", "-MT", "-o", "-c")


class Line:
    def __init__(self, where, text, program):
        file, _, rest = text.partition("|")
        middle, _, test = rest.rpartition("|")
        fields = [middle[:-1], ""] if middle.endswith("|") else re.split(r"(?<!\|)\|(?!\|)", middle)
        if len(fields) != 2:
            raise SystemExit(f"{where}: not FILE|text|replacement|TEST[:FILTER]")
        self.where, self.file = where, file
        self.before, self.after = (field.replace("\\n", "\n") for field in fields)
        self.test, _, self.filter = test.partition(":") if not program else (program, ":", test)


def lines_of(paths):
    out = []
    for path in paths:
        program = None
        for number, text in enumerate(path.read_text().splitlines(), 1):
            if text.startswith("#"):
                named = re.search(r"all in (\w+)", text)
                program = named[1] if named else program
            elif text.strip():
                out.append(Line(f"{path.name}:{number}", text, program))
    return out


def words_of(command):
    """The words of one command of ninja, without what CMake puts around a link."""
    words = shlex.split(command.split("&&", 1)[1] if command.startswith(": &&") else command)
    return words[: words.index("&&")] if "&&" in words else words


class Build:
    def __init__(self, folder):
        self.folder = folder
        self.known = {}

    def commands(self, test):
        if test not in self.known:
            told = subprocess.run(["ninja", "-C", self.folder, "-t", "commands", test], capture_output=True, text=True,
                                  check=True).stdout.splitlines()
            self.known[test] = [words_of(c) for c in told if not c.startswith("ninja:")]
        return self.known[test]

    def compile_words(self, test, source):
        for words in self.commands(test):
            if "-c" in words and words[words.index("-c") + 1] == str(source):
                out, skip = [], False
                for word in words:
                    if skip:
                        skip = False
                    elif word in DROPPED_WITH_VALUE:
                        skip = True
                    elif word != "-MD":
                        out.append(word)
                return out
        raise LookupError(f"{test} is not made of {source}")

    def link_words(self, test, mutant, program):
        words = self.commands(test)[-1]
        out = words[:]
        out[out.index("-o") + 1] = str(program)
        first = next(i for i, word in enumerate(out) if word.endswith(".a"))
        return out[:first] + [str(mutant)] + out[first:]

    def program(self, test):
        words = self.commands(test)[-1]
        return self.folder / words[words.index("-o") + 1]


def run_test(program, gtest_filter):
    words = [str(program)] + ([f"--gtest_filter={gtest_filter}"] if gtest_filter else [])
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=SECONDS_OF_TEST, check=False)
    except subprocess.TimeoutExpired:
        return "hung"
    if done.returncode == 0 and " 0 tests from" in done.stdout:
        return "ran nothing"
    return "passed" if done.returncode in (0, SKIPPED) else "failed"


def try_line(line, build):
    """"noticed", "SURVIVED", or why it could not be tried."""
    source = ROOT / line.file
    text = source.read_text()
    if text.count(line.before) != 1:
        return f"the text stands {text.count(line.before)} times in {line.file}"
    if run_test(build.program(line.test), line.filter) != "passed":
        return f"{line.test} does not pass as it is"
    with tempfile.TemporaryDirectory(prefix="holdfast-mutation-") as scratch:
        scratch = pathlib.Path(scratch)
        changed, mutant, program = scratch / source.name, scratch / "mutant.o", scratch / line.test
        changed.write_text(text.replace(line.before, line.after))
        try:
            steps = (build.compile_words(line.test, source) + ["-w", "-c", str(changed), "-o", str(mutant)],
                     build.link_words(line.test, mutant, program))
        except LookupError as error:
            return str(error)
        for words in steps:
            made = subprocess.run(words, cwd=build.folder, capture_output=True, text=True, check=False)
            if made.returncode != 0:
                return "does not compile: " + next((l for l in made.stderr.splitlines() if "error" in l), "?")
        return "SURVIVED" if run_test(program, line.filter) == "passed" else "noticed"


def stale(lines):
    """How many lines do not say which text of which source they change; each is printed."""
    count = 0
    for line in lines:
        source = ROOT / line.file
        times = source.read_text().count(line.before) if source.exists() else 0
        if times != 1:
            print(f"{line.where} {line.file}: {line.before!r} stands there {times} times")
            count += 1
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("paths", nargs="*", type=pathlib.Path, metavar="BUILD | LIST.txt")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--stale", action="store_true")
    arguments = parser.parse_intermixed_args()
    lists = [path for path in arguments.paths if path.suffix == ".txt"]
    folders = [path for path in arguments.paths if path.suffix != ".txt"]
    lines = lines_of(lists or sorted(pathlib.Path(__file__).parent.glob("*.txt")))
    if arguments.stale:
        return 2 if stale(lines) else 0
    if len(folders) != 1:
        parser.error("one build folder is needed")
    build = Build(folders[0].resolve())
    for test in sorted({line.test for line in lines}):
        build.commands(test)
    answers = []
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for line, answer in zip(lines, pool.map(lambda l: try_line(l, build), lines)):
            answers.append(answer)
            print(f"{answer:9} {line.where} {line.file}: {line.before!r} -> {line.after!r}", flush=True)
    survived = answers.count("SURVIVED")
    untried = len(answers) - survived - answers.count("noticed")
    print(f"{len(answers)} changes: {answers.count('noticed')} noticed, {survived} survived, {untried} not tried")
    return 2 if untried else 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
