"""The report as one HTML file: no network, no script from elsewhere, every text of a document or question escaped."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from html import escape
from importlib.resources import files
from string import Template

from eval.comparison import Flip
from eval.gate import Verdict
from eval.movement import Movement
from eval.record import CaseRun, Run
from eval.reports import figures, svg
from eval.reports.difference import difference
from eval.reports.words import (
    Language,
    metric_word,
    particulars,
    power_sentence,
    reason,
    sentence,
    share,
    signed,
    verdict_word,
    whole_sentence,
    word,
)


def html_page(run: Run, verdict: Verdict, language: Language, before: Run | None = None) -> str:
    """The whole page; `before` is the baseline, for its curves."""
    page, style = (files("eval.reports").joinpath(n).read_text(encoding="utf-8") for n in ("page.html", "page.css"))
    title = f"{run.set_name} · {word('title', language)}"
    return Template(page).substitute(
        lang="zh-Hans" if language == "zh" else "en",
        title=escape(title),
        style=style,
        body="\n".join(_body(run, verdict, language, before)),
    )


def _body(run: Run, verdict: Verdict, language: Language, before: Run | None) -> Iterator[str]:
    tone = {0: "", 5: "warn"}.get(verdict.exit_code, "bad")
    badge = f'<span class="verdict {tone}">{escape(verdict_word(verdict, language))}</span>'
    yield f"<h1>{escape(run.set_name)} {badge}</h1>"
    yield _findings(verdict, language)
    yield _tiles(run, verdict, language)
    yield f'<p class="soft">{escape(power_sentence(verdict, language))}</p>'
    yield _forest(run, verdict, language)
    yield _plots(run, language, before)
    if verdict.alignment or any(not case.passed for case in run.gated):
        label = escape(word("filter", language))
        yield f'<input type="search" placeholder="{label}" aria-label="{label}">'
    if verdict.alignment:
        flips = [_flip(flip, language) for flip in verdict.alignment.flips]
        yield _section(word("flips", language), "\n".join(flips) or f"<p>{escape(word('no_flips', language))}</p>")
    failing = [_failure(case, language) for case in run.gated if not case.passed]
    heading = f"{word('failures', language)} ({len(failing)} / {len(run.gated)})"
    yield _section(heading, "\n".join(failing) or f"<p>{escape(word('no_failures', language))}</p>")
    yield _footer(run, language)


def _findings(verdict: Verdict, language: Language) -> str:
    tones = {0: "", 5: "warn"}
    items = [
        f'<li class="{tones.get(finding.exit_code, "bad")}">{escape(sentence(finding, language))}</li>'
        for finding in verdict.findings
    ]
    return f'<ul class="findings">{"".join(items)}</ul>' if items else ""


def _tiles(run: Run, verdict: Verdict, language: Language) -> str:
    moved = {item.name: item for item in verdict.movements}
    tiles = [(str(len(run.gated)), word("cases", language))]
    for name in ("trusted", "all_hit@5", "gold_cite_f1", "refusal_recall"):
        found = figures.level(run, name)
        if found is None:
            continue
        note = escape(metric_word(name, language))
        if name in moved and abs(moved[name].delta) >= 0.0005:
            tone = "good" if moved[name].gain > 0 else "bad"
            note += f' <span class="{tone}">{signed(moved[name].delta)}</span>'
        tiles.append((share(found.mean), note))
    whole = figures.of_the_set(run)
    tiles += [(share(whole[name]), escape(metric_word(name, language))) for name in ("auroc",) if name in whole]
    shown = "".join(f"<div class=tile><b>{value}</b><span>{note}</span></div>" for value, note in tiles)
    return f'<div class="tiles">{shown}</div><p class="soft">{escape(whole_sentence(whole, language))}</p>'


def _forest(run: Run, verdict: Verdict, language: Language) -> str:
    """The change of each metric with its interval, or its level when there is no baseline."""
    if not verdict.movements:
        title = word("levels", language)
        bars = [_level_bar(found, language) for found in figures.levels(run)]
        return _section(title, svg.forest(bars, low=0.0, high=1.0, zero=None, title=title)) if bars else ""
    title = word("moved", language)
    bars = [_change_bar(item, language) for item in verdict.movements if item.name in figures.SHOWN]
    furthest = max(abs(end) for bar in bars for end in (bar.low, bar.high, bar.value)) if bars else 0
    widest = next((end for end in (0.04, 0.1, 0.2, 0.4) if end >= furthest), 1.0)
    return _section(title, svg.forest(bars, low=-widest, high=widest, zero=0.0, title=title)) if bars else ""


def _level_bar(found: figures.Level, language: Language) -> svg.Bar:
    note = f"{share(found.mean)}   [{share(found.low)}, {share(found.high)}]"
    return svg.Bar(metric_word(found.name, language), found.mean, found.low, found.high, note)


def _change_bar(item: Movement, language: Language) -> svg.Bar:
    low, high = item.interval or (item.delta, item.delta)
    tone = "good" if item.gain > 1e-9 else "bad" if item.gain < -1e-9 else ""
    return svg.Bar(
        metric_word(item.name, language), item.delta, low, high, f"{share(item.before)} → {share(item.after)}", tone
    )


def _plots(run: Run, language: Language, before: Run | None) -> str:
    runs = [(word("baseline", language), before, "before")] if before else []
    runs.append((word("now", language), run, "now"))
    recall = {name: (points, tone) for name, r, tone in runs if (points := figures.recall_curve(r))}
    risk = {name: (points, tone) for name, r, tone in runs if (points := figures.risk_curve(r))}
    parts = []
    if recall:
        title = word("recall", language)
        deepest = max(points[-1][0] for points, _ in recall.values())
        parts.append((title, svg.curves(recall, x_label="k", y_label="recall@k", title=title, x_high=deepest)))
    if risk:
        title = word("risk", language)
        across, up = word("coverage", language), word("wrong_share", language)
        parts.append((title, svg.curves(risk, x_label=across, y_label=up, title=title)))
    if found := figures.by_kind(run):
        cells = {(word(kind, language), spoken or "–"): value for (kind, spoken), value in found.items()}
        title = word("heat", language)
        parts.append((title, svg.heat_map(cells, title=title)))
    if counted := figures.reasons(run):
        parts.append((word("reasons", language), _bars(counted, language)))
    return f'<div class="plots">{"".join(f"<div>{_section(title, plot)}</div>" for title, plot in parts)}</div>'


def _bars(counted: dict[str, int], language: Language) -> str:
    most = max(counted.values())
    rows = [
        f'<span>{escape(word(name, language))}</span><i style="width:{100 * count / most:.0f}%"></i><b>{count}</b>'
        for name, count in counted.items()
    ]
    return f'<div class="bars">{"".join(rows)}</div>'


def _flip(flip: Flip, language: Language) -> str:
    old, new = difference(flip.before.answer, flip.after.answer)
    why = f"{reason(flip.before.attribution, language)} → {reason(flip.after.attribution, language)}"
    rows = [
        (word("expected", language), escape(figures.expected(flip.after, word("refuse", language)))),
        (word("baseline", language), old),
        (word("now", language), new),
        (word("evidence", language), _evidence(flip.after)),
        (word("reason", language), _reason(why, particulars(flip.after, language))),
    ]
    return _article(flip.after, rows, language, "lost" if flip.lost else "gained")


def _failure(case: CaseRun, language: Language) -> str:
    rows = [
        (word("expected", language), escape(figures.expected(case, word("refuse", language)))),
        (word("answer", language), escape(case.answer)),
        (word("evidence", language), _evidence(case)),
        (word("reason", language), _reason(reason(case.attribution, language), particulars(case, language))),
    ]
    return _article(case, rows, language)


def _reason(name: str, detail: str) -> str:
    return escape(name) + (f' <span class="soft">{escape(detail)}</span>' if detail else "")


def _evidence(case: CaseRun) -> str:
    quotes = [(group.any_of[0].quote, group.any_of[0].source) for group in case.case.evidence]
    return "<br>".join(f'<q>{escape(quote)}</q> <span class="soft">{escape(source)}</span>' for quote, source in quotes)


def _article(case: CaseRun, rows: Iterable[tuple[str, str]], language: Language, tone: str = "") -> str:
    c = case.case
    tags = "".join(f'<span class="tag">{escape(tag)}</span>' for tag in (word(c.type, language), c.language))
    must = f'<span class="tag must">{escape(word("must", language))}</span>' if c.must_pass else ""
    turned = f"<span>{escape(word(tone, language))}</span>" if tone else ""
    body = "".join(f"<dt>{escape(name)}</dt><dd>{value}</dd>" for name, value in rows if value)
    return (
        f'<article class="{tone}" data-case><header><b>{escape(c.id)}</b>{tags}{must}{turned}</header>'
        f'<p class="q">{escape(c.question)}</p><dl>{body}</dl></article>'
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"


def _footer(run: Run, language: Language) -> str:
    marks = sorted(run.fingerprints.items())
    prints = ", ".join(f"{word(name, language)} <code>{escape(value)}</code>" for name, value in marks)
    made = ", ".join(f"{escape(name)} {escape(value)}" for name, value in sorted(run.versions.items()))
    known = {name: json.dumps(value, ensure_ascii=False, sort_keys=True) for name, value in run.configuration.items()}
    settings = ", ".join(f"{escape(name)} = {escape(value)}" for name, value in sorted(known.items()))
    return f"<footer><p>{word('made_with', language)}: {made}</p><p>{prints}</p><p>{settings}</p></footer>"
