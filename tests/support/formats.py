"""One small handbook in every format that is read, written by the programs' own libraries or by hand."""

import csv
import io
import zipfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.support.browser import ARGUMENTS, CHROMIUM


@dataclass(frozen=True)
class Handbook:
    """What every file holds; each chapter begins a page where the format has pages."""

    title: str
    author: str
    hours: tuple[str, str]
    """Heading and paragraph."""
    berths: str
    """Heading of the table."""
    table: tuple[tuple[str, ...], ...]
    """Names of the columns, then rows."""
    leaving: tuple[str, str, tuple[str, ...]]
    """Heading, lead-in and steps."""
    questions: tuple[str, tuple[tuple[str, str], ...]]
    """Heading, and questions with their answers."""


ENGLISH = Handbook(
    "Harbour Office Handbook",
    "Petra Holm",
    (
        "Opening hours",
        "The harbour office opens at 7:30 in the morning and closes at 18:45. On public holidays it stays closed.",
    ),
    "Quays",
    (
        ("Quay", "Berths", "Depth in metres", "Warden"),
        ("North quay", "34", "5.5", "Aiko Tanaka"),
        ("South quay", "21", "7.2", "Jean Moreau"),
        ("West quay", "58", "3.8", "Ravi Nair"),
    ),
    ("Departure", "Before you cast off:", ("Pay the open fees at the counter.", "Return the key to the gate house.")),
    (
        "Questions",
        (
            ("May guests sleep on board?", "Guests may sleep on board for at most twelve nights in a season."),
            ("Where is the fuel station?", "The fuel station is behind the old customs shed."),
        ),
    ),
)
CHINESE = Handbook(
    "港务处手册",
    "何佩兰",
    ("办公时间", "港务处早上七点半开门，下午六点三刻关门。法定节假日不办公。"),
    "码头",
    (
        ("码头", "泊位数", "水深（米）", "管理员"),
        ("北码头", "34", "5.5", "田中爱子"),
        ("南码头", "21", "7.2", "莫让"),
        ("西码头", "58", "3.8", "奈尔"),
    ),
    ("离港", "离港之前：", ("在柜台付清欠费。", "把钥匙交还门房。")),
    (
        "常见问题",
        (
            ("客人可以在船上过夜吗？", "客人每季最多可以在船上住十二晚。"),
            ("加油站在哪里？", "加油站在旧海关仓库后面。"),
        ),
    ),
)
CHAPTERS = {"hours": 1, "berths": 2, "leaving": 3, "questions": 4}
"""Page of each chapter in PDF and slides."""


def txt(book):
    table = ["\t".join(row) for row in book.table]
    heading, lead, steps = book.leaving
    listed = [f"{n}. {step}" for n, step in enumerate(steps, 1)]
    asked, pairs = book.questions
    parts = [book.title, *book.hours, book.berths, "\n".join(table), heading, "\n".join([lead, *listed]), asked]
    return "\n\n".join([*parts, *(f"{question}\n{answer}" for question, answer in pairs)]).encode()


def md(book):
    names, *rows = (f"| {' | '.join(row)} |" for row in book.table)
    heading, lead, steps = book.leaving
    asked, pairs = book.questions
    parts = [
        f"---\ntitle: {book.title}\nauthor: {book.author}\n---",
        f"# {book.title}",
        f"## {book.hours[0]}",
        book.hours[1],
        f"## {book.berths}",
        "\n".join([names, "|---" * len(book.table[0]) + "|", *rows]),
        f"## {heading}",
        lead,
        "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1)),
        f"## {asked}",
        *(f"**{question}**\n\n{answer}" for question, answer in pairs),
    ]
    return "\n\n".join(parts).encode()


def body(book):
    """The handbook as HTML, a section a chapter."""
    names, *rows = book.table
    head = "".join(f"<th>{name}</th>" for name in names)
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    heading, lead, steps = book.leaving
    asked, pairs = book.questions
    return (
        f"<h1>{book.title}</h1><section><h2>{book.hours[0]}</h2><p>{book.hours[1]}</p></section>"
        f"<section><h2>{book.berths}</h2><table border='1'><thead><tr>{head}</tr></thead><tbody>{cells}</tbody></table>"
        f"</section><section><h2>{heading}</h2><p>{lead}</p>"
        f"<ol>{''.join(f'<li>{step}</li>' for step in steps)}</ol></section><section><h2>{asked}</h2>"
        f"{''.join(f'<p><b>{question}</b></p><p>{answer}</p>' for question, answer in pairs)}</section>"
    )


