#!/usr/bin/env python3
"""Verify this package offline: every file against its checksum, every event against the chain.

    python3 verify.py            in the unpacked folder; exit code 0 when everything holds, 1 when something does not

It needs Python 3.8 or later and nothing else. 校验本卷宗包：逐个文件比对校验值，逐条核对办理过程的哈希链。
"""

import hashlib
import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def check_files():
    """Sentences about files that are missing, changed or not listed."""
    found, listed = [], set()
    with open(os.path.join(HERE, "SHA256SUMS"), encoding="utf-8") as file:
        for line in file:
            expected, _, name = line.rstrip("\n").partition("  ")
            listed.add(name)
            path = os.path.join(HERE, *name.split("/"))
            if not os.path.isfile(path):
                found.append("missing file / 缺少文件: %s" % name)
            elif sha256(path) != expected:
                found.append("changed file / 文件被改动: %s" % name)
    for folder, folders, names in os.walk(HERE):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            known = os.path.relpath(os.path.join(folder, name), HERE).replace(os.sep, "/")
            if known not in listed and known != "SHA256SUMS":
                found.append("file not listed / 未登记的文件: %s" % known)
    return found


def check_chain():
    """Sentences about the first event that does not hold, and about the end of the chain."""
    with open(os.path.join(HERE, "index.json"), encoding="utf-8") as file:
        index = json.load(file)
    previous, count = b"\0" * 32, 0
    with open(os.path.join(HERE, "events.jsonl"), encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            count += 1
            seq, body = row["seq"], row["body"].encode("utf-8")
            link = hashlib.sha256(previous + body).digest()
            facts = json.loads(row["body"])
            if seq != count or facts["seq"] != count:
                return ["event %d is missing or out of order / 第%d条事件缺失或次序有误" % (count, count)], count
            if link.hex() != row["hash"]:
                return ["event %d was changed / 第%d条事件被改动" % (seq, seq)], count
            words = row.get("text") or ""
            digest = hashlib.sha256(words.encode("utf-8")).hexdigest() if words else ""
            if not row.get("erased") and digest != facts.get("text", ""):
                return ["the words of event %d were changed / 第%d条事件的文字被改动" % (seq, seq)], count
            previous = link
    if count != index["events"] or previous.hex() != index["head"]:
        return ["the chain ends too early: %d of %d events / 事件链不完整" % (count, index["events"])], count
    return [], count


def main():
    found = check_files()
    broken, count = check_chain()
    found += broken
    for sentence in found:
        print("FAULT / 异常: " + sentence)
    if found:
        return 1
    print("OK / 校验通过: %d events, every file as listed / 事件%d条，文件全部一致" % (count, count))
    return 0


if __name__ == "__main__":
    sys.exit(main())
