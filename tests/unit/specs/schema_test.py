#!/usr/bin/python3
"""The JSON Schema and the decoder accept and refuse the same documents.

Usage: schema_test.py PROGRAM, where PROGRAM is schema_dump. The judge of the schema is python3-jsonschema, of YAML PyYAML:
neither knows anything of ours.
"""
import json
import subprocess
import sys

import jsonschema
import yaml


class Editor(yaml.SafeLoader):
    """YAML as editors see it: times stay text."""


Editor.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}

HEAD = "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\nspec:\n"
GOOD_SPECS = [
    "name: web", "name: web\nport: 1", "name: web\nport: 65535", "name: web\nmost: 5000000000", "name: web\nweight: 0.5",
    "name: web\nweight: 3", "name: web\nweight: 2.0e+0", "name: web\nloud: true", "name: web\nunit: web@blue", "name: web\ndeadline: 10s",
    "name: web\ninterval: 1h30m", "name: web\ninterval: 1w2d3h4m5s6ms", "name: web\nshare: 0%", "name: web\nshare: 100%",
    "name: web\nshare: 99.5%", "name: web\nmaxUnavailable: 0", "name: web\nmaxUnavailable: 25%", "name: web\nmemory: 1GiB",
    "name: web\nmemory: 100mb", "name: web\nhosts: nn1", "name: web\nhosts: \"dn[01-20]\"", "name: web\nhosts: [\"dn[1-3,7]-a\", nn1]",
    "name: web\ncolour: red", "name: web\ncolours: []", "name: web\ncolours: [red, green]", "name: web\ntags: [a, b, c]",
    "name: web\nlabels: {a: b, c: \"\"}", "name: web\nlimits: {cpu: 2}", "name: web\nprobe: {}", "name: web\nprobe: {port: 1, path: /x}",
    "name: web\nparts: []", "name: web\nparts: [{name: a, hosts: b, probe: {redis: {}}, settle: 0}]",
    "name: web\nprobes: {a: {port: 1}}", "name: web\ncontrol: {systemd: {unit: a}}", "name: web\ncontrol: {sysv: {service: a}}",
    "name: web\nonManualStop: heal", "name: web\nonManualStop: {hold: 1h}", "name: web\nreadyWhen: all", "name: web\nreadyWhen: majority",
    "name: web\nreadyWhen: 3", "name: web\nreadyWhen: 60%", "name: web\npassword: {valueFrom: {file: /a}}",
    "name: web\npassword: {valueFrom: {exec: [sops, -d, a]}}", "name: web\nafter: Example/a", "name: web\nstart: [a, \"\"]",
    "name: web\nnotify: ops", "name: web\nnotify: [ops, dev]", "name: web\nselector: {ip: 10.0.0.1}",
    "name: web\nselector: {attributes: {zone: spot}}", "name: web\nsocket: /a", "name: web\nurl: http://a",
    "name: web\nuntil: 2026-11-23T18:00:00Z\nreason: a", "name: web\nuntil: 2026-11-23T18:00:00.5+01:00\nreason: a",
]
BAD_SPECS = [
    "port: 80", "name: 12", "name: no", "name: \"\"", "name:", "name: [a]", "name: {a: b}", "name: web\nprot: 80", "name: web\nport: 0",
    "name: web\nport: 65536", "name: web\nport: \"80\"", "name: web\nport: 1.5", "name: web\nport: many", "name: web\nport: true",
    "name: web\nweight: 0.4", "name: web\nweight: a", "name: web\nweight: 2e0", "name: web\nloud: \"true\"", "name: web\nloud: 1", "name: web\nunit: Web", "name: web\nunit: a b",
    "name: web\ndeadline: 10", "name: web\ndeadline: 10 s", "name: web\ndeadline: 1m1h", "name: web\ndeadline: -1s", "name: web\ndeadline: \"\"",
    "name: web\nshare: 50", "name: web\nshare: 101%", "name: web\nshare: -1%", "name: web\nmaxUnavailable: -1", "name: web\nmaxUnavailable: \"3\"",
    "name: web\nmaxUnavailable: 120%", "name: web\nmemory: 1024", "name: web\nmemory: 1GB", "name: web\nmemory: 1.5GiB", "name: web\nhosts: []",
    "name: web\nhosts: \"a b\"", "name: web\nhosts: \"dn[a-b]\"", "name: web\nhosts: \"dn[1-2\"", "name: web\nhosts: {a: b}", "name: web\ncolour: blue",
    "name: web\ncolours: [red, blue]", "name: web\ncolours: [red, red, red]", "name: web\ncolours: red", "name: web\ntags: [a, b, c, d]",
    "name: web\ntags: [A]", "name: web\nlabels: {a: 1}", "name: web\nlabels: [a]", "name: web\nlimits: {cpu: -1}", "name: web\nprobe: []",
    "name: web\nprobe: {port: 0}", "name: web\nparts: {}", "name: web\nparts: [{}]", "name: web\nparts: [{name: a, probe: {}}]",
    "name: web\nparts: [{name: a, probe: {redis: {}, http: {}}}]", "name: web\nparts: [{name: a, probe: {tcp: {}}}]",
    "name: web\nparts: [{name: a, settle: -1}]", "name: web\ncontrol: systemd", "name: web\ncontrol: {systemd: {}}", "name: web\ncontrol: {systemd: }",
    "name: web\nonManualStop: fight", "name: web\nonManualStop: {hold: 1}", "name: web\nonManualStop: {heal: {}}", "name: web\nreadyWhen: some",
    "name: web\nreadyWhen: 200%", "name: web\nreadyWhen: [all]", "name: web\npassword: clear", "name: web\npassword: {valueFrom: clear}",
    "name: web\npassword: {valueFrom: {file: a, env: b}}", "name: web\npassword: {file: a}", "name: web\npassword: {valueFrom: {exec: a b}}",
    "name: web\nafter: storage", "name: web\nafter: example/a", "name: web\nstart: a b", "name: web\nstart: []", "name: web\nstart: [1]",
    "name: web\nnotify: []", "name: web\nnotify: 1", "name: web\nselector: {}", "name: web\nselector: {zone: a}",
    "name: web\nselector: {attributes: {}}", "name: web\nsocket: /a\nurl: http://a", "name: web\nuntil: 2026-11-23T18:00:00Z", "name: web\nreason: a",
    "name: web\nuntil: 2026-11-23 18:00\nreason: a", "name: web\nuntil: 2026-11-23T18:00:00\nreason: a", "[]", "web",
]
SPEC = "spec: {name: web}\n"
GOOD_DOCUMENTS = [
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web-1.a, labels: {a: b}, annotations: {a: \"\"}}\n" + SPEC,
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\ndependsOn: [Example/a]\npolicy: {mode: act, interval: 10s, prune: true}\n" + SPEC,
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\npolicy: {mode: {reversible: act, destructive: propose}}\n" + SPEC,
]
BAD_DOCUMENTS = [
    "apiVersion: apps/v1\nkind: Example\nmetadata: {name: web}\n" + SPEC, "kind: Example\nmetadata: {name: web}\n" + SPEC,
    "apiVersion: holdfast/v1\nkind: Exmaple\nmetadata: {name: web}\n" + SPEC, "apiVersion: holdfast/v1\nkind: Example\nmetadata: {}\n" + SPEC,
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: Web_1}\n" + SPEC, "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\n",
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\ndependsOn: Example/a\n" + SPEC,
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\npolicy: {mode: on}\n" + SPEC,
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\npolicy: {mode: {all: act}}\n" + SPEC,
    "apiVersion: holdfast/v1\nkind: Example\nmetadata: {name: web}\nstatus: {}\n" + SPEC,
]
OPERATION = "apiVersion: holdfast/v1\nkind: Operation\nmetadata: {name: bounce}\nspec: "
GOOD_OPERATIONS = [
    OPERATION + "{target: Example/web, restart: {}}",
    OPERATION + "{target: Example/web, notAfter: 2026-11-21T00:00:00Z, restart: {startedBefore: 2026-01-01T00:00:00Z}}",
]
BAD_OPERATIONS = [
    OPERATION + "{target: Example/web}", OPERATION + "{target: Quiet/web, restart: {}}", OPERATION + "{restart: {}}",
    OPERATION + "{target: Example/web, stop: {}}", OPERATION + "{target: Example/web, restart: {after: 1}}",
    OPERATION + "{target: Example/web, notAfter: 5m, restart: {}}",
]
# What a schema cannot say: the decoder knows more. Here it may only be the stricter one.
ONLY_DECODER = [
    HEAD + "  " + spec.replace("\n", "\n  ")
    for spec in (
        "name: web\ndeadline: 2m", "name: web\nhosts: \"dn[20-01]\"", "name: web\nhosts: [a, a]", "name: web\nport: 0x10",
        "name: web\nuntil: 2026-13-41T18:00:00Z\nreason: a", "name: web\ndeadline: 20s\ninterval: 10s", "name: web\nmemory: 1B",
    )
]


