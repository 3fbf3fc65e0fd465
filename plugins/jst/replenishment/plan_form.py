"""What a person fills in for a plan: the same fields, limits and sentences on the board and in Airflow's form."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal

from jst.errors import Misconfigured
from jst.model.module import INCLUDE, read_facts
from jst.replenishment.terms import Params, check

Kind = Literal["integer", "number", "money", "texts", "integers"]
Words = Mapping[str, str]
"""zh and en."""
_TYPES: Mapping[Kind, list[str]] = {
    "integer": ["integer"], "number": ["number"], "money": ["number", "null"],
    "texts": ["array"], "integers": ["array"],
}  # fmt: skip
_MOST_CHOSEN = 200


class WrongParam(Misconfigured):
    """What was filled in cannot be right; ``field``: where."""

    def __init__(self, field: str, what: str, do: str) -> None:
        super().__init__(what, do=do)
        self.field = field


@dataclass(frozen=True, slots=True)
class Field:
    """One field of include/config/replenishment.yaml."""

    name: str
    title: Words
    help: Words
    kind: Kind
    default: Any
    least: float | None = None
    most: float | None = None
    unit: Words | None = None

    def schema(self) -> dict[str, Any]:
        """Describe it as the JSON schema that Airflow checks a run's params by."""
        schema: dict[str, Any] = {"type": _TYPES[self.kind]}
        if self.kind in ("texts", "integers"):
            schema["items"] = {"type": ["string", "integer"]}
        else:
            schema |= {"minimum": self.least, "maximum": self.most}
        return schema

    def read(self, given: Any) -> Any:
        """Return a value as ``Params`` has it. Raises WrongParam with a sentence."""
        if self.kind in ("texts", "integers"):
            return self._chosen(given)
        if given in (None, ""):
            if self.kind == "money":
                return None
            raise self._wrong("没有填")
        try:
            number = Decimal(str(given)) if not isinstance(given, bool) else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite():
            raise self._wrong(f"要填数，不能填 {str(given)[:40]}")
        assert self.least is not None
        assert self.most is not None
        if not Decimal(str(self.least)) <= number <= Decimal(str(self.most)):
            raise self._wrong(f"不能填 {number:f}"[:60])
        if self.kind == "integer" and number != math.floor(number):
            raise self._wrong(f"不能有小数：{number:f}"[:60])
        if self.kind == "money":
            return number.quantize(Decimal("0.01"))
        return int(number) if self.kind == "integer" else float(number)

    def _chosen(self, given: Any) -> tuple[Any, ...]:
        chosen = [] if given in (None, "") else given if isinstance(given, list | tuple) else [given]
        if len(chosen) > _MOST_CHOSEN:
            raise self._wrong(f"选了 {len(chosen)} 个，太多")
        if self.kind == "texts":
            return tuple(sorted({str(each) for each in chosen}))
        try:
            return tuple(sorted({int(str(each)) for each in chosen}))
        except ValueError:
            raise self._wrong(f"要填仓库编号，不能填 {chosen}"[:60]) from None

    def _wrong(self, why: str) -> WrongParam:
        if self.least is None or self.most is None:
            do = "从列出的里选"
        else:
            whole = "整数" if self.kind == "integer" else "数"
            do = f"填 {self.least:g} 到 {self.most:.12g} 之间的{whole}{'，不限就留空' if self.kind == 'money' else ''}"
        return WrongParam(self.name, f"{self.title['zh']} {self.name} {why}", do)


@cache
def load_form() -> dict[str, Field]:
    """Read include/config/replenishment.yaml, by name. Raises Misconfigured naming the key that is wrong, a default
    that is outside the limits."""
    folder = INCLUDE / "config"
    facts = read_facts(folder / "replenishment.yaml", folder / "replenishment.schema.json", "补货表单")
    form = {name: Field(name, **field) for name, field in facts.items()}
    for field in form.values():
        field.read(field.default)
    return form


def read_params(given: Mapping[str, Any]) -> Params:
    """Read what was filled in; what is missing has its default. Raises Misconfigured with a sentence, of a field
    WrongParam."""
    form = load_form()
    if unknown := sorted(set(given) - set(form)):
        raise Misconfigured(f"没有参数 {'、'.join(unknown)[:100]}", do=f"参数有：{'、'.join(form)}")
    params = Params(**{name: field.read(given.get(name, field.default)) for name, field in form.items()})
    check(params)
    return params


def stored_params(params: Params) -> dict[str, Any]:
    """Return them as JSON: what ``read_params`` reads again."""
    values = {name: getattr(params, name) for name in load_form()}
    return {
        name: list(value) if isinstance(value, tuple) else float(value) if isinstance(value, Decimal) else value
        for name, value in values.items()
    }


def sentence_of_params(given: Mapping[str, Any], lang: str = "zh") -> str:
    """Say in one line what a plan was asked for; what was left empty is left out."""
    said = []
    for name, field in load_form().items():
        value = given.get(name)
        if value not in (None, "", []):
            unit = f" {field.unit[lang]}" if field.unit else ""
            shown = "、".join(map(str, value)) if isinstance(value, list) else f"{value:,.12g}"
            said.append(f"{field.title[lang]} {shown}{unit}")
    return ("，" if lang == "zh" else ", ").join(said)
