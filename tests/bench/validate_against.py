#!/usr/bin/env python3
"""`holdfast validate` against check-jsonschema with holdfast's own schema, over the same files in the same run.

    tests/bench/validate_against.py HOLDFAST [SPECS] [REPETITIONS]      1,000 specs, 3 repetitions

check-jsonschema comes from PyPI into an environment of its own beside HOLDFAST; when it cannot be had, this says
so. Both are measured as whole programs, and without what each takes for a single file.
"""
import pathlib
import subprocess
import sys
import tempfile
import time
import venv

SPEC = """apiVersion: holdfast/v1
kind: ServiceStack
metadata:
  name: site-{n}
  labels: {{team: search, site: east}}
policy:
  mode: {{reversible: act, disruptive: act, destructive: propose}}
  interval: 15s
spec:
  layers:
    - name: coordination
      services:
        - name: zookeeper
          component: zookeeper
          hosts: [zk1-{n}, zk2-{n}, zk3-{n}]
          control: {{systemd: {{unit: zookeeper}}}}
          probe: {{zookeeper: {{port: 2181, deadline: 3s}}}}
          via: {{ssh: {{user: ops, port: 22}}}}
          layerReadyWhen: majority
          maxUnavailable: 1
          settle: 10s
    - name: front   # what people see
      services:
        - name: web
          control: {{supervisord: {{socket: /run/site-{n}.sock, program: web}}}}
          probe:
            http:
              port: 8080
              path: /healthz
          restartBudget: {{limit: 6, per: 1h, gap: 5m}}
          onManualStop: {{hold: 1h}}
        - name: mailer
          control:
            command:
              start: [/opt/mailer-{n}/bin/mailer, start]
              stop: [/opt/mailer-{n}/bin/mailer, stop]
              status: [/opt/mailer-{n}/bin/mailer, status]
"""


def checker(beside):
    """The path of check-jsonschema; a sentence why there is none otherwise."""
    home = beside / "venv-check-jsonschema"
    program = home / "bin" / "check-jsonschema"
    if program.exists():
        return program, None
    try:
        venv.create(home, with_pip=True)
        done = subprocess.run([home / "bin" / "pip", "install", "-q", "check-jsonschema"], capture_output=True, text=True)
    except (OSError, subprocess.SubprocessError) as error:
        return None, f"no environment of its own for check-jsonschema: {error}"
    if done.returncode != 0 or not program.exists():
        return None, "check-jsonschema cannot be installed: " + (done.stderr.strip().splitlines() or ["no reason"])[-1]
    return program, None


def seconds(argv):
    began = time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{argv[0]} refuses the specs of this bench:\n{(done.stdout + done.stderr)[:2000]}")
    return time.monotonic() - began


def main():
    holdfast = pathlib.Path(sys.argv[1]).resolve()
    specs = int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    repetitions = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    program, why_not = checker(holdfast.parent)
    if program is None:
        print("skipped:", why_not)
        return
    with tempfile.TemporaryDirectory(prefix="holdfast_validate_against_") as name:
        folder = pathlib.Path(name)
        schema = folder / "schema.json"
        schema.write_text(subprocess.run([holdfast, "schema", "ServiceStack"], check=True, capture_output=True, text=True).stdout)
        many, one = folder / "many", folder / "one"
        for place, count in ((many, specs), (one, 1)):
            place.mkdir()
            for n in range(count):
                (place / f"site-{n}.yaml").write_text(SPEC.format(n=n))
        best = {}
        for _ in range(repetitions):  # in turns, so that a busy machine slows both
            for who, argv in (("holdfast", [holdfast, "validate"]), ("check-jsonschema", [program, "--schemafile", schema])):
                for place in (many, one):
                    files = [place] if who == "holdfast" else sorted(place.iterdir())
                    took = seconds([str(word) for word in argv + files])
                    best[who, place] = min(took, best.get((who, place), took))
    print(f"{specs} specs of {len(SPEC.format(n=0))} bytes, one a file, best of {repetitions}")
    for who in ("holdfast", "check-jsonschema"):
        whole, start = best[who, many], best[who, one]
        print(f"  {who:17} {whole:8.3f} s   {whole / specs * 1e6:9.1f} us a spec   "
              f"without start-up {max(whole - start, 0) / specs * 1e6:9.1f} us a spec")
    whole = best["check-jsonschema", many] / best["holdfast", many]
    bare = [max(best[who, many] - best[who, one], 1e-9) for who in ("holdfast", "check-jsonschema")]
    print(f"  ratio check-jsonschema / holdfast: {whole:.0f} (reach 10), without start-up {bare[1] / bare[0]:.0f}")


main()
