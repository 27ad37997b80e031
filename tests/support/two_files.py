"""Two small files, as most tests of a library index them."""

ONE = "东岸区新建实验室9个。\n\n西岭区举办成果对接会36场。\n"
TWO = "南湖区发布行动方案，投入2.5亿元。\n"


def first(library, question):
    return library.search(question, 1)[0].paragraph
