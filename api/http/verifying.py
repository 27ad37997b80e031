"""The citation check of somebody's own answer, in a process of its own when it is large.

`python -m api.http.verifying` checks one {"answer", "sources"} from standard input. The server must go on answering
whatever is sent to it: Python runs one thread at a time, and a regular expression at work cannot be interrupted.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from api.child_process import child_process
from api.http.errors import ApiError
from api.verification import verify_texts
from index.errors import InputError

_SMALL = 4_000
"""Characters, answer and sources together, that are checked in milliseconds whatever they are: no process for these."""


async def verify_within(seconds: float, answer: str, sources: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The record of `verify_texts`, made where it holds nobody up.

    Raises InputError as that does, ApiError (413) when it takes longer than `seconds`.
    """
    if len(answer) + sum(len(text) for _, text in sources) <= _SMALL:
        return (await asyncio.to_thread(verify_texts, answer, sources)).to_dict()
    try:
        async with asyncio.timeout(seconds):
            async with child_process("api.http.verifying", {"answer": answer, "sources": list(sources)}) as process:
                assert process.stdout is not None
                result: dict[str, Any] = json.loads(await process.stdout.read() or b"{}")
    except TimeoutError:
        message = f"This takes longer than {seconds:g} s to check; send fewer sentences or shorter sources."
        raise ApiError("too_large", message) from None
    if "error" in result or not result:
        raise InputError(result.get("error", "This cannot be checked; send fewer sentences or shorter sources."))
    return result


def main() -> None:
    """Check what standard input holds; the record, or {"error": sentence}, to standard output."""
    order = json.load(sys.stdin)
    try:
        result = verify_texts(order["answer"], [(name, text) for name, text in order["sources"]]).to_dict()
    except InputError as error:
        result = {"error": str(error)}
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main()
