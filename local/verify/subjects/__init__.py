"""The tables that are compared, one file each, named like the module that fills the table; a new file is enough."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from local.verify.known import Known
from local.verify.subject import Subject


def subjects(known: Known) -> list[Subject]:
    """Every file's ``subject(known)``, by module name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__))
    return [import_module(f"{__name__}.{name}").subject(known) for name in names]
