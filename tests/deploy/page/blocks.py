"""The page's parts: headings, commands, and what it shows below them."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^```(\S*) *(.*)$")


@dataclass
class Block:
    """Commands under a heading, the `number`-th there. `mode` is "", "later" (repeated until it is so) or "fails".
    `shown` is the fenced output that follows, or None."""

    heading: str
    number: int
    line: int
    mode: str
    text: str
    shown: str | None = None


def read(path):
    blocks, heading, fence = [], "", None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        found = _FENCE.match(line)
        if fence is None and found:
            fence = (found[1], found[2], number, [])
        elif fence is not None and line == "```":
            _keep(blocks, heading, *fence)
            fence = None
        elif fence is not None:
            fence[3].append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
    if fence is not None:
        raise ValueError(f"{path}:{fence[2]}: this block has no end")
    return blocks


def _keep(blocks, heading, language, mode, line, lines):
    text = "\n".join(lines) + "\n"
    if language == "sh":
        if mode not in ("", "later", "fails"):
            raise ValueError(f"line {line}: there is no mode {mode!r} of commands")
        number = 1 + sum(block.heading == heading for block in blocks)
        blocks.append(Block(heading, number, line, mode, text))
    elif language in ("text", "json"):
        if not blocks or blocks[-1].heading != heading or blocks[-1].shown is not None:
            raise ValueError(f"line {line}: this output follows no commands")
        blocks[-1].shown = text
    else:
        raise ValueError(f"line {line}: a block is sh, text or json, and not {language!r}")


def filled(blocks, values):
    """The page's placeholders, `export NAME=EXAMPLE` each once, with the test's own values; a name that the page does
    not have, or more than once, is an error."""
    for name, value in values.items():
        pattern = re.compile(rf"^export {name}=.*$", re.MULTILINE)
        places = [block for block in blocks if pattern.search(block.text)]
        if len(places) != 1 or len(pattern.findall(places[0].text)) != 1:
            raise ValueError(f"the page should have `export {name}=` once, and has it {len(places)} times")
        places[0].text = pattern.sub(lambda _: f"export {name}={value}", places[0].text)


def fits(shown, came):
    """Whether what came is what is shown; `…` stands for anything."""
    parts = [re.escape(part) for part in shown.strip().split("…")]
    return re.fullmatch("(?s:.*)".join(parts), came.strip()) is not None
