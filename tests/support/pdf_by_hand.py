"""PDF files by hand: as many pages and objects as a test wants."""

import io


def stream(content):
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def page_objects(count, content):
    """A PDF's objects for so many pages; `content` gives the operators of each."""
    kids = b" ".join(b"%d 0 R" % (5 + 2 * i) for i in range(count))
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    found = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), font]
    box = b"/MediaBox [0 0 400 600] /Resources << /Font << /F 3 0 R >> >>"
    for i in range(count):
        found.append(stream(content(i)))
        found.append(b"<< /Type /Page /Parent 2 0 R /Contents %d 0 R %s >>" % (4 + 2 * i, box))
    return found


def pdf(objects, trailer=b""):
    """A PDF file by hand, its table of objects right."""
    out = io.BytesIO()
    places = [out.write(b"%PDF-1.4\n")]
    for number, content in enumerate(objects, 1):
        places.append(places[-1] + out.write(b"%d 0 obj\n%s\nendobj\n" % (number, content)))
    table = b"".join(b"%010d 00000 n \n" % place for place in places[:-1])
    size = len(objects) + 1
    out.write(b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table))
    out.write(b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, trailer, places[-1]))
    return out.getvalue()


def sentence(i):
    return b"BT /F 12 Tf 50 500 Td (The record of page %d is kept in room %d.) Tj ET" % (i + 1, i % 700)
