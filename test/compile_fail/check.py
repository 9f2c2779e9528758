#!/usr/bin/env python3
# ordo: check.py COMPILE_COMMANDS SOURCE [FAULT [--harmless]]: does the source compile, and with the fault not?
# SPDX-License-Identifier: BSL-1.0
#
# A fault is a macro; the line of the source that asks for it ends with `// words`, which must be in an error or note;
# `// words of one compiler | of another` where they have no words in common.
# --harmless: the fault must compile, too. The compiler is called as for the object file of the source, so that the precompiled header serves here, too.
import json
import re
import shlex
import subprocess
import sys

commands, source, *fault = sys.argv[1:]
harmless = fault[1:] == ["--harmless"]
fault = fault[:1]
with open(commands) as file:
    entry = next(entry for entry in json.load(file) if entry["file"] == source)
arguments = shlex.split(entry["command"])
at = arguments.index("-o")
arguments[at : at + 2] = ["-fsyntax-only", *(f"-D{name}" for name in fault)]
compiler = subprocess.run(arguments, cwd=entry["directory"], capture_output=True, text=True)

if not fault or harmless:
    print(compiler.stderr, end="")
    sys.exit(compiler.returncode != 0 or compiler.stderr != "")

with open(source) as file:
    words = re.search(rf"^#.*\b{fault[0]} +// (.*)$", file.read(), re.M)[1].split(" | ")
said = [line for line in compiler.stderr.splitlines() if re.search("error: |note: ", line)]
print(compiler.stderr, end="")
if compiler.returncode == 0:
    sys.exit(f"{fault[0]} compiles")
if not any(text in line for text in words for line in said):
    sys.exit(f"{fault[0]}: the compiler does not say: {' or '.join(words)}")
