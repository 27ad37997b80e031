"""What the reports say, in English and Chinese. Everything else in a report is the user's own text, or a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from eval.gate import Finding, Verdict
from eval.movement import Movement
from eval.record import CaseRun

Language = Literal["en", "zh"]

_SHOWN = 8
"""How many case ids a sentence names; the tables name all."""

WORDS: Mapping[str, tuple[str, str]] = {
    # a verdict, by exit code
    "exit 0": ("pass", "通过"),
    "measured": ("measured", "已测"),
    "exit 1": ("got worse", "变差"),
    "exit 2": ("the set is not valid", "评测集无效"),
    "exit 3": ("incomplete", "未跑完"),
    "exit 4": ("not comparable", "不可比较"),
    "exit 5": ("inconclusive", "无法判定"),
    # findings
    "no_cases": (
        "The set has no accepted case, so nothing was measured; accept its drafts with: footnote eval review SET",
        "评测集中没有已采纳的用例，什么也没有测到；请用 footnote eval review 采纳草稿。",
    ),
    "incomplete": (
        "{n} case(s) could not be run: {cases}. First: {first}",
        "{n} 个用例未能运行：{cases}。首个原因：{first}",
    ),
    "dead_evidence": (
        "The evidence of {n} case(s) is not in the library: {cases}.",
        "{n} 个用例的证据不在文档库中：{cases}。",
    ),
    "evidence_lost": (
        "The evidence of {n} case(s) was in the library at the baseline and is not any more: {cases}.",
        "{n} 个用例的证据在基线时仍在文档库中，现在没有了：{cases}。",
    ),
    "invariant": ("{metric} is below 1 in {n} case(s): {cases}.", "{n} 个用例的 {metric} 低于 1：{cases}。"),
    "must_pass": ("{n} case(s) that must pass do not: {cases}.", "{n} 个必须通过的用例没有通过：{cases}。"),
    "must_pass_lost": ("{n} case(s) that must pass were lost: {cases}.", "{n} 个必须通过的用例失守：{cases}。"),
    "regression": (
        "{metric} fell from {before} to {after} ({delta}); worse in {n} case(s): {cases}.",
        "{metric} 从 {before} 降到 {after}（{delta}）；{n} 个用例变差：{cases}。",
    ),
    "inconclusive": (
        "{metric}: a loss of {margin} cannot be ruled out (bound {bound}, measured {delta}).",
        "{metric}：无法排除 {margin} 的损失（下界 {bound}，实测 {delta}）。",
    ),
    "not_comparable": (
        "The baseline was made with another {names}; bless a new one, or compare anyway: --allow-fingerprint-change.",
        "基线所用的{names}不同；请另立基线，或用 --allow-fingerprint-change 强行比较。",
    ),
    "nothing_shared": ("No accepted case is the same in both runs.", "两次运行没有一个相同的已采纳用例。"),
    "changed": ("{n} case(s) changed and were not compared: {cases}.", "{n} 个用例有改动，未作比较：{cases}。"),
    "added": ("{n} case(s) are new: {cases}.", "新增 {n} 个用例：{cases}。"),
    "removed": ("{n} case(s) are gone: {cases}.", "减少 {n} 个用例：{cases}。"),
    "made_otherwise": ("Differs from the baseline: {names}.", "与基线不同之处：{names}。"),
    # fingerprints
    "corpus": ("corpus", "语料"),
    "set": ("set", "评测集"),
    "prompt": ("prompt", "提示词"),
    "model": ("model", "模型"),
    "config": ("configuration", "配置"),
    "embedder": ("embedder", "向量模型"),
    # reasons
    "not indexed": ("not indexed", "未入库"),
    "not retrieved": ("not retrieved", "未检出"),
    "ranked low": ("ranked low", "排名靠后"),
    "dropped from the prompt": ("dropped from the prompt", "未进提示词"),
    "refused wrongly": ("refused wrongly", "误拒答"),
    "wrong figure": ("wrong figure", "数字错误"),
    "not answered": ("not answered", "未答出"),
    "wrong citation": ("wrong citation", "引用错误"),
    "unsupported": ("unsupported", "缺乏依据"),
    "answered wrongly": ("answered wrongly", "误作答"),
    "not run": ("not run", "未运行"),
    # their particulars
    "why not indexed": ("no paragraph of the library holds the evidence", "文档库中没有任何段落含有该证据"),
    "why not retrieved": (
        "the evidence is not among the first {depth} paragraphs found",
        "检索出的前 {depth} 段中没有该证据",
    ),
    "why ranked low": (
        "the evidence stands at rank {rank}; the answer looks at {k}",
        "证据排在第 {rank} 位，而作答只看前 {k} 段",
    ),
    "why dropped from the prompt": (
        "the evidence stands at rank {rank} and was left out of the prompt",
        "证据排在第 {rank} 位，但没有放进提示词",
    ),
    "why refused wrongly": (
        "the evidence was found, yet the answer was refused ({refused})",
        "证据已检出，却拒绝作答（{refused}）",
    ),
    "why wrong figure said": ("it says {said}", "答成了 {said}"),
    "why wrong figure wanted": ("it states figures, but not {wanted}", "给出了数字，但不是 {wanted}"),
    "why not answered": ("it does not say {wanted}", "没有说出 {wanted}"),
    "why wrong citation": ("none of the paragraphs cited is the evidence", "所引段落都不是证据所在"),
    "why wrong citation corrected": (
        "a sentence cites another paragraph than the one that says it",
        "有一句引用的段落并非其出处",
    ),
    "why unsupported": (
        "a statement is not supported by what it cites, or most of the answer is beside the point",
        "有陈述得不到所引段落支持，或答案大半离题",
    ),
    "why unsupported statement": ("not supported: {statement}", "缺乏依据：{statement}"),
    "why answered wrongly": (
        "the library does not say it; the right answer is to refuse",
        "文档库中没有答案，应当拒答",
    ),
    # metrics: what they are called everywhere, and in Chinese reports
    "correct": ("correct", "正确"),
    "fact_recall": ("fact_recall", "要点召回"),
    "all_hit@5": ("all_hit@5", "证据全中@5"),
    "mrr@10": ("mrr@10", "MRR@10"),
    "ndcg@10": ("ndcg@10", "nDCG@10"),
    "gold_cite_f1": ("gold_cite_f1", "引用 F1"),
    "citation_precision": ("citation_precision", "引用精确率"),
    "citation_recall": ("citation_recall", "引用召回率"),
    "refusal_recall": ("refusal_recall", "该拒则拒"),
    "over_refusal": ("over_refusal", "误拒率"),
    "citation_valid": ("citation_valid", "引用有效"),
    "quote_fidelity": ("quote_fidelity", "引文逐字"),
    # measures of the whole set
    "refusal_f1": ("refusal_f1", "拒答 F1"),
    "auroc": ("AUROC", "AUROC"),
    "aurc": ("AURC", "AURC"),
    "coverage@95": ("coverage@95", "准确率 95% 时的覆盖率"),
    "consistency": ("consistency", "同义一致率"),
    "cross_lingual_gap": ("cross_lingual_gap", "跨语言差距"),
    # types of questions
    "single": ("single", "单一事实"),
    "multi": ("several paragraphs", "多段综合"),
    "list": ("list", "列举"),
    "compare": ("comparison", "比较"),
    "boolean": ("yes or no", "是非"),
    "unanswerable": ("unanswerable", "无答案"),
    "false_premise": ("false premise", "前提有误"),
    "ambiguous": ("ambiguous", "有歧义"),
    "heading_only": ("heading only", "只见标题"),
    # the page
    "title": ("Evaluation", "评测报告"),
    "cases": ("cases", "用例"),
    "drafts": ("drafts, not counted", "草稿，不计入"),
    "trusted": ("trusted", "可信"),
    "baseline": ("baseline", "基线"),
    "now": ("now", "本次"),
    "change": ("change", "变化"),
    "interval": ("95% interval", "95% 区间"),
    "metric": ("metric", "指标"),
    "gated": ("gated", "门槛"),
    "better": ("better", "变好"),
    "worse": ("worse", "变差"),
    "metrics": ("Metrics", "指标"),
    "moved": ("How each metric moved", "各项指标的变化"),
    "levels": ("Levels, with 95% intervals", "指标水平与 95% 区间"),
    "recall": ("Evidence found among the first k", "前 k 段中找到的证据"),
    "risk": ("Risk when only the surest are answered", "只答最有把握者时的风险"),
    "coverage": ("share answered", "作答比例"),
    "wrong_share": ("share wrong", "错误比例"),
    "heat": ("Trusted, by type and language", "可信率：按题型与语言"),
    "flips": ("What flipped", "翻转的用例"),
    "no_flips": ("No case flipped.", "没有用例翻转。"),
    "failures": ("What fails now", "当前未通过的用例"),
    "no_failures": ("Every case passes.", "全部用例通过。"),
    "reasons": ("Why cases fail", "失败原因"),
    "whole": ("Of the whole set", "整套评测集"),
    "question": ("question", "问题"),
    "expected": ("expected", "应为"),
    "answer": ("answer", "回答"),
    "evidence": ("evidence", "证据"),
    "reason": ("reason", "原因"),
    "refuse": ("(refuse)", "（拒答）"),
    "made_with": ("Made with", "运行环境"),
    "filter": ("Filter cases", "筛选用例"),
    "must": ("must pass", "必须通过"),
    "lost": ("lost", "失守"),
    "passed": ("passed", "通过"),
    "gained": ("gained", "转好"),
    "exact": (
        "Both runs are exact: asking again gives the same, so every net loss counts.",
        "两次运行均可精确重现：再跑一遍结果相同，因此任何净损失都算数。",
    ),
    "mde": (
        "A live model answered. With {n} cases a loss of {metric} of {mde} or more is seen four times out of five; "
        "a smaller one may pass unseen.",
        "由在线模型作答。本评测集有 {n} 个用例，{metric} 下降 {mde} 以上时五次中能发现四次；更小的下降可能看不到。",
    ),
    "mde_none": (
        "A live model answered, and {n} cases are too few to see any loss of {metric} reliably.",
        "由在线模型作答，而 {n} 个用例太少，无法可靠地发现 {metric} 的下降。",
    ),
    "no_baseline": (
        "No baseline: levels only. Keep this run with --save, and hold the next one against it with --baseline.",
        "没有基线：只显示水平。用 --save 保存本次运行，下次用 --baseline 与之比较。",
    ),
}


def word(key: str, language: Language, **values: str | float) -> str:
    """The sentence or label in that language; figures are written as shares with their sign where they are changes."""
    return WORDS[key][language == "zh"].format(**values)


def verdict_word(verdict: Verdict, language: Language) -> str:
    """The verdict in a word or two; without a baseline nothing was judged but the run itself."""
    if verdict.exit_code == 0 and verdict.alignment is None:
        return word("measured", language)
    return word(f"exit {verdict.exit_code}", language)


def sentence(finding: Finding, language: Language) -> str:
    """A finding in one sentence."""
    values = {name: _written(name, value) for name, value in finding.values.items()}
    if "names" in values:
        join = "、" if language == "zh" else ", "
        values["names"] = join.join(word(name, language) for name in values["names"].split(", "))
    if "metric" in values:
        values["metric"] = metric_word(values["metric"], language)
    return word(finding.kind, language, n=len(finding.cases), cases=_named(finding.cases), **values)


def power_sentence(verdict: Verdict, language: Language) -> str:
    """What a comparison of this kind can see."""
    headline = next((item for item in verdict.movements if item.name == "trusted"), None)
    if headline is None:
        return word("no_baseline", language) if verdict.alignment is None else ""
    if not verdict.live:
        return word("exact", language)
    return _mde(headline, language)


def reason(name: str | None, language: Language) -> str:
    """An attribution, or that there is none."""
    return word(name or "passed", language)


def metric_word(name: str, language: Language) -> str:
    """What a metric is called; those that a short report does not show keep their own name."""
    return word(name, language) if name in WORDS else name


def particulars(case: CaseRun, language: Language) -> str:
    """Why a case failed, in one sentence; empty when it did not."""
    if case.error is not None or case.attribution is None:
        return case.error or ""
    key = " ".join(["why", case.attribution, *case.particulars])
    return word(key if key in WORDS else f"why {case.attribution}", language, **case.particulars)


def whole_sentence(measures: Mapping[str, float], language: Language) -> str:
    """The measures of the whole set in one line; empty without any."""
    named = [f"{metric_word(name, language)} {share(value)}" for name, value in measures.items()]
    return listed("whole", named, language) if named else ""


def listed(key: str, items: Iterable[str], language: Language) -> str:
    """A label and what it is about, with the marks of that language."""
    colon, comma = ("：", "，") if language == "zh" else (": ", ", ")
    return word(key, language) + colon + comma.join(items)


def share(value: float | None) -> str:
    """A figure between 0 and 1, three places; a dash for none."""
    return "–" if value is None else f"{value:.3f}"


def signed(value: float) -> str:
    """A change with its sign."""
    return f"{value:+.3f}" if abs(value) >= 0.0005 else "0"


def _mde(item: Movement, language: Language) -> str:
    if item.mde is None or item.mde >= 1:
        return word("mde_none", language, n=item.n, metric=metric_word(item.name, language))
    return word("mde", language, n=item.n, metric=metric_word(item.name, language), mde=f"{100 * item.mde:.1f} pp")


def _written(name: str, value: str | float) -> str:
    if isinstance(value, str):
        return value
    return signed(value) if name in ("delta", "bound") else share(value)


def _named(cases: tuple[str, ...]) -> str:
    more = f", +{len(cases) - _SHOWN}" if len(cases) > _SHOWN else ""
    return ", ".join(cases[:_SHOWN]) + more
