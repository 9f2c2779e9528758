#!/usr/bin/env python3
# ordo: extract.py OUTPUT FILE...: makes one source of the code blocks of README.md and of the doc comments.
# SPDX-License-Identifier: BSL-1.0
#
# Blocks are ```cpp in Markdown and @code in `///` comments. Each gets a namespace of its own; what consists of statements
# becomes the body of a coroutine. #line makes the compiler name the block where it stands. Fails for a block that it
# does not take and that is not listed here.
import re
import sys
from pathlib import Path

# Languages that are not compiled, and why.
OTHER_LANGUAGES = {
    "sh": "commands; test/run and samples/run are what runs everything else",
    "text": "what programs print",
    "cmake": "the projects in test/consumer are configured and built",
}
# Blocks that are not compiled: {("README.md", "its first line"): "why"}.
NOT_COMPILED = {}

DECLARATION = re.compile(r"(#include|struct|class|template|namespace|using|[\w:<>,&* ]+ \w+\([^;]*\)( const| noexcept)? \{)")
FENCE = re.compile(r"^(\s*)(```|~~~)\s*(\w*)\s*$")
CODE = re.compile(r"^\s*/// @code(?:\{\.(\w+)\})?$")


def blocks(path):
    """Yields (number of the first line, language, lines) for each block."""
    lines = path.read_text().splitlines()
    opened = None
    for number, line in enumerate(lines, 1):
        if path.suffix == ".md":
            fence = FENCE.match(line)
            begins, ends, language = fence and not opened, fence and opened, fence and fence[3]
        else:
            code = CODE.match(line)
            begins, ends, language = code, opened and line.strip() == "/// @endcode", code and (code[1] or "cpp")
        if begins:
            opened = (number + 1, language, [])
        elif ends:
            yield opened
            opened = None
        elif opened:
            opened[2].append(line if path.suffix == ".md" else re.sub(r"^\s*/// ?", "", line))
    if opened:
        sys.exit(f"{path}:{opened[0] - 1}: the block does not end")


def is_compiled(path, number, language, lines):
    if language in OTHER_LANGUAGES or (path.name, lines[0]) in NOT_COMPILED:
        return False
    if language != "cpp":
        sys.exit(f"{path}:{number - 1}: a block of the language '{language}', which is not compiled; see {__file__}")
    return True


def namespace(index, path, number, lines):
    """The block, without its #includes."""
    code = [re.sub(r"^#include.*", "", line) for line in lines]
    if not any(DECLARATION.match(line) for line in lines):
        code = ["ordo::coro<> block() {", f'#line {number} "{path}"', *code, "co_return;", "}"]
    return [f"namespace block_{index} {{", f'#line {number} "{path}"', *code, "}"]


def main(output, *paths):
    found = [(path, *block) for path in map(Path, paths) for block in blocks(path) if is_compiled(path, *block)]
    source = ['#include "prelude.hpp"']
    for path, number, _, lines in found:
        for offset, line in enumerate(lines):
            if line.startswith("#include"):
                source += [f'#line {number + offset} "{path}"', line]
    for index, (path, number, _, lines) in enumerate(found):
        source += namespace(index, path, number, lines)
    Path(output).write_text("\n".join(source) + "\n")
    print(f"{len(found)} blocks of {len(paths)} files")


main(*sys.argv[1:])
