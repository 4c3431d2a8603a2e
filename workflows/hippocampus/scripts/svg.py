"""Just enough SVG for a figure: a page, axes with ticks, lines, rasters. The same calls give the same bytes."""
import html
import math

INK, MUTED, GRID = "#22272e", "#667079", "#e6e8eb"


def number(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def shade(share):
    """White to dark blue for 0 to 1."""
    share = min(1.0, max(0.0, share))
    low, high = (238, 242, 247), (30, 66, 120)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(low, high))


class Page:
    def __init__(self, width, height):
        self.width, self.height, self.items = width, height, []

    def rect(self, x, y, width, height, fill, stroke=None):
        edge = f' stroke="{stroke}" stroke-width="0.5"' if stroke else ""
        self.items.append(f'<rect x="{number(x)}" y="{number(y)}" width="{number(width)}" '
                          f'height="{number(height)}" fill="{fill}"{edge}/>')

    def path(self, data, colour, width, opacity=1.0):
        self.items.append(f'<path d="{data}" fill="none" stroke="{colour}" stroke-width="{number(width)}" '
                          f'stroke-opacity="{number(opacity)}" stroke-linejoin="round"/>')

    def text(self, x, y, words, size, anchor="start", colour=INK, weight="400", turn=False):
        rotate = f' transform="rotate(-90 {number(x)} {number(y)})"' if turn else ""
        self.items.append(f'<text x="{number(x)}" y="{number(y)}" font-size="{size}" text-anchor="{anchor}" '
                          f'fill="{colour}" font-weight="{weight}"{rotate}>{html.escape(words)}</text>')

    def render(self):
        head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}" height="{self.height}" '
                f'viewBox="0 0 {self.width} {self.height}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif">')
        background = f'<rect width="{self.width}" height="{self.height}" fill="#ffffff"/>'
        return "\n".join([head, background, *self.items, "</svg>\n"])


class Axes:
    """A box of the page with its own coordinates; `box` is (left, top, width, height)."""

    def __init__(self, page, box, x_range, y_range, log_x=False, log_y=False):
        self.page, self.box = page, box
        self.x_range, self.y_range, self.log_x, self.log_y = x_range, y_range, log_x, log_y

    def set_y(self, low, high):
        self.y_range = (low, high)

    @staticmethod
    def _share(value, limits, log):
        low, high = limits
        if log:
            return (math.log10(value) - math.log10(low)) / (math.log10(high) - math.log10(low))
        return (value - low) / (high - low)

    def x(self, value):
        return self.box[0] + self._share(value, self.x_range, self.log_x) * self.box[2]

    def y(self, value):
        return self.box[1] + self.box[3] - self._share(value, self.y_range, self.log_y) * self.box[3]

    @staticmethod
    def tick_values(limits, log):
        low, high = limits
        if log:
            powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
            steps = (1, 2, 5) if len(powers) <= 4 else (1,)
            return [v for p in powers for s in steps if low <= (v := s * 10.0 ** p) <= high]
        raw = (high - low) / 5
        unit = 10 ** math.floor(math.log10(raw))
        step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= raw * 0.999)
        first = math.ceil(low / step - 1e-9)
        return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]

    def frame(self, title, x_title, y_title):
        left, top, width, height = self.box
        for value in self.tick_values(self.x_range, self.log_x):
            at = self.x(value)
            self.page.path(f"M{number(at)} {number(top + height)}v5", MUTED, 1)
            self.page.text(at, top + height + 19, f"{value:g}", 12, anchor="middle", colour=MUTED)
        if y_title:
            for value in self.tick_values(self.y_range, self.log_y):
                at = self.y(value)
                self.page.path(f"M{number(left)} {number(at)}h{number(width)}", GRID, 1)
                self.page.text(left - 8, at + 4, f"{value:g}", 12, anchor="end", colour=MUTED)
            self.page.text(left - 52, top + height / 2, y_title, 13, anchor="middle", turn=True)
        self.page.path(f"M{number(left)} {number(top)}v{number(height)}h{number(width)}", MUTED, 1)
        self.page.text(left, top - 14, title, 14, weight="600")
        self.page.text(left + width / 2, top + height + 40, x_title, 13, anchor="middle")

    def line(self, points, colour, width, opacity):
        data = "".join(f"{'L' if i else 'M'}{number(self.x(x))} {number(self.y(y))}" for i, (x, y) in enumerate(points))
        self.page.path(data, colour, width, opacity)

    def shade(self, begin, end, colour):
        self.page.rect(self.x(begin), self.box[1], self.x(end) - self.x(begin), self.box[3], colour)

    def ticks(self, values, row, colour):
        """One short stroke a value, in row `row` from below."""
        top, bottom = self.y(row + 0.88), self.y(row + 0.12)
        data = "".join(f"M{number(self.x(v))} {number(top)}V{number(bottom)}" for v in values)
        if data:
            self.page.path(data, colour, 1.0)

    def row_labels(self, names):
        """(group, name) of each row from above; the group is written once, the names if there is room."""
        high = self.box[3] / len(names)
        for index, (group, name) in enumerate(names):
            middle = self.box[1] + (index + 0.5) * high
            if high >= 9:
                self.page.text(self.box[0] - 6, middle + 4, name.removeprefix("channel"), 10, anchor="end", colour=MUTED)
            if index and names[index - 1][0] != group:
                edge = number(self.box[1] + index * high)
                self.page.path(f"M{number(self.box[0])} {edge}h{number(self.box[2])}", GRID, 1)
        self.page.text(self.box[0] - 40, self.box[1] + self.box[3] / 2, "channel", 13, anchor="middle", turn=True)
