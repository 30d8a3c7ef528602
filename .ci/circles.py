"""Names circles between the modules of a crate: files that use each other's items, directly or around a corner.

Reads `use` lines and paths as text. An item that a module only hands on (`pub use child::Item`) counts as used from where
it is defined; `mod child;` alone is no use of the child. A child module is a part of its parent, so what it uses of its
parents does not count. Tests are left out: they may look at everything.
"""

import re
from pathlib import Path

# Comments, strings and characters: nothing in them is a path. Strings first, as they may hold what looks like a comment.
NO_CODE = re.compile(r'r#"[\s\S]*?"#|b?"(?:\\.|[^"\\])*"|//[^\n]*|/\*[\s\S]*?\*/')
TESTS = re.compile(r"#\[cfg\((?:all\()?test[^\n]*\n(?:#\[[^\n]*\n)*(?:pub )?mod \w+ \{[\s\S]*?\n\}")
USE = re.compile(r"^\s*(pub(?:\([^)]*\))? )?use ([^;]+);", re.MULTILINE)
PATH = re.compile(r"(?<![\w:])((?:\w+::)+\w+)")


def expanded(tree):
    """The paths that a use tree stands for: `a::{b, c::d}` is `a::b` and `a::c::d`. A renamed item goes by its own name."""
    head, brace, rest = tree.partition("{")
    if not brace:
        return [re.sub(r"\s+as\s+\w+$", "", head.strip())]
    parts, depth, part = [], 0, ""
    for char in rest[: rest.rindex("}")]:
        depth += {"{": 1, "}": -1}.get(char, 0)
        if char == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    parts.append(part)
    return [head.strip() + path for part in parts if part.strip() for path in expanded(part.strip())]


class Crate:
    """The modules under one `src`, by their path in the crate: `()` is the root."""

    def __init__(self, source):
        self.code, self.exports = {}, {}
        for file in source.rglob("*.rs"):
            name = file.relative_to(source).with_suffix("").parts
            if "tests" in name or name in (("main",), ("build",)) and (source / "lib.rs").exists():
                continue
            module = () if name in (("lib",), ("main",)) else name[:-1] if name[-1] == "mod" else name
            self.code[module] = TESTS.sub("", NO_CODE.sub('""', file.read_text()))
        for module, code in self.code.items():
            handed = [path for public, tree in USE.findall(code) if public for path in expanded(tree)]
            self.exports[module] = {path.rpartition("::")[2]: path for path in handed}

    def absolute(self, module, path):
        """The path from the crate's root, or `None` when it leads out of the crate."""
        first, *rest = path.split("::")
        if first == "crate":
            return tuple(rest)
        if first == "self":
            return module + tuple(rest)
        while first == "super":
            module, first, rest = module[:-1], rest[0] if rest else "", rest[1:]
        if path.startswith("super"):
            return (*module, first, *rest) if first else module
        return (*module, first, *rest) if (*module, first) in self.code else None

    def defined_in(self, path, seen=()):
        """The module whose item `path` is: the deepest on the way, or the one that it only hands on."""
        for length in range(len(path), -1, -1):
            module = path[:length]
            if module not in self.code:
                continue
            handed = self.exports[module].get(path[length]) if length < len(path) else None
            if handed and (module, handed) not in seen:
                source = self.absolute(module, handed)
                if source is not None:
                    return self.defined_in(source + path[length + 1 :], (*seen, (module, handed)))
            return module
        return ()

    def uses(self, module):
        code = self.code[module]
        paths = [path for public, tree in USE.findall(code) if not public for path in expanded(tree)]
        paths += PATH.findall(USE.sub("", code))
        absolute = (self.absolute(module, path) for path in paths)
        used = {self.defined_in(path) for path in absolute if path is not None}
        return {other for other in used if other != module[: len(other)]}


def circles(source):
    """Groups of modules that use each other, as sorted lists of names."""
    crate = Crate(source)
    uses = {module: crate.uses(module) for module in crate.code}

    def reachable(module):
        found, todo = set(), [module]
        while todo:
            for used in uses[todo.pop()]:
                if used not in found:
                    found.add(used)
                    todo.append(used)
        return found

    reach = {module: reachable(module) for module in uses}
    groups = {frozenset(other for other in reach[module] if module in reach[other]) for module in uses}
    return sorted(sorted("::".join(("crate", *module)) for module in group) for group in groups if group)


if __name__ == "__main__":
    for source in sorted(Path().glob("*/*/src")) + sorted(Path("tests").glob("*/*/src")):
        for group in circles(source):
            print(f"{source}: {', '.join(group)}")
