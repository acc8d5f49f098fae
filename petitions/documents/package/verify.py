#!/usr/bin/env python3
"""Verify this package offline: every file against its checksum, every event against the chain.

    python3 verify.py            in the unpacked folder; exit code 0 when everything holds, 1 when something does not

It needs Python 3.8 or later and nothing else. 校验本卷宗包：逐个文件比对校验值，逐条核对办理过程的哈希链。
"""

import hashlib
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def sha256(path):
    """SHA-256 of a file, as hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()


def check_files():
    """Sentences about files that are missing, changed or not listed."""
    found, listed = [], {"SHA256SUMS"}
    for line in (HERE / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        expected, _, name = line.partition("  ")
        listed.add(name)
        path = HERE / name
        if not path.is_file():
            found.append(f"missing file / 缺少文件: {name}")
        elif sha256(path) != expected:
            found.append(f"changed file / 文件被改动: {name}")
    for path in sorted(HERE.rglob("*")):
        name = path.relative_to(HERE).as_posix()
        if path.is_file() and name not in listed and "__pycache__" not in path.parts:
            found.append(f"file not listed / 未登记的文件: {name}")
    return found


def check_chain():
    """Sentences about the first event that does not hold or about the end of the chain; how many events there are."""
    index = json.loads((HERE / "index.json").read_text(encoding="utf-8"))
    previous, count = b"\0" * 32, 0
    for line in (HERE / "events.jsonl").read_bytes().decode("utf-8").split("\n"):
        if not line:
            continue
        row = json.loads(line)
        count += 1
        seq, facts = row["seq"], json.loads(row["body"])
        if seq != count or facts["seq"] != count:
            return [f"event {count} is missing or out of order / 第{count}条事件缺失或次序有误"], count
        previous = hashlib.sha256(previous + row["body"].encode("utf-8")).digest()
        if previous.hex() != row["hash"]:
            return [f"event {seq} was changed / 第{seq}条事件被改动"], count
        words = row.get("text") or ""
        digest = hashlib.sha256(words.encode("utf-8")).hexdigest() if words else ""
        is_left_out = row.get("erased") or row.get("withheld")
        if not is_left_out and digest != facts.get("text", ""):
            return [f"the words of event {seq} were changed / 第{seq}条事件的文字被改动"], count
    if count != index["events"] or previous.hex() != index["head"]:
        return [f"the chain ends too early: {count} of {index['events']} events / 事件链不完整"], count
    return [], count


def main():
    """Print what is wrong, or that everything holds."""
    broken, count = check_chain()
    found = [*check_files(), *broken]
    for sentence in found:
        print(f"FAULT / 异常: {sentence}")
    if not found:
        print(f"OK / 校验通过: {count} events, every file as listed / 事件{count}条，文件全部一致")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
