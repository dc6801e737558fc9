#!/usr/bin/env python3
"""Reads exchanges with the simulated account, one JSON object a line, and compares them with botocore's models.

Usage: botocore_check.py FILE. Exit 77: there is no botocore here. Exit 1: findings, one a line.
"""
import json
import sys

try:
    import botocore.parsers
    import botocore.session
except ImportError:
    print("no botocore")
    sys.exit(77)

session = botocore.session.get_session()
PARSERS = {"json": "json", "query": "query", "ec2": "ec2"}
findings = []


def protocol_of(model):
    return "json" if model.service_name == "cloudwatch" else model.metadata["protocol"]


def request_name(protocol, name, shape):
    if protocol != "ec2":
        return name
    query = shape.serialization.get("queryName")
    if query:
        return query
    location = shape.serialization.get("name", name)
    return location[0].upper() + location[1:]


def answer_name(protocol, name, shape):
    return name if protocol == "json" else shape.serialization.get("name", name)


def walk(where, protocol, shape, value, name_of, typed):
    kind = shape.type_name
    if kind == "structure":
        if not isinstance(value, dict):
            if value != "":
                findings.append(f"{where}: {value!r} is no structure")
            return
        members = {name_of(protocol, name, member): member for name, member in shape.members.items()}
        for key, one in value.items():
            if key not in members:
                findings.append(f"{where}.{key}: no such member of {shape.name}")
            else:
                walk(f"{where}.{key}", protocol, members[key], one, name_of, typed)
        return
    if kind == "list":
        if value == "":
            return  # an empty list as Query has it
        if not isinstance(value, list):
            findings.append(f"{where}: {value!r} is no list")
            return
        for number, one in enumerate(value):
            walk(f"{where}[{number}]", protocol, shape.member, one, name_of, typed)
        return
    if kind == "map":
        for key, one in (value or {}).items():
            walk(f"{where}.{key}", protocol, shape.value, one, name_of, typed)
        return
    wanted = {"string": str, "integer": int, "long": int, "boolean": bool, "double": (int, float), "float": (int, float)}
    if typed and kind in wanted and not isinstance(value, wanted[kind]):
        findings.append(f"{where}: {value!r} is no {kind}")


def check(exchange):
    service, operation = exchange["service"], exchange["operation"]
    model = session.get_service_model(service)
    protocol = protocol_of(model)
    shape = model.operation_model(operation)
    where = f"{service} {operation}"
    is_json = protocol == "json"
    if shape.input_shape is not None:
        walk(f"{where} asks ", protocol, shape.input_shape, exchange["parameters"], request_name, is_json)
        for required in shape.input_shape.required_members:
            name = request_name(protocol, required, shape.input_shape.members[required])
            if name not in exchange["parameters"]:
                findings.append(f"{where} asks without {required}")
    if exchange["status"] != 200:
        return
    parser = botocore.parsers.create_parser(PARSERS[protocol])
    parsed = parser.parse(
        {"body": exchange["body"].encode(), "headers": exchange["headers"], "status_code": 200}, shape.output_shape)
    if shape.output_shape is None:
        if exchange["document"]:
            findings.append(f"{where} answers though there is nothing to say")
        return
    walk(f"{where} answers ", protocol, shape.output_shape, exchange["document"], answer_name, is_json)
    for name, member in shape.output_shape.members.items():
        told = exchange["document"].get(answer_name(protocol, name, member))
        if isinstance(told, list) and len(parsed.get(name, [])) != len(told):
            findings.append(f"{where}: of {len(told)} {name} botocore reads {len(parsed.get(name, []))}")


count = 0
for line in open(sys.argv[1]):
    check(json.loads(line))
    count += 1
print(f"{count} exchanges, {len(findings)} findings")
print("\n".join(findings))
sys.exit(1 if findings or count == 0 else 0)