def whole(spec):
    return HEAD + "  " + spec.replace("\n", "\n  ")


def main():
    examples = (
        [("Example", text, True) for text in [whole(s) for s in GOOD_SPECS] + GOOD_DOCUMENTS]
        + [("Example", text, False) for text in [whole(s) for s in BAD_SPECS] + BAD_DOCUMENTS]
        + [("Operation", text, True) for text in GOOD_OPERATIONS]
        + [("Operation", text, False) for text in BAD_OPERATIONS]
        + [("decoder", text, False) for text in ONLY_DECODER]
    )
    told = "\n====\n".join(text.rstrip("\n") for _, text, _ in examples)
    answer = json.loads(subprocess.run([sys.argv[1]], input=told.encode(), stdout=subprocess.PIPE, check=True).stdout)
    judges = {}
    for kind, schema in (("Example", answer["schema"]), ("Operation", answer["operation"])):
        jsonschema.Draft7Validator.check_schema(schema)
        judges[kind] = jsonschema.Draft7Validator(schema)
    judges["decoder"] = judges["Example"]
    assert len(answer["accepted"]) == len(examples), (len(answer["accepted"]), len(examples))
    wrong = 0
    for (kind, text, good), decoder in zip(examples, answer["accepted"]):
        schema = judges[kind].is_valid(yaml.load(text, Loader=Editor))
        if decoder != good or (kind != "decoder" and schema != good):
            wrong += 1
            print(f"should be {'accepted' if good else 'refused'}; decoder accepts: {decoder}, schema accepts: {schema}\n{text}\n")
    print(f"{len(examples)} documents, {wrong} disagreements")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
