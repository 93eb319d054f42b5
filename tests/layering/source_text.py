"""C++ source text without what a simple reader would stumble over, and the functions in it."""

import re

_TOKENS = re.compile(
    r'R"(?P<delimiter>[^()\s\\]{0,16})\((?:.|\n)*?\)(?P=delimiter)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'"  # not the separator in 1'000
    r"|//[^\n]*"
    r"|/\*(?:.|\n)*?\*/"
    r"|^[ \t]*\#(?:[^\n\\]|\\(?:.|\n))*",  # preprocessor line with its continuations
    re.MULTILINE,
)


def blanked(text):
    """The text with comments, literals and directives replaced by as many lines of nothing."""

    def replacement(match):
        token = match.group()
        lines = "\n" * token.count("\n")
        return '""' + lines if token[0] in "\"R'" else lines

    return _TOKENS.sub(replacement, text)


_CONTAINER = re.compile(
    r"^(?:(?:export|inline|typedef|template\s*<.*>|\[\[.*?\]\]|requires\b.*)\s*)*"
    r"(?:(?:namespace|class|struct|union|enum)(?:\s|$)(?!.*\)\s*$)|extern\s*\"\"\s*$)",
    re.DOTALL,
)
_CONSTRUCTOR_LIST = re.compile(r"\)\s*(?:noexcept\s*(?:\([^()]*\))?\s*)?:(?!:)", re.DOTALL)
_PARENTHESES = re.compile(r"\([^()]*\)")
_TEMPLATE_ARGUMENTS = re.compile(r"<[^<>]*>")


def _without(pattern, text):
    """The text with every match, innermost first, replaced by a neutral mark."""
    while pattern.search(text):
        text = pattern.sub("@", text)
    return text


def _is_assignment(head):
    flat = re.sub(r"\boperator\s*[^\s@]+", "", _without(_PARENTHESES, head))
    return re.search(r"(?<![=!<>+\-*/%&|^])=(?!=)", _without(_TEMPLATE_ARGUMENTS, flat)) is not None


def _opens(head):
    """What a brace after `head` opens at namespace or class scope."""
    if _CONTAINER.match(head):
        return "container"
    if "(" not in head or _is_assignment(head):
        return "initializer"
    if _CONSTRUCTOR_LIST.search(head) and re.search(r"[\w>]$", head):
        return "initializer"  # of a member; the body follows
    return "function"


def functions(text):
    """(first line, last line) of each function at namespace or class scope; lambdas belong to theirs."""
    found = []
    stack = []  # what each open brace opened; only containers are looked into
    head, head_line = "", 1
    line = 1
    for char in blanked(text):
        inside = bool(stack) and stack[-1][0] != "container"
        if char == "\n":
            line += 1
        if char == "{":
            kind = "nested" if inside else _opens(head.strip())
            stack.append((kind, head_line if kind == "function" else line))
            if kind == "container":
                head = ""
        elif char == "}" and stack:
            kind, start = stack.pop()
            if kind == "function":
                found.append((start, line))
            if kind in ("function", "container"):
                head = ""
            elif kind == "initializer":
                head += "}"
        elif inside:
            continue
        elif char == ";" or (char == ":" and head.strip() in ("public", "private", "protected")):
            head = ""
        else:
            if not head.strip():
                head, head_line = "", line
            head += char
    return found
