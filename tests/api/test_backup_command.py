"""`footnote backup` and `footnote restore`, as they are typed."""

import pytest

from api.cli.main import main


def test_there_and_back(tmp_path, capsys):
    (tmp_path / "one.txt").write_text("东岸区新建实验室9个。", encoding="utf-8")
    main_(["index", "one.txt", "--library", "lib"])
    main_(["backup", "saved.tar", "--library", "lib"])
    assert "Restore it with: footnote restore saved.tar" in capsys.readouterr().out
    main_(["restore", "saved.tar", "--library", "again"])
    main_(["search", "东岸区新建了多少实验室", "--library", "again"])
    assert "新建实验室9个" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["backup", "saved.tar"], 4, "There is no library in"),
        (["restore", "none.tar"], 2, "none.tar cannot be read or written (No such file or directory)."),
    ],
)
def test_what_cannot_be_done_is_one_sentence(tmp_path, capsys, arguments, code, said):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == code
    shown = capsys.readouterr().err.strip()
    assert said in shown
    assert "\n" not in shown


@pytest.mark.parametrize("command", [["backup"], ["eval", "draft", "--out"]])
def test_a_place_without_a_name_is_one_sentence(tmp_path, capsys, command):
    (tmp_path / "one.txt").write_text("东岸区新建实验室9个。", encoding="utf-8")
    main_(["index", "one.txt"])
    with pytest.raises(SystemExit) as stop:
        main([*command, ""])
    assert stop.value.code == 2
    assert "internal" not in capsys.readouterr().err


def test_a_library_in_milvus_is_not_ours_to_save(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("FOOTNOTE_ENGINE", "milvus://127.0.0.1:1/none")
    with pytest.raises(SystemExit) as stop:
        main(["backup", "saved.tar"])
    assert stop.value.code == 2
    assert "Milvus' own tools" in capsys.readouterr().err


def main_(arguments):
    """The command, which must succeed."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code in (0, None)
