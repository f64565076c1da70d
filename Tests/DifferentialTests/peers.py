#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads messages as Python's email package and as GMime do: peers.py FOLDER

Answers a line of JSON for each of FOLDER's files 0, 1, 2 ...: {"python": [...], "gmime": [...]}. A reading is a list of
the message's parts, each before those inside it: {"type", "name", "children"} and, where there are none inside,
{"size", "sha256"} of the decoded body. Multiparts have no name. Debian's own Python, since GMime's bindings are Debian's.
"""
import email
import email.policy
import hashlib
import json
import os
import sys

import gi

gi.require_version("GMime", "3.0")
from gi.repository import GMime  # noqa: E402


def part(kind, name, children, octets):
    if children is not None:
        name = "" if kind.lower().startswith("multipart/") else name or ""
        return {"type": kind.lower(), "name": name, "children": children, "size": 0, "sha256": ""}
    return {"type": kind.lower(), "name": name or "", "children": 0, "size": len(octets),
            "sha256": hashlib.sha256(octets).hexdigest()}


def python(octets):
    found = []

    def walk(node):
        inside = node.get_payload() if node.is_multipart() else None
        body = node.get_payload(decode=True) if inside is None else b""
        found.append(part(node.get_content_type(), node.get_filename(), None if inside is None else len(inside), body))
        for each in inside or []:
            walk(each)

    walk(email.message_from_bytes(octets, policy=email.policy.default))
    return found


def gmime(octets):
    found = []

    def walk(node):
        kind = node.get_content_type().get_mime_type() if node.get_content_type() else "text/plain"
        if isinstance(node, GMime.Multipart) and node.get_count() > 0:
            found.append(part(kind, None, node.get_count(), b""))
            for index in range(node.get_count()):
                walk(node.get_part(index))
        elif isinstance(node, GMime.MessagePart):
            inner = node.get_message()
            found.append(part(kind, node.get_content_disposition_parameter("filename")
                              or node.get_content_type_parameter("name"), 1 if inner else 0, b""))
            if inner:
                walk(inner.get_mime_part())
        elif isinstance(node, GMime.Part):
            stream = GMime.StreamMem.new()
            content = node.get_content()
            if content:
                content.write_to_stream(stream)
            found.append(part(kind, node.get_filename(), None, bytes(stream.get_byte_array())))
        else:
            found.append(part(kind, None, None, b""))

    message = GMime.Parser.new_with_stream(GMime.StreamMem.new_with_buffer(octets)).construct_message(None)
    if message is None or message.get_mime_part() is None:
        return []
    walk(message.get_mime_part())
    return found


def attempt(read, octets):
    """What a reader that fails says is a reading too, one that no other shares."""
    try:
        return read(octets)
    except Exception as error:  # Whatever it is: the peer's failure is the finding.
        return [{"type": "failed", "name": f"{type(error).__name__}: {error}", "children": 0, "size": 0, "sha256": ""}]


def main():
    GMime.init()
    folder = sys.argv[1]
    for number in range(len(os.listdir(folder))):
        with open(os.path.join(folder, str(number)), "rb") as file:
            octets = file.read()
        print(json.dumps({"python": attempt(python, octets), "gmime": attempt(gmime, octets)}))


main()
