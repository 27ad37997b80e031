"""Files and names that stop a reader: each is one sentence, and nothing else is lost. Work grows with the input."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.reading import markdown, plaintext
from index.reading.decoding import decode
from index.reading.files import Skipped, discover, read
from index.sentences import sentences

KOREAN = "연차는 일 년에 십오 일입니다. 병가는 일 년에 육십 일까지 쓸 수 있습니다.\n"
CHINESE = "打印机在二楼，会议室在四楼，钥匙由前台保管，周末请先登记再取。\n"


def cost(function, text):
    start = time.process_time()
    function(text)
    return time.process_time() - start


@pytest.mark.slow
@pytest.mark.parametrize(
    ("function", "unit"),
    [
        (sentences, "."),
        (sentences, ". "),
        (sentences, "甲《"),
        (sentences, "a\n"),
        (plaintext.blocks, " "),
        (plaintext.blocks, "- item\n"),
        (plaintext.blocks, "a\tb\n"),
        (plaintext.blocks, "a  b\n"),
        (plaintext.blocks, "a  b "),
        (plaintext.blocks, "一、a\n"),
        (plaintext.blocks, "Q: a?\nA: b.\n"),
        (markdown.blocks, " "),
        (markdown.blocks, "- item\n"),
        (markdown.blocks, "- item\n\n"),
        (markdown.blocks, "> "),
    ],
)
def test_four_times_the_input_takes_little_more_than_four_times_the_time(function, unit):
    small = min(cost(function, unit * 8_000) for _ in range(2))
    assert min(cost(function, unit * 32_000) for _ in range(2)) < 12 * max(small, 0.02)  # a square would be 16


def test_a_megabyte_of_spaces_is_empty_at_once():
    assert cost(plaintext.blocks, " " * 1_000_000) < 1
    assert cost(markdown.blocks, "- item\n" * 4_000) < 2


def test_pipes_devices_links_and_names_are_named_and_skipped(tmp_path):
    (tmp_path / "good.txt").write_text("good")
    (tmp_path / "pair.txt").symlink_to(tmp_path / "good.txt")
    (tmp_path / "loop.txt").symlink_to(tmp_path / "loop.txt")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "home").symlink_to(tmp_path)
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    os.mkfifo(tmp_path / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "s.txt"))
        found = list(discover([tmp_path]))
    reasons = {Path(item.path).name: item.reason for item in found if isinstance(item, Skipped)}
    assert [item.name for item in found if isinstance(item, Path)] == ["good.txt"]
    assert set(reasons) == {"loop.txt", "gone.txt", "home", "zero.txt", "pipe.txt", "s.txt"}
    assert "link to a folder" in reasons["home"]
    assert all("no regular file" in reasons[name] for name in ("zero.txt", "pipe.txt", "s.txt"))
    [direct] = discover([tmp_path / "pipe.txt"])
    assert isinstance(direct, Skipped)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_that_is_not_utf8_is_skipped_and_can_be_shown(tmp_path):
    (tmp_path / "a.txt").write_text("good")
    with open(os.fsencode(tmp_path) + b"/\xff\xfe.txt", "wb") as file:  # noqa: PTH123 - a name in bytes
        file.write(b"text")
    good, skipped = discover([tmp_path])
    assert good.name == "a.txt"
    assert "not valid UTF-8" in skipped.reason
    assert skipped.path.encode("utf-8").endswith(b"\\xff\\xfe.txt")


@pytest.mark.slow
def test_folders_deeper_than_calls_may_be_nested(tmp_path):
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    (tmp_path / "z.txt").write_text("good")
    try:
        assert [item.name for item in discover([tmp_path]) if isinstance(item, Path)] == ["z.txt"]
    finally:  # shutil cannot remove what is that deep
        subprocess.run(["/bin/rm", "-rf", str(tmp_path / "d")], check=True)


def test_korean_is_told_from_chinese():
    assert decode(KOREAN.encode("euc-kr")) == (KOREAN, "euc-kr")
    assert decode(CHINESE.encode("gb18030")) == (CHINESE, "gb18030")


@pytest.mark.parametrize("encoding", ["euc-jp", "shift_jis"])
@pytest.mark.parametrize(
    "text", ["会議は九時から始まります。資料は三階の受付で受け取ってください。", "品目,数量\nりんご,12\nバナナ,7\n"]
)
def test_japanese_is_told_from_chinese_and_korean(text, encoding):
    assert decode(text.encode(encoding)) == (text, encoding)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (CHINESE, "utf-8"),
        (CHINESE, "gb18030"),
        (KOREAN, "euc-kr"),
        (CHINESE, "utf-8-sig"),
        ("The ferry leaves at nine.\n", "utf-8"),
    ],
)
def test_two_bad_bytes_in_a_long_file_are_replaced_and_counted(tmp_path, text, encoding):
    data = bytearray((text * 200).encode(encoding))
    for place in (len(data) // 3, len(data) // 2):
        end = data.index(b"\n", place)
        data[end:end] = b"\xff"
    (tmp_path / "a.txt").write_bytes(bytes(data))
    document = read(tmp_path / "a.txt", "a.txt")
    assert document.text.count("\ufffd") == 2
    assert document.notes[0].startswith("2 characters")
    assert document.encoding == encoding
