"""What the further 发文 rulebooks share: the bureau's grades and limits under another chain.

Their regulations give no whole cycle. A bureau that chooses such a chain keeps its
own efficiency notice: the three grades and TL1–TL3, cited from there.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from officeapp.procedures.clauses import By, Clause, Force
from officeapp.procedures.common import DISPATCH_CLERK, OFFICE_DIRECTOR, OFFICE_REVIEWER, REGISTRY_CLERK, voids
from officeapp.procedures.grammar import Field, Holder, Move
from officeapp.procedures.official_document import EXPEDITED_LIMIT, ORDINARY_LIMIT, REGULATION, URGENT_LIMIT

CLERKS = (REGISTRY_CLERK, DISPATCH_CLERK, OFFICE_REVIEWER)
CYCLE = By("grade", {"ordinary": ORDINARY_LIMIT, "expedited": EXPEDITED_LIMIT, "urgent": URGENT_LIMIT})

NECESSARY = Clause(REGULATION, "第十三条", "行文应当确有必要，讲求实效，注重针对性和可操作性。", Force.REQUIRED, "FW-61")
UNSUITABLE = Clause(REGULATION, "第二十一条", "不宜发文的公文文稿，应当退回起草单位并说明理由。", Force.REQUIRED, "FW-43")
REVISED_AGAIN = Clause(REGULATION, "第二十五条（一）", "需作实质性修改的，应当报原签批人复审。", Force.REQUIRED, "FW-18")
REGISTERED = Clause(REGULATION, "第二十五条（二）", "对复核后的公文，应当确定发文字号、分送范围和印制份数并详细记载。", Force.REQUIRED, "FW-36")


def amended(fields: tuple[Field, ...], changes: Mapping[str, Mapping[str, Any]]) -> tuple[Field, ...]:
    """The same fields with the named ones changed."""
    return tuple(replace(field, **changes.get(field.key, {})) for field in fields)


def recited(fields: tuple[Field, ...], clauses: Mapping[Clause, Clause]) -> tuple[Field, ...]:
    """The same fields, each resting on this rulebook's clause instead of the notice's."""
    return tuple(replace(field, clause=clauses.get(field.clause, field.clause)) for field in fields)


def without(fields: tuple[Field, ...], *keys: str) -> tuple[Field, ...]:
    return tuple(field for field in fields if field.key not in keys)


def voids_from(own: Mapping[str, tuple[Holder, ...]], office: tuple[str, ...]) -> tuple[Move, ...]:
    """「作废」: by those named for a stage, and by the head of the office from every stage."""
    who = {stage: (*holders, OFFICE_DIRECTOR) for stage, holders in own.items()}
    return voids(who | dict.fromkeys(office, (OFFICE_DIRECTOR,)), "voided", UNSUITABLE)
