"""`footnote eval ...`: is it any good, did it get worse.

Exit codes: 0 pass · 1 regression or broken invariant · 2 usage error or invalid set · 3 run incomplete
· 4 baseline missing or not comparable · 5 inconclusive under --strict.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

import typer

app = typer.Typer(
    name="eval",
    help="Measures answers against a set of questions with known answers, and says whether they got worse.",
    no_args_is_help=True,
)

for _module in ("api.cli_eval_sets", "api.cli_eval_authoring"):
    if find_spec(_module):
        import_module(_module).register(app)
