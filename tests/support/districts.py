"""Two districts in one file, and an assistant whose model is a scripted server."""

from rag import Assistant, Settings

TEXT = "望江区建成中试车间23间，为61家企业完成验证147项，引进院士工作站4个。"
QUESTION = "望江区建成了多少间中试车间？"


def opened(server, folder, *replies, **settings):
    """The assistant over the file, which is indexed; the server gives these replies."""
    (folder / "r.txt").write_text(f"望江区\n\n{TEXT}\n\n松岭区\n\n松岭区新增光电子企业52家。\n", encoding="utf-8")
    server.replies = list(replies)
    own = {"library": folder / "lib", "model": "m", "base_url": server.url, "timeout": 5, "retries": 0}
    assistant = Assistant.open(settings=Settings(**(own | settings)))
    assistant.add([folder / "r.txt"])
    return assistant