def html(book):
    head = f"<meta charset=utf-8><title>{book.title}</title><meta name=author content='{book.author}'>"
    menu = "<nav><a href=a>Home</a> <a href=b>Imprint</a></nav>"
    page = f"<!DOCTYPE html><html><head>{head}</head><body>{menu}<main>{body(book)}</main></body></html>"
    return page.encode()


def epub(book):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        container = "<container xmlns='urn:x'><rootfiles><rootfile full-path='book.opf'/></rootfiles></container>"
        archive.writestr("META-INF/container.xml", container)
        archive.writestr(
            "book.opf",
            "<package xmlns='http://www.idpf.org/2007/opf'><metadata xmlns:dc='http://purl.org/dc/elements/1.1/'>"
            f"<dc:title>{book.title}</dc:title><dc:creator>{book.author}</dc:creator></metadata><manifest>"
            "<item id='a' href='a.xhtml'/></manifest><spine><itemref idref='a'/></spine></package>",
        )
        archive.writestr("a.xhtml", f"<html><body>{body(book)}</body></html>")
    return out.getvalue()


def pdf(book):
    """Printed by the browser; None without one."""
    if CHROMIUM is None:
        return None
    from playwright.sync_api import sync_playwright

    style = "section+section{break-before:page} td,th{padding:4px 8px} h1{font-size:24pt} h2{font-size:16pt}"
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.set_content(f"<!DOCTYPE html><title>{book.title}</title><style>{style}</style>{body(book)}")
        data = page.pdf(format="A5")
        browser.close()
    return data


def docx(book):
    from docx import Document

    document = Document()
    document.core_properties.title, document.core_properties.author = book.title, book.author
    document.add_heading(book.title, 0)
    document.add_heading(book.hours[0], 1)
    document.add_paragraph(book.hours[1])
    document.add_heading(book.berths, 1)
    table = document.add_table(len(book.table), len(book.table[0]))
    for row, texts in zip(table.rows, book.table, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    heading, lead, steps = book.leaving
    document.add_heading(heading, 1)
    document.add_paragraph(lead)
    for step in steps:
        document.add_paragraph(step, style="List Number")
    asked, pairs = book.questions
    document.add_heading(asked, 1)
    for question, answer in pairs:
        document.add_paragraph().add_run(question).bold = True
        document.add_paragraph(answer)
    return _saved(document)


def pptx(book):
    from pptx import Presentation
    from pptx.util import Inches

    presentation = Presentation()
    presentation.core_properties.title, presentation.core_properties.author = book.title, book.author

    def slide(title, *points):
        layout = presentation.slide_layouts[1 if points else 5]
        made = presentation.slides.add_slide(layout)
        made.shapes.title.text = title
        if points:
            made.placeholders[1].text = "\n".join(points)
        return made

    slide(*book.hours)
    shape = slide(book.berths).shapes.add_table(len(book.table), len(book.table[0]), *map(Inches, (1, 2, 8, 2)))
    for r, texts in enumerate(book.table):
        for c, text in enumerate(texts):
            shape.table.cell(r, c).text = text
    heading, lead, steps = book.leaving
    slide(heading, lead, *(f"{n}. {step}" for n, step in enumerate(steps, 1)))
    asked, pairs = book.questions
    slide(asked, *(line for pair in pairs for line in pair))
    return _saved(presentation)


def xlsx(book):
    """The table, figures as numbers."""
    from openpyxl import Workbook

    workbook = Workbook()
    workbook.properties.title, workbook.properties.creator = book.title, book.author
    sheet = workbook.active
    sheet.title = book.berths
    for row in book.table:
        sheet.append([float(cell) if cell.replace(".", "").isdigit() else cell for cell in row])
    return _saved(workbook)


def tabular(book, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(book.table)
    return out.getvalue().encode()


def _saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


WRITERS = {
    "txt": txt,
    "md": md,
    "html": html,
    "epub": epub,
    "docx": docx,
    "pptx": pptx,
    "pdf": pdf,
    "xlsx": xlsx,
    "csv": tabular,
    "tsv": partial(tabular, delimiter="\t"),
}
"""File ending to what makes the file's bytes."""
TABLES_ONLY = ("xlsx", "csv", "tsv")
"""Formats that hold the table and nothing else."""
PAGED = ("pdf", "pptx")


def write(book, ending, folder):
    """The handbook as a file in `folder`; None where this machine cannot make it."""
    data = WRITERS[ending](book)
    if data is None:
        return None
    file = Path(folder) / f"handbook.{ending}"
    file.write_bytes(data)
    return file
