"""A tree back to text, so that a test can ask whether reading the text gives the same tree."""

from nephoscope.qql.tree import And, AnyOf, Compare, Form, IsNull, Nested, Node, Not, Or, Query, Range, Term, Value

_MARKS = {Form.PHRASE: '"', Form.EXACT: "`"}


def render(query: Query) -> str:
    return "" if query.root is None else _node(query.root)


def _node(node: Node) -> str:
    match node:
        case And(nodes):
            return " and ".join(f"({_node(one)})" if isinstance(one, Or) else _node(one) for one in nodes)
        case Or(nodes):
            return " or ".join(_node(one) for one in nodes)
        case Not(inner):
            return f"not ({_node(inner)})" if isinstance(inner, (And, Or)) else f"not {_node(inner)}"
        case Nested(token, inner):
            return f"{token}:({_node(inner)})"
        case _:
            return _leaf(node)


def _leaf(node: Term | AnyOf | Range | Compare | IsNull) -> str:
    match node:
        case Term(token, value):
            return f"{token}:{_value(value)}" if token else _value(value)
        case AnyOf(token, values):
            return f"{token}:[{', '.join(_value(value) for value in values)}]"
        case Range(token, low, high, is_inclusive):
            return f"{token}:[{low} .. {high}]" if is_inclusive else f"{token}:({low} .. {high})"
        case Compare(token, comparison, value):
            return f"{token} {comparison} {_operand(value)}"
        case IsNull(token):
            return f"{token} is null"


def _value(value: Value) -> str:
    if value.form is Form.WORDS:
        return f"{'*' * value.is_suffix}{value.text}{'*' * value.is_prefix}"
    mark = _MARKS[value.form]
    if mark in value.text:
        mark = "'"
    return f"{mark}{value.text}{mark}"


def _operand(text: str) -> str:
    return text if all(mark.isalnum() or mark in "-.:+" for mark in text) else f'"{text}"'
