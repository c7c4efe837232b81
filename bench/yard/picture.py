"""The ratios as a picture: one group of bars per operation, its yardstick being 1, the target a line across ours."""
import html

WIDTH, LEFT, RIGHT, ROW, GAP = 1000, 480, 70, 18, 16
COLOURS = {"kieng": "#c2410c", "yardstick": "#64748b", "express": "#a3b18a"}


def bars_of(line):
    """(name, ratio, colour) of one group."""
    yield "Kiềng", line["ratio"], COLOURS["kieng"]
    yield line["yardstick"], 1.0, COLOURS["yardstick"]
    if line["express"]:
        yield "Express", line["ratio"] / line["express"], COLOURS["express"]


def text(x, y, words, anchor="start", size=12, weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">'
            f"{html.escape(words)}</text>")


def svg(lines, clients=64):
    """The picture of each operation with so many clients, or with as many as it was measured with."""
    most = {}
    for line in lines:
        if line["ratio"] and line["clients"] <= clients:
            most[line["operation"]] = line   # lines come in order of clients
    shown = list(most.values())
    widest = max([1.0] + [max(line["ratio"], line["target"] or 0) for line in shown]) * 1.05
    scale = (WIDTH - LEFT - RIGHT) / widest
    parts, y = [text(16, 26, "Requests per second against each yardstick", size=16, weight="bold")], 48
    for line in shown:
        top = y
        parts.append(text(16, y + 13, line["title"], weight="bold"))
        parts.append(text(16, y + 13 + ROW, f"{line['clients']} clients, {line['rate']:,.0f}/s", size=11))
        for name, share, colour in bars_of(line):
            parts.append(text(LEFT - 8, y + 13, name, "end"))
            parts.append(f'<rect x="{LEFT}" y="{y + 2}" width="{max(1.0, share * scale):.1f}" height="{ROW - 4}" fill="{colour}"/>')
            parts.append(text(LEFT + share * scale + 6, y + 13, f"{share:.2f} ×"))
            y += ROW
        if line["target"]:
            x = LEFT + line["target"] * scale
            parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{top + ROW}" stroke="#111" stroke-width="2" stroke-dasharray="3 2"/>')
        y += GAP
    parts.append(text(16, y + 6, "Dashed: the target. The yardstick is 1.00.", size=11))
    height = y + 20
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="sans-serif" fill="#111"><rect width="100%" height="100%" fill="#fff"/>' + "".join(parts) + "</svg>\n")
